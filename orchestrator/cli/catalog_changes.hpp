// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

#include "orchestrator/cli/context.hpp"

namespace patchlab::cli {

/// The verbs that change the catalog: add, promote, supersede, withdraw, publish.
void add_catalog_changes(CLI::App& noun, Context& context);

}  // namespace patchlab::cli
