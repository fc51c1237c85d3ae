// SPDX-License-Identifier: Apache-2.0
//
// The drill, and how a human goes back at 3 a.m.
#include <algorithm>

#include "reports/html/page.hpp"
#include "reports/words.hpp"

namespace patchlab::reports::html {

namespace {

void write_practised(Writer& out, const char* what, bool restored, std::int64_t difference,
                     double seconds, const std::string& detail) {
    const bool good = restored && difference == 0;
    const auto item = out.open("li", {{"class", good ? "good" : "bad"}});
    out.element("span", {{"class", good ? "outcome good" : "outcome bad"}},
                good ? "\u2713" : "\u2715");
    out.element("strong", what);
    std::string words = restored ? " worked, in " + duration_text(seconds)
                                 : " did not work, after " + duration_text(seconds);
    if (restored)
        words += difference == 0
                     ? ", and nothing was left different."
                     : ", but " + std::to_string(difference) + " things were left different.";
    out.text(words);
    if (detail.empty()) return;
    const auto box = out.open("div", {{"class", "detail"}});
    out.guest(detail, 2000);
}

/// The command of a line that is one as a whole ("$ …" or four blanks before it), or nothing.
std::string_view command_in(std::string_view line) {
    for (const std::string_view mark : {std::string_view("$ "), std::string_view("    ")})
        if (line.starts_with(mark)) return line.substr(mark.size());
    return {};
}

/// What stands in backticks becomes code.
void write_sentence(Writer& out, std::string_view line) {
    for (bool code = false; !line.empty(); code = !code) {
        const std::size_t tick = std::min(line.find('`'), line.size());
        const std::string_view piece = line.substr(0, tick);
        if (code) out.guest_code(piece, 2000);
        else if (!piece.empty()) out.guest(piece, 2000);
        line.remove_prefix(std::min(tick + 1, line.size()));
    }
}

/// One numbered step for each sentence, with the commands that follow it inside.
void write_instructions(Writer& out, const std::vector<std::string>& lines) {
    const auto list = out.open("ol", {{"class", "instructions"}});
    for (std::size_t i = 0; i < lines.size();) {
        const auto item = out.open("li");
        if (command_in(lines[i]).empty()) write_sentence(out, lines[i++]);
        for (; i < lines.size() && !command_in(lines[i]).empty(); ++i) {
            const auto command =
                out.open("pre", {{"class", "command"}, {"dir", "ltr"}, {"tabindex", "0"}});
            out.guest(command_in(lines[i]), 2000);
        }
    }
}

}  // namespace

void write_way_back(Writer& out, const RunDocument& run) {
    const auto section = out.open("section", {{"aria-labelledby", "back"}});
    out.element("h2", {{"id", "back"}}, "How to go back");
    if (!run.drill) {
        out.element("p", "The way back was not practised in this run.");
        return;
    }
    {
        const RunDrill& drill = *run.drill;
        const auto list = out.open("ul", {{"class", "practised"}});
        write_practised(out, "Reverting to the checkpoint", drill.restored, drill.difference,
                        drill.seconds, "");
        if (drill.downgrade && drill.downgrade->possible) {
            const RunDowngrade& way = *drill.downgrade;
            write_practised(out, "Installing the exact old versions", way.restored, way.difference,
                            way.seconds, way.detail);
        } else if (drill.downgrade) {
            const auto item = out.open("li");
            out.text("Installing the exact old versions is not possible: ");
            out.guest(drill.downgrade->detail, 2000);
        }
    }
    if (run.drill->at_once)
        out.element(
            "p", "Both were practised at the same time, so that each took longer than by itself.");
    if (run.drill->instructions.empty()) return;
    out.element("h3", "At 3 a.m.");
    write_instructions(out, run.drill->instructions);
}

}  // namespace patchlab::reports::html
