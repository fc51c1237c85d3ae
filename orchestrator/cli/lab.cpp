// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/context.hpp"

namespace patchlab::cli {

void add_lab(CLI::App&, Context&) {}

}  // namespace patchlab::cli
