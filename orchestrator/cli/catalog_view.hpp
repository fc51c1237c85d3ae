// SPDX-License-Identifier: Apache-2.0
//
// Catalog entries and channels, as lists and in words; and the verbs that change the catalog.
#pragma once

#include <string>

#include "orchestrator/cli/context.hpp"

namespace patchlab::cli {

/// `request`: of catalog.list.
void print_entries(Context& context, const Json& request);
void print_entry(Context& context, const std::string& id);
/// `request`: of catalog.channels.
void print_channels(Context& context, const Json& request);

/// add, promote, supersede, withdraw, publish
void add_catalog_changes(CLI::App& noun, Context& context);

}  // namespace patchlab::cli
