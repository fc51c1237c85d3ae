// SPDX-License-Identifier: Apache-2.0
//
// Whole documents as output: to stdout, or to a file that is there whole or not at all.
#pragma once

#include <string>

namespace patchlab::cli {

/// `file` empty or "-": stdout. Error(not_found), Error(usage), Error(lab).
void write_output(const std::string& text, const std::string& file);

}  // namespace patchlab::cli
