// SPDX-License-Identifier: Apache-2.0
//
// A secret that somebody types, or that a program hands over through a descriptor: never a word of
// the command line, where every process of the host can read it. Thread safety: one at a time.
#pragma once

#include <string>

namespace patchlab::cli {

/// `descriptor` ≥ 0: its first line. Else asks on the terminal, without echo, and `twice` when it
/// must not be mistyped. Error(usage): neither; Error(invalid): it is empty, or the two differ.
std::string ask_secret(const std::string& prompt, int descriptor, bool twice = false);

}  // namespace patchlab::cli
