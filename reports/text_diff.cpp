// SPDX-License-Identifier: Apache-2.0
#include "reports/text_diff.hpp"

#include <algorithm>
#include <dtl/dtl.hpp>
#include <map>

#include "platform/core/text.hpp"

namespace patchlab::reports {

namespace {

constexpr std::size_t context = 3;
/// Lines before times lines after, without those at both ends that are the same: what is compared
/// in a moment.
constexpr std::size_t most_work = 16'000'000;

using Lines = std::vector<std::string_view>;
using Edits = std::vector<std::pair<char, std::string_view>>;

void add_all(Edits& edits, char sign, const Lines& lines, std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) edits.emplace_back(sign, lines[i]);
}

/// The lines between, as numbers: equal lines have the same.
std::vector<int> numbers(const Lines& lines, std::size_t from, std::size_t to,
                         std::map<std::string_view, int>& known) {
    std::vector<int> all;
    for (std::size_t i = from; i < to; ++i)
        all.push_back(known.try_emplace(lines[i], static_cast<int>(known.size())).first->second);
    return all;
}

void add_shortest(Edits& edits, const Lines& before, const Lines& after, std::size_t first,
                  std::size_t before_end, std::size_t after_end) {
    if ((before_end - first) * (after_end - first) > most_work || before_end == first ||
        after_end == first) {
        add_all(edits, '-', before, first, before_end);
        add_all(edits, '+', after, first, after_end);
        return;
    }
    std::map<std::string_view, int> known;
    dtl::Diff<int> diff(numbers(before, first, before_end, known),
                        numbers(after, first, after_end, known));
    diff.compose();
    std::size_t at_before = first, at_after = first;
    for (const auto& [number, info] : diff.getSes().getSequence()) {
        if (info.type == dtl::SES_ADD) edits.emplace_back('+', after[at_after++]);
        else if (info.type == dtl::SES_DELETE) edits.emplace_back('-', before[at_before++]);
        else {
            edits.emplace_back(' ', after[at_after++]);
            ++at_before;
        }
    }
}

Edits edits_of(const Lines& before, const Lines& after) {
    const std::size_t shorter = std::min(before.size(), after.size());
    std::size_t first = 0;
    while (first < shorter && before[first] == after[first]) ++first;
    std::size_t same_at_end = 0;
    while (same_at_end < shorter - first &&
           before[before.size() - 1 - same_at_end] == after[after.size() - 1 - same_at_end])
        ++same_at_end;
    Edits edits;
    add_all(edits, ' ', after, 0, first);
    add_shortest(edits, before, after, first, before.size() - same_at_end,
                 after.size() - same_at_end);
    add_all(edits, ' ', after, after.size() - same_at_end, after.size());
    return edits;
}

/// The edits that a hunk shows: [first, last).
std::vector<std::pair<std::size_t, std::size_t>> stretches(const Edits& edits) {
    std::vector<std::pair<std::size_t, std::size_t>> all;
    for (std::size_t i = 0; i < edits.size(); ++i) {
        if (edits[i].first == ' ') continue;
        const std::size_t first = i > context ? i - context : 0;
        const std::size_t last = std::min(i + context + 1, edits.size());
        if (all.empty() || first > all.back().second) all.emplace_back(first, last);
        else all.back().second = last;
    }
    return all;
}

std::string range(std::size_t line, std::size_t count) {
    // of nothing, the line before it is named
    return std::to_string(count == 0 && line > 0 ? line - 1 : line) +
           (count == 1 ? "" : "," + std::to_string(count));
}

}  // namespace

std::string DiffHunk::title() const {
    return "@@ -" + range(before_line, before_count) + " +" + range(after_line, after_count) +
           " @@";
}

std::vector<DiffHunk> diff_of_texts(std::string_view before, std::string_view after) {
    const Edits edits = edits_of(split_lines(before), split_lines(after));
    std::vector<DiffHunk> hunks;
    std::size_t before_line = 1, after_line = 1, done = 0;
    const auto step = [&](char sign) {
        before_line += sign != '+';
        after_line += sign != '-';
    };
    for (const auto& [first, last] : stretches(edits)) {
        for (; done < first; ++done) step(edits[done].first);
        DiffHunk hunk{before_line, 0, after_line, 0, {}};
        for (; done < last; ++done) {
            const auto& [sign, line] = edits[done];
            hunk.before_count += sign != '+';
            hunk.after_count += sign != '-';
            hunk.lines.push_back({sign, std::string(line)});
            step(sign);
        }
        hunks.push_back(std::move(hunk));
    }
    return hunks;
}

std::string unified_text(const std::vector<DiffHunk>& hunks, const std::string& before_name,
                         const std::string& after_name) {
    if (hunks.empty()) return "";
    std::string text = "--- " + before_name + "\n+++ " + after_name + "\n";
    for (const DiffHunk& hunk : hunks) {
        text += hunk.title() + "\n";
        for (const DiffLine& line : hunk.lines) text += line.sign + line.text + "\n";
    }
    return text;
}

}  // namespace patchlab::reports
