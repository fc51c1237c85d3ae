// SPDX-License-Identifier: Apache-2.0
//
// `run start`, and what is shown of a run.
#pragma once

#include "orchestrator/cli/context.hpp"

namespace patchlab::cli {

void add_run_start(CLI::App& noun, Context& context);
/// wait and compare
void add_run_comparing(CLI::App& noun, Context& context);

/// Whether a response is a run, and not only the news that it was started.
bool is_run_document(const Json& document);
Style style_of_verdict(const std::string& verdict);
/// The whole of a run on a screen: verdict, reasons, then where to read on.
void print_run(Context& context, const Json& document);

}  // namespace patchlab::cli
