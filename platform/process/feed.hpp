// SPDX-License-Identifier: Apache-2.0
//
// A program that the user chose to look at a text with: it has our terminal, and gets the text on
// its stdin. Thread safety: one thread at a time, as long as no other waits for signals.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace patchlab::process {

/// Runs the program (its words; the first is looked up in PATH) and returns when it has ended.
/// `variable`: one "NAME=value" for its environment, or empty. False when there is no such program,
/// and then the text was not shown.
bool feed_program(const std::vector<std::string>& command, std::string_view text,
                  const std::string& variable);

}  // namespace patchlab::process
