// SPDX-License-Identifier: Apache-2.0
//
// What is shown of a run: its document, its screen, and the exit code of its verdict.
#pragma once

#include <string>

#include "orchestrator/cli/context.hpp"

namespace patchlab::cli {

/// The sealed document of a run that is over, or what can be told of one under way.
/// Error(not_found).
Json document_of(Context& context, const std::string& id);
/// The whole of a run on a screen: verdict, reasons, then where to read on.
void print_run(Context& context, const Json& document);
/// Of the contract: 0 validated, 5 needs-review, 1 rejected, 3 anything else.
int exit_of(const std::string& verdict);

}  // namespace patchlab::cli
