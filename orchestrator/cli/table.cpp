// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/table.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <set>
#include <utility>

#include "platform/core/text.hpp"
#include "platform/core/text_width.hpp"

namespace patchlab::cli {

namespace {

constexpr std::size_t gap = 2;        ///< blanks between two columns
constexpr std::size_t narrowest = 8;  ///< a column is not cut further

/// Only these columns say how something went: a version that is called "validated" is no verdict.
bool says_how_it_went(const std::string& title) {
    static const std::set<std::string> titles{"STATE", "VERDICT", "STATUS", "OUTCOME", "NEED"};
    return titles.contains(title);
}

Style style_of(const std::string& title, const std::string& cell) {
    static const std::array<std::pair<Style, std::set<std::string>>, 3> words{
        {{Style::good,
          {"validated", "ok", "good", "delivered", "finished", "offered", "current", "in force",
           "in use", "intact", "sent"}},
         {Style::bad,
          {"rejected", "failed", "NO", "fail", "quarantined", "halted", "not delivered",
           "unreachable", "interrupted", "vulnerable"}},
         {Style::unsure,
          {"needs-review", "inconclusive", "warn", "withdrawn", "aborted", "cancelled", "unknown",
           "outdated"}}}};
    if (!says_how_it_went(title)) return Style::plain;
    for (const auto& [style, known] : words)
        if (known.contains(cell)) return style;
    return Style::plain;
}

using Widths = std::vector<std::size_t>;

Widths widths_of(const Rows& rows, std::size_t columns) {
    Widths widths(columns, 0);
    for (const Cells& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], display_width(row[i]));
    return widths;
}

/// Takes from the widest column but the first until all fit.
void fit(Widths& widths, std::size_t room) {
    if (widths.size() < 2) return;
    const auto total = [&] {
        return std::accumulate(widths.begin(), widths.end(), gap * (widths.size() - 1));
    };
    for (std::size_t all = total(); all > room; all = total()) {
        const auto widest = std::max_element(widths.begin() + 1, widths.end());
        if (*widest <= narrowest) return;
        --*widest;
    }
}

/// The rows, the titles first, without the columns that are not asked for; each cell one line.
Rows chosen(const std::vector<Column>& columns, const Rows& rows, bool with_wide) {
    Rows all(rows.size() + 1);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].wide_only && !with_wide) continue;
        all[0].push_back(columns[i].title);
        for (std::size_t row = 0; row < rows.size(); ++row)
            all[row + 1].push_back(i < rows[row].size() ? one_line(rows[row][i]) : "");
    }
    return all;
}

Line line_of(const Cells& cells, const Cells& titles, const Widths& widths, bool title) {
    Line line;
    std::size_t last = cells.size();
    while (last > 0 && cells[last - 1].empty()) --last;
    for (std::size_t i = 0; i < last; ++i) {
        const std::string cell = cut_to_width(cells[i], widths[i]);
        line.emplace_back(cell, title ? Style::bold : style_of(titles[i], cells[i]));
        if (i + 1 < last)
            line.emplace_back(std::string(widths[i] - display_width(cell) + gap, ' '));
    }
    return line;
}

}  // namespace

std::vector<Line> table_lines(const std::vector<Column>& columns, const Rows& rows,
                              const TableForm& form) {
    const Rows all = chosen(columns, rows, form.wide);
    const Cells& titles = all.front();
    Widths widths = widths_of(all, titles.size());
    if (form.width > 0) fit(widths, form.width);
    std::vector<Line> lines;
    for (std::size_t row = form.header ? 0 : 1; row < all.size(); ++row)
        lines.push_back(line_of(all[row], titles, widths, row == 0));
    return lines;
}

}  // namespace patchlab::cli
