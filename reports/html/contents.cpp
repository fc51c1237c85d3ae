// SPDX-License-Identifier: Apache-2.0
//
// What a changed file says, before and after, below the row of its change. Folded where nobody has
// to look, and where it is long.
#include <algorithm>

#include "reports/html/page.hpp"
#include "reports/words.hpp"

namespace patchlab::reports::html {

namespace {

constexpr std::size_t lines_of_a_file = 400;
constexpr std::size_t open_up_to = 40;  ///< lines
constexpr std::size_t longest_line = 400;

const char* class_of(char sign) {
    if (sign == '+') return "add";
    return sign == '-' ? "del" : "same";
}

void write_line(Writer& out, const DiffLine& line) {
    const auto row = out.open("span", {{"class", class_of(line.sign)}});
    out.text(std::string(1, line.sign));
    out.guest(line.text, longest_line);
}

/// How many lines were shown.
std::size_t write_hunks(Writer& out, const std::vector<DiffHunk>& hunks, std::size_t room) {
    const auto pre = out.open("pre", {{"class", "diff"}, {"dir", "ltr"}, {"tabindex", "0"}});
    std::size_t shown = 0;
    for (const DiffHunk& hunk : hunks) {
        if (shown >= room) break;
        out.element("span", {{"class", "place"}}, hunk.title());
        for (std::size_t i = 0; i < std::min(hunk.lines.size(), room - shown); ++i)
            write_line(out, hunk.lines[i]);
        shown += hunk.lines.size();
    }
    return std::min(shown, room);
}

std::size_t count_of(const std::vector<DiffHunk>& hunks, char sign) {
    std::size_t count = 0;
    for (const DiffHunk& hunk : hunks)
        count += static_cast<std::size_t>(
            std::count_if(hunk.lines.begin(), hunk.lines.end(),
                          [&](const DiffLine& line) { return sign == 0 || line.sign == sign; }));
    return count;
}

}  // namespace

void write_content(Writer& out, const FileContents& file, bool to_look_at, ContentRoom& room) {
    if (!file.not_kept.empty()) {
        const auto note = out.open("p", {{"class", "note"}});
        out.text("Its content is not kept: ");
        out.guest(file.not_kept, 200);
        return out.text(".");
    }
    const auto hunks = file.hunks();
    const std::size_t lines = count_of(hunks, 0);
    const std::size_t wanted = std::min({lines, lines_of_a_file, room.lines});
    const bool open = to_look_at && lines <= open_up_to;
    const Attributes unfolded{{"class", "content"}, {"open", "open"}};
    const Attributes folded{{"class", "content"}};
    const auto box = out.open("details", open ? unfolded : folded);
    {
        const auto title = out.open("summary");
        out.text("Content of ");
        out.guest_code(file.path, 300);
        out.element("span", {{"class", "note"}},
                    " +" + number_text(count_of(hunks, '+')) + " \u2212" +
                        number_text(count_of(hunks, '-')) + " lines");
    }
    if (hunks.empty()) out.element("p", {{"class", "note"}}, "Only what was redacted differs.");
    else if (wanted > 0) write_hunks(out, hunks, wanted);
    room.lines -= wanted;
    if (wanted < lines) {
        const auto more = out.open("p", {{"class", "note"}});
        out.text(number_text(lines - wanted) + " more lines: ");
        out.guest_code("patchlab diff " + room.run + " --content " + file.path, 500);
    }
    if (file.redacted > 0)
        out.element(
            "p", {{"class", "note"}},
            count_text(file.redacted, "secret was", "secrets were") + " taken out of this text.");
}

}  // namespace patchlab::reports::html
