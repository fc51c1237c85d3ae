// SPDX-License-Identifier: Apache-2.0
//
// The change explorer: what a run changed, unexplained and sensitive first, in pages, each change
// with an address of its own. One file's content is asked for when its page is opened.
#include <algorithm>
#include <array>

#include "orchestrator/service/console/rows.hpp"
#include "orchestrator/service/console/runs.hpp"
#include "platform/core/text.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::service::console {

namespace {

constexpr std::size_t changes_a_page = 100;
constexpr std::size_t diff_lines = 3000;

std::vector<Call> changes_calls(const Visit& visit) {
    Json request{{"run", visit.params.one("run")}};
    const std::string only = visit.query.one("only");
    if (only == "review" || only == "unexplained" || only == "sensitive") request[only] = true;
    if (const std::string machine = visit.query.one("machine"); !machine.empty())
        request["machine"] = machine;
    if (const auto classes = visit.query.every("class"); !classes.empty())
        request["classes"] = classes;
    std::vector<Call> calls{{"diff", "run.diff", request}};
    if (const std::string path = visit.query.one("file"); !path.empty())
        calls.push_back(
            {"content", "run.diff", {{"run", visit.params.one("run")}, {"path", path}}});
    return calls;
}

bool is_sensitive(const Json& change) { return flag_at(change, "sensitive"); }
bool is_unexplained(const Json& change) { return text_at(change, "attribution") == "unexplained"; }

/// 0: nothing explains it; 1: explained, and sensitive; 2: explained; 3: noise
int weight_of(const Json& change) {
    if (is_unexplained(change)) return 0;
    if (text_at(change, "attribution") == "noise") return 3;
    return is_sensitive(change) ? 1 : 2;
}

std::vector<const Json*> sorted_changes(const View& view, const Json& diff) {
    const std::string wanted = view.query("q");
    std::vector<const Json*> changes;
    for (const Json& change : list_at(diff, "items"))
        if (wanted.empty() || text_at(change, "subject").find(wanted) != std::string::npos)
            changes.push_back(&change);
    std::stable_sort(changes.begin(), changes.end(),
                     [](const Json* a, const Json* b) { return weight_of(*a) < weight_of(*b); });
    return changes;
}

void write_attribution(const View& view, const Json& change) {
    const auto one = cell(view.out, "Explained by");
    switch (weight_of(change)) {
        case 0: outcome(view.out, "warn", "unexplained"); break;
        case 3: outcome(view.out, "plain", "noise"); break;
        default: view.out.guest(text_at(change, "attribution"), 100);
    }
    if (is_sensitive(change)) tag(view.out, "warn", "sensitive");
    if (const std::string concern = text_at(change, "concern"); !concern.empty())
        detail_line(view.out, concern, 300);
}

void write_subject(const View& view, const Json& change) {
    const auto name = view.out.open("th", {{"scope", "row"}});
    view.out.guest_code(text_at(change, "subject"), 300);
    const auto detail = view.out.open("div", {{"class", "detail"}});
    view.out.guest(text_at(change, "differs"), 400);
    for (const std::string& file : texts_at(change, "files")) {
        view.out.text(" ");
        view.out.element("a", {{"href", this_page_with(view.visit, {{"file", file}}) + "#content"}},
                         "content");
    }
}

void write_change(const View& view, const Json& change, std::size_t number) {
    const std::string id = "c" + std::to_string(number);
    const auto row = view.out.open(
        "tr", {{"id", id}, {"class", "change"}, {"data-filter", text_at(change, "subject")}});
    {
        const auto one = cell(view.out, "");
        view.out.element(
            "a",
            {{"href",
              this_page_with(view.visit,
                             {{"page", std::to_string((number - 1) / changes_a_page + 1)}}) +
                  "#" + id},
             {"data-row", "on"},
             {"aria-label", "Change " + std::to_string(number)}},
            std::to_string(number));
    }
    write_subject(view, change);
    {
        const auto one = cell(view.out, "What");
        view.out.guest(text_at(change, "class") + " " + text_at(change, "change"), 80);
    }
    guest_cell(view.out, "Machine", text_at(change, "machine"));
    write_attribution(view, change);
}

void write_only(const View& view) {
    struct Only {
        const char* value;
        const char* words;
    };
    constexpr std::array<Only, 4> all{{{"", "All"},
                                       {"review", "To look at"},
                                       {"unexplained", "Unexplained"},
                                       {"sensitive", "Sensitive"}}};
    const auto nav =
        view.out.open("nav", {{"class", "tabs small"}, {"aria-label", "Which changes"}});
    for (const Only& one : all) {
        std::vector<Attribute> attributes{
            {"href",
             this_page_with(view.visit, {{"only", one.value}, {"page", ""}, {"file", ""}})}};
        if (view.query("only") == one.value) attributes.push_back({"aria-current", "page"});
        const auto anchor = view.out.open_with("a", attributes);
        view.out.text(one.words);
    }
}

void write_search_changes(const View& view) {
    const auto form = view.out.open("form", {{"method", "get"}, {"class", "filter"}});
    for (const char* kept : {"only", "machine"})
        if (const std::string value = view.query(kept); !value.empty())
            hidden_field(view.out, kept, value);
    {
        const auto box = view.out.open("div", {{"class", "field"}});
        view.out.element("label", {{"for", "change-q"}}, "Path or name contains");
        view.out.lone("input", {{"id", "change-q"},
                                {"name", "q"},
                                {"type", "search"},
                                {"data-filters", "changes"},
                                {"value", view.query("q")}});
    }
    view.out.element("button", {{"type", "submit"}}, "Filter");
}

const char* kind_of_line(std::string_view line) {
    if (line.starts_with("+++") || line.starts_with("---") || line.starts_with("@@"))
        return "place";
    if (line.starts_with("+")) return "add";
    return line.starts_with("-") ? "del" : "same";
}

void write_diff_text(const View& view, const Json& content) {
    if (const std::string why = text_at(content, "not_kept"); !why.empty()) {
        const auto line = view.out.open("p", {{"class", "note"}});
        view.out.text("The evidence has no text of it: ");
        view.out.guest(why, 300);
        return;
    }
    if (number_at(content, "redacted") > 0)
        view.out.element("p", {{"class", "note"}},
                         count_text(number_at(content, "redacted"), "secret") + " taken out.");
    const std::string text = text_at(content, "text");
    const auto lines = split_lines(text);
    const auto pre = view.out.open("pre", {{"class", "diff"}, {"tabindex", "0"}});
    for (std::size_t i = 0; i < lines.size() && i < diff_lines; ++i) {
        const auto line = view.out.open("span", {{"class", kind_of_line(lines[i])}});
        view.out.guest(lines[i], 2000);
    }
}

void write_content(const View& view) {
    if (view.query("file").empty()) return;
    const Region section(view.out, "content", view.query("file"));
    {
        const auto line = view.out.open("p");
        link(view.out, this_page_with(view.visit, {{"file", ""}}), "Close");
    }
    if (write_failure(view, "content", "the content of this file")) return;
    bool any = false;
    for (const Json& change : list_at(*view.document("content"), "items"))
        for (const Json& content : list_at(change, "contents")) {
            any = true;
            const auto title = view.out.open("h3");
            view.out.guest(text_at(change, "machine"), 80);
            view.out.text(", ");
            view.out.guest(text_at(change, "why"), 200);
            write_diff_text(view, content);
        }
    if (!any) view.out.element("p", "The evidence keeps no content of this file.");
}

void write_table(const View& view, const std::vector<const Json*>& changes) {
    const Cut cut = cut_page(view.visit, changes.size(), changes_a_page);
    {
        const auto table =
            view.out.open("table", {{"class", "stack explorer"}, {"data-rows", "on"}});
        table_head(view.out, "Changes of the run",
                   {"No.", "Subject", "What", "Machine", "Explained by"});
        const auto body = view.out.open("tbody", {{"data-name", "changes"}});
        for (std::size_t i = cut.from; i < cut.to; ++i) write_change(view, *changes[i], i + 1);
    }
    pager(view, cut, "changes");
}

void render_changes(const View& view) {
    const std::string run = view.param("run");
    heading(view.out, "Changes of " + run,
            "What nothing explains first, then what is sensitive. Keys: j and k move, Enter "
            "opens the content.");
    run_tabs(view, run, "Changes");
    write_only(view);
    write_search_changes(view);
    write_content(view);
    {
        const Region section(view.out, "list", "Changes");
        if (write_failure(view, "diff", "the changes")) return;
        const Json& diff = *view.document("diff");
        const auto changes = sorted_changes(view, diff);
        if (!flag_at(diff, "compared"))
            nothing_here(view.out, "Nothing was compared.",
                         "The run did not get so far. No change here means nothing.");
        else if (changes.empty())
            nothing_here(view.out, "No change fits.",
                         "The machines were compared, and nothing of this kind differs.");
        else write_table(view, changes);
    }
    from_a_shell(view, {{"diff " + shell_word(run) + " --review --content",
                         "run.diff",
                         {{"run", run}, {"review", true}, {"content", true}}}});
}

}  // namespace

std::vector<Screen> change_screens() {
    return {{"/runs/{run}/changes", "Changes of", changes_calls, render_changes}};
}

}  // namespace patchlab::service::console
