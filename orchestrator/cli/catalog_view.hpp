// SPDX-License-Identifier: Apache-2.0
//
// Catalog entries and channels, as lists and in words.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/cli/context.hpp"

namespace patchlab::cli {

/// The catalog of the state folder; nothing is recorded by opening it.
catalog::Catalog open_catalog(Context& context);

/// Schema patchlab/catalog/v1; `channel` empty: all entries.
void print_entries(Context& context, const std::string& channel);
/// The entry itself (patchlab/entry/v1), with where it stands.
void print_entry(Context& context, const std::string& id);
/// Schema patchlab/channels/v1.
void print_channels(Context& context);
/// Schema patchlab/published/v1.
void print_published(Context& context, const std::vector<catalog::Published>& published);

}  // namespace patchlab::cli
