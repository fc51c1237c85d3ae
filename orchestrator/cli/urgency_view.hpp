// SPDX-License-Identifier: Apache-2.0
//
// How urgent a patch is and what became of earlier ones, as text. Thread safety: one thread.
#pragma once

#include "orchestrator/cli/context.hpp"

namespace patchlab::cli {

/// "2026-12-03 (overdue)", "at the next upgrade", with the date at best where answers are assumed.
std::string due_text(const JsonReader& ranked);
/// The section of `patch show` that says when the patch is due and why, answer by answer.
void print_urgency(const JsonReader& ranked);
/// What became of earlier updates of the package.
void print_history(const JsonReader& history);

}  // namespace patchlab::cli
