// SPDX-License-Identifier: Apache-2.0
//
// The parts that all pages are made of.
#include <algorithm>
#include <cmath>

#include "orchestrator/service/console/view.hpp"
#include "platform/core/error.hpp"
#include "platform/core/text_units.hpp"
#include "reports/words.hpp"

namespace patchlab::service::console {

void link(Writer& out, const std::string& to, std::string_view text) {
    out.element("a", {{"href", to}}, text);
}

void guest_link(Writer& out, const std::string& to, std::string_view text) {
    const auto anchor = out.open("a", {{"href", to}});
    out.guest(text, 300);
}

void copyable(Writer& out, std::string_view text, std::string_view shown) {
    const auto whole = out.open("span", {{"class", "id"}});
    out.guest_code(shown.empty() ? text : shown, 400);
    out.element("button",
                {{"type", "button"},
                 {"class", "copy"},
                 {"hidden", "hidden"},
                 {"data-copy", std::string(text)}},
                "Copy");
}

std::string distance(TimePoint time, TimePoint now) {
    const double seconds = std::chrono::duration<double>(now - time).count();
    if (std::abs(seconds) < 60) return seconds < 0 ? "in less than a minute" : "just now";
    const std::string rough = rough_duration_text(std::abs(seconds));
    return seconds < 0 ? "in " + rough : rough + " ago";
}

std::string distance_of(const std::string& rfc3339, TimePoint now) {
    try {
        return distance(from_rfc3339(rfc3339), now);
    } catch (const Error&) {
        return rfc3339;
    }
}

void moment(Writer& out, const std::string& rfc3339, TimePoint now) {
    if (rfc3339.empty()) {
        out.element("span", {{"class", "note"}}, "never");
        return;
    }
    try {
        const TimePoint time = from_rfc3339(rfc3339);
        out.element("time", {{"datetime", rfc3339}, {"title", reports::time_words(rfc3339)}},
                    distance(time, now));
    } catch (const Error&) {
        out.guest(rfc3339, 60);
    }
}

namespace {

const char* sign_of_tone(std::string_view tone) {
    if (tone == "good") return "\u2713 ";
    if (tone == "bad") return "\u2715 ";
    if (tone == "warn") return "! ";
    if (tone == "unsure") return "? ";
    return "";
}

}  // namespace

void outcome(Writer& out, const char* tone, std::string_view words) {
    const auto whole = out.open("span", {{"class", std::string("outcome ") + tone}});
    if (*sign_of_tone(tone))
        out.element("span", {{"class", "mark"}, {"aria-hidden", "true"}}, sign_of_tone(tone));
    out.guest(words, 120);
}

void tag(Writer& out, const char* tone, std::string_view words) {
    const auto whole = out.open("span", {{"class", std::string("tag ") + tone}});
    out.guest(words, 120);
}

std::string in_words(std::string_view state) {
    std::string words(state);
    std::replace(words.begin(), words.end(), '-', ' ');
    return words;
}

void verdict_mark(Writer& out, const std::string& verdict, const std::string& state) {
    if (verdict == "validated") return outcome(out, "good", "validated");
    if (verdict == "needs-review") return outcome(out, "warn", "needs review");
    if (verdict == "rejected") return outcome(out, "bad", "rejected");
    if (verdict == "inconclusive") return outcome(out, "unsure", "inconclusive");
    outcome(out, "plain", state.empty() ? "no verdict" : state);
}

void heading(Writer& out, std::string_view title, std::string_view below) {
    const auto head = out.open("header", {{"class", "head"}});
    {
        const auto h1 = out.open("h1");
        out.guest(title, 200);
    }
    if (below.empty()) return;
    const auto line = out.open("p", {{"class", "below"}});
    out.guest(below, 400);
}

Region::Region(Writer& out, const char* id, std::string_view title)
    : element_(out.open("section", {{"data-region", id}, {"aria-labelledby", id}})) {
    const auto head = out.open("h2", {{"id", id}});
    out.guest(title, 200);
}

void table_head(Writer& out, std::string_view caption, const std::vector<const char*>& titles) {
    out.element("caption", caption);
    const auto head = out.open("thead");
    const auto row = out.open("tr");
    for (const char* title : titles) out.element("th", {{"scope", "col"}}, title);
}

Writer::Element cell(Writer& out, const char* title) {
    return out.open("td", {{"data-label", title}});
}

void text_cell(Writer& out, const char* title, std::string_view text) {
    const auto one = cell(out, title);
    out.text(text);
}

void guest_cell(Writer& out, const char* title, std::string_view text) {
    const std::string css = text.empty() ? "none" : "said";
    const auto one = out.open("td", {{"data-label", title}, {"class", css}});
    out.guest(text, 300);
}

void moment_cell(const View& view, const char* title, const std::string& rfc3339) {
    const auto one = cell(view.out, title);
    moment(view.out, rfc3339, view.visit.now);
}

void name_cell(Writer& out, const std::string& to, std::string_view name) {
    const auto one = out.open("th", {{"scope", "row"}});
    guest_link(out, to, name);
}

void head_cell(Writer& out, std::string_view name, std::size_t most) {
    const auto one = out.open("th", {{"scope", "row"}});
    out.guest(name, most);
}

void detail_line(Writer& out, std::string_view text, std::size_t most) {
    const auto line = out.open("div", {{"class", "detail"}});
    out.guest(text, most);
}

void nothing_here(Writer& out, std::string_view title, std::string_view how,
                  std::string_view command) {
    const auto box = out.open("div", {{"class", "nothing"}});
    out.element("p", {{"class", "nothing-title"}}, title);
    out.element("p", how);
    if (!command.empty()) copyable(out, command);
}

void write_words_of(Writer& out, const Failure& failure, std::size_t most) {
    {
        const auto line = out.open("p");
        out.guest(failure.message, most);
    }
    if (failure.advice.empty()) return;
    const auto line = out.open("p", {{"class", "note"}});
    out.guest(failure.advice, most);
}

bool write_failure(const View& view, std::string_view key, std::string_view what) {
    if (view.document(key)) return false;
    const Failure* failure = view.failure(key);
    const bool forbidden = failure && failure->is("not_allowed");
    const auto box = view.out.open("div", {{"class", forbidden ? "reason unsure" : "reason warn"}});
    if (!failure) {
        view.out.element("p", std::string(what) + " was not asked for.");
        return true;
    }
    view.out.element("p", {{"class", "title"}},
                     forbidden ? "Forbidden: you may not see " + std::string(what)
                               : "No answer about " + std::string(what));
    write_words_of(view.out, *failure, 1000);
    return true;
}

void fact(Writer& out, const char* tone, std::string_view label, std::string_view value,
          std::string_view note) {
    const auto item = out.open("div", {{"class", std::string("fact ") + tone}});
    out.element("dt", label);
    const auto answer = out.open("dd");
    {
        const auto strong = out.open("strong");
        out.guest(value, 200);
    }
    if (note.empty()) return;
    const auto small = out.open("span");
    out.guest(note, 300);
}

void pair(Writer& out, std::string_view label, std::string_view value) {
    const auto item = out.open("div");
    out.element("dt", label);
    const auto answer = out.open("dd");
    if (value.empty()) out.element("span", {{"class", "note"}}, "\u2013");
    else out.guest(value, 400);
}

void moment_pair(const View& view, std::string_view label, const std::string& rfc3339) {
    if (rfc3339.empty()) return pair(view.out, label, {});
    const auto item = view.out.open("div");
    view.out.element("dt", label);
    const auto answer = view.out.open("dd");
    moment(view.out, rfc3339, view.visit.now);
}

void copyable_pair(Writer& out, std::string_view label, std::string_view text,
                   std::string_view shown) {
    const auto item = out.open("div");
    out.element("dt", label);
    const auto answer = out.open("dd");
    copyable(out, text, shown);
}

void hidden_field(Writer& out, std::string_view name, std::string_view value) {
    out.lone("input",
             {{"type", "hidden"}, {"name", std::string(name)}, {"value", std::string(value)}});
}

void write_option(Writer& out, const std::string& value, bool chosen, std::string_view text) {
    std::vector<Attribute> attributes{{"value", value}};
    if (chosen) attributes.push_back({"selected", "selected"});
    const auto option = out.open_with("option", attributes);
    out.text(text);
}

void filter_choice(const View& view, const std::string& name, std::string_view label,
                   const std::vector<std::string>& values) {
    Writer& out = view.out;
    const std::string id = "filter-" + name;
    const auto box = out.open("div", {{"class", "field"}});
    out.element("label", {{"for", id}}, label);
    const auto select = out.open("select", {{"id", id}, {"name", name}});
    out.element("option", {{"value", ""}}, "any");
    for (const std::string& value : values)
        write_option(out, value, view.query(name) == value, value);
}

}  // namespace patchlab::service::console
