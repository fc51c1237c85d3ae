// SPDX-License-Identifier: Apache-2.0
//
// Two texts compared line by line, as `diff -u` shows it. Pure; thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace patchlab::reports {

struct DiffLine {
    char sign = ' ';  ///< ' ' in both, '-' before alone, '+' after alone
    std::string text;
    bool operator==(const DiffLine&) const = default;
};

/// A stretch of lines that differ, with up to three that do not around it.
struct DiffHunk {
    std::size_t before_line = 0, before_count = 0, after_line = 0, after_count = 0;
    std::vector<DiffLine> lines;
    /// "@@ -3,7 +3,8 @@"
    std::string title() const;
};

/// Empty when both are the same. Very long texts that differ in very much are shown as a whole
/// removed and a whole added.
std::vector<DiffHunk> diff_of_texts(std::string_view before, std::string_view after);

/// The hunks as `diff -u` writes them, with the two names above them.
std::string unified_text(const std::vector<DiffHunk>& hunks, const std::string& before_name,
                         const std::string& after_name);

}  // namespace patchlab::reports
