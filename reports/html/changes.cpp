// SPDX-License-Identifier: Apache-2.0
//
// What changed: unexplained first and open, then sensitive, then unreadable, then the explained
// ones by package, folded.
#include <algorithm>
#include <map>

#include "platform/core/text.hpp"
#include "platform/core/text_units.hpp"
#include "reports/html/page.hpp"
#include "reports/words.hpp"

namespace patchlab::reports::html {

namespace {

constexpr std::size_t listed_to_look_at = 1000;       ///< unexplained, sensitive, unreadable: each
constexpr std::size_t listed_of_a_package = 100;      ///< explained
constexpr std::size_t listed_of_all_packages = 2000;  ///< so that the page of a kernel stays small

using Changes = std::vector<const RunChange*>;

/// How much of each change a table shows.
struct Room {
    std::size_t subject;  ///< bytes
    std::size_t value;
    bool machine;
    bool to_look_at;  ///< with the content of files unfolded
};

/// What the evidence keeps of files, and how much of it the page still takes.
struct Kept {
    const Contents& contents;
    ContentRoom& room;
};

const char* sign_of(const RunChange& change) {
    if (change.change == "added") return "+ ";
    if (change.change == "removed") return "\u2212 ";
    return change.unreadable() ? "? " : "~ ";
}

void kind_cell(Writer& out, const RunChange& change) {
    const auto cell = out.open("th", {{"scope", "row"}, {"role", "rowheader"}, {"class", "kind"}});
    out.text(sign_of(change));
    out.guest(change.cls, 40);
    out.text(" ");
    out.guest(change.change, 20);
}

/// Why it matters stands before why it is so.
void concern_line(Writer& out, const RunChange& change) {
    if (change.concern.empty()) return;
    const auto concern = out.open("div", {{"class", "concern"}});
    out.guest(change.concern, 400);
}

void subject_cell(Writer& out, const RunChange& change, const Room& room) {
    const auto cell = out.open("td", {{"role", "cell"}});
    out.guest_code(change.subject, room.subject);
    if (change.unexplained() && change.sensitive)
        out.element("span", {{"class", "tag warn"}}, "sensitive");
    if (room.machine) {
        const auto machine = out.open("span", {{"class", "note"}});
        out.text(" on ");
        out.guest(change.machine, 80);
    }
    concern_line(out, change);
    if (change.why.empty()) return;
    const auto why = out.open("div", {{"class", "detail"}});
    out.guest(change.why, 400);
}

void value(Writer& out, const std::optional<std::string>& text, std::size_t max_bytes) {
    if (text) out.guest_code(with_short_digests(*text), max_bytes);
    else out.element("em", "nothing");
}

/// What differs, in words; documents of older versions have both values alone.
void values_cell(Writer& out, const RunChange& change, const Room& room) {
    const auto cell = out.open("td", {{"role", "cell"}, {"class", "values"}});
    if (!change.differs.empty())
        return out.guest(with_short_digests(change.differs), 2 * room.value);
    if (!change.before && !change.after) return;
    value(out, change.before, room.value);
    out.element("span", {{"class", "arrow"}}, " \u2192 ");
    value(out, change.after, room.value);
}

void content_row(Writer& out, const RunChange& change, bool to_look_at, const Kept& kept) {
    const auto files = kept.contents.of(change.machine, change.files);
    if (files.empty()) return;
    const auto row = out.open("tr", {{"role", "row"}, {"class", "said"}});
    const auto cell = out.open("td", {{"role", "cell"}, {"colspan", "3"}});
    for (const FileContents* file : files) write_content(out, *file, to_look_at, kept.room);
}

void write_table(Writer& out, const Changes& changes, std::size_t limit, const Room& room,
                 const std::string& caption, const Kept& kept) {
    const auto table = out.open("table", {{"class", "stack changes"}, {"role", "table"}});
    out.element("caption", caption);
    {
        const auto head = out.open("thead", {{"role", "rowgroup"}});
        const auto row = out.open("tr", {{"role", "row"}});
        for (const char* title : {"Change", "What", "What differs"})
            out.element("th", {{"scope", "col"}, {"role", "columnheader"}}, title);
    }
    const auto body = out.open("tbody", {{"role", "rowgroup"}});
    for (std::size_t i = 0; i < std::min(limit, changes.size()); ++i) {
        {
            const auto row = out.open("tr", {{"role", "row"}});
            kind_cell(out, *changes[i]);
            subject_cell(out, *changes[i], room);
            values_cell(out, *changes[i], room);
        }
        content_row(out, *changes[i], room.to_look_at, kept);
    }
}

void say_what_is_left_out(Writer& out, std::size_t listed, std::size_t there) {
    if (listed < there)
        out.element("p", {{"class", "note"}},
                    "The first " + number_text(listed) + " of " + number_text(there) +
                        " are listed here; all are in run.json of the evidence.");
}

struct Part {
    const char* title;
    const char* tone;
    const char* meaning;
    Changes changes;
    std::uint64_t count;  ///< what the document counts; it may list fewer
};

void write_part(Writer& out, const Part& part, bool several_machines, const Kept& kept) {
    const std::uint64_t count = std::max<std::uint64_t>(part.count, part.changes.size());
    if (count == 0) return;
    const auto box = out.open("div", {{"class", std::string("reason ") + part.tone}});
    out.element("h3", std::string(part.title) + ": " + number_text(count));
    out.element("p", {{"class", "note"}}, part.meaning);
    if (!part.changes.empty())
        write_table(out, part.changes, listed_to_look_at, {600, 300, several_machines, true},
                    part.title, kept);
    say_what_is_left_out(out, std::min(part.changes.size(), listed_to_look_at),
                         static_cast<std::size_t>(count));
}

void write_explained(Writer& out, const std::map<std::string, Changes>& packages,
                     bool several_machines, const Kept& kept) {
    if (packages.empty()) return;
    out.element("h3", "Explained by the patch");
    std::size_t left = listed_of_all_packages;
    for (const auto& [package, changes] : packages) {
        const std::size_t listed = std::min({changes.size(), listed_of_a_package, left});
        left -= listed;
        const auto box = out.open("details", {{"class", "suite"}});
        {
            const auto title = out.open("summary");
            out.guest(package, 120);
            const auto note = out.open("span", {{"class", "note"}});
            out.text(count_text(changes.size(), "change", "changes") + ": ");
            out.guest(classes_in_words(changes), 300);
        }
        if (listed > 0)
            write_table(out, changes, listed, {300, 160, several_machines, false},
                        "Changes explained by " + package, kept);
        say_what_is_left_out(out, listed, changes.size());
    }
}

bool on_several_machines(const std::vector<RunChange>& items) {
    return std::any_of(items.begin(), items.end(), [&](const RunChange& item) {
        return item.machine != items.front().machine;
    });
}

}  // namespace

void write_changes(Writer& out, const RunDocument& run, const Contents& contents) {
    const RunChanges& changes = run.changes;
    ContentRoom room{run.id};
    const Kept kept{contents, room};
    const auto section = out.open("section", {{"aria-labelledby", "changes"}});
    out.element("h2", {{"id", "changes"}}, "What changed");
    Part unexplained{
        "Unexplained",
        "warn",
        "Nothing in the patch accounts for these, and the unpatched clone did not do them.",
        {},
        changes.unexplained_and_read()};
    Part sensitive{
        "Sensitive",
        "warn",
        "The patch accounts for these, but they touch what an attacker would touch: look at each.",
        {},
        0};
    Part unreadable{"Unreadable",
                    "unsure",
                    "These could not be compared. Nothing is concluded about them.",
                    {},
                    changes.unreadable};
    std::map<std::string, Changes> explained;
    for (const RunChange& change : changes.items) {
        if (change.noise()) continue;
        if (change.unreadable()) unreadable.changes.push_back(&change);
        else if (change.unexplained()) unexplained.changes.push_back(&change);
        else if (change.sensitive) sensitive.changes.push_back(&change);
        else explained[change.package].push_back(&change);
    }
    const bool several = on_several_machines(changes.items);
    // with the sensitive ones first among the unexplained: a new root user stands above a stray log
    // file
    std::stable_partition(unexplained.changes.begin(), unexplained.changes.end(),
                          [](const RunChange* c) { return c->sensitive; });
    for (const Part* part : {&unexplained, &sensitive, &unreadable})
        write_part(out, *part, several, kept);
    write_explained(out, explained, several, kept);
    if (changes.total == 0 && changes.items.empty())
        out.element("p", "No change was found or none was looked for.");
    if (changes.noise > 0)
        out.element("p", {{"class", "note"}},
                    count_text(changes.noise, "further change is", "further changes are") +
                        " noise: the unpatched control clone did the same.");
}

}  // namespace patchlab::reports::html
