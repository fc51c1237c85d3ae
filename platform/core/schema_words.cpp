// SPDX-License-Identifier: Apache-2.0
//
// The two questions about words that a validator asks: what was probably meant, and does it match.
#include <regex.h>

#include <algorithm>
#include <memory>

#include "platform/core/error.hpp"
#include "platform/core/schema.hpp"

namespace patchlab {

namespace {

/// Insertions, deletions, replacements and swaps of neighbours that lead from `a` to `b`.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last, last, row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        before_last = std::move(last);
        last = row;
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min(
                {last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
    }
    return row[b.size()];
}

}  // namespace

std::string nearest_word(std::string_view word, const std::vector<std::string>& known) {
    if (word.size() > 64) return {};
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const std::string& candidate : known)
        if (const std::size_t distance = edit_distance(word, candidate); distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    return best;
}

bool matches_pattern(const std::string& text, const std::string& pattern) {
    regex_t compiled;
    if (const int error = regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB);
        error != 0) {
        char why[128];
        regerror(error, &compiled, why, sizeof why);
        throw Error(ErrorCode::invalid, "'" + pattern + "' is not a regular expression: " + why);
    }
    const std::unique_ptr<regex_t, void (*)(regex_t*)> owner(&compiled, &regfree);
    return regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
}

}  // namespace patchlab
