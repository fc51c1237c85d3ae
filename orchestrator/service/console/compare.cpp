// SPDX-License-Identifier: Apache-2.0
//
// Two runs side by side: what only one of them found.
#include "orchestrator/service/console/rows.hpp"
#include "orchestrator/service/console/runs.hpp"

namespace patchlab::service::console {

namespace {

std::vector<Call> compare_calls(const Visit& visit) {
    const std::string run = visit.params.one("run"), other = visit.query.one("other");
    std::vector<Call> calls{{"run", "run.show", {{"run", run}}},
                            {"runs", "run.list", {{"filter", {{"limit", 100}}}}}};
    if (!other.empty())
        calls.push_back({"compare", "run.compare", {{"run", run}, {"other", other}}});
    return calls;
}

void write_run_options(const View& view) {
    const Json* runs = view.document("runs");
    if (!runs) return;
    for (const Json& run : list_at(*runs, "runs")) {
        const std::string id = text_at(run, "id");
        if (id == view.param("run") || is_unfinished(run)) continue;
        write_option(view.out, id, id == view.query("other"),
                     id + " \u00b7 " + patches_of(run) + " \u00b7 " + text_at(run, "verdict"));
    }
}

void write_pick(const View& view) {
    const auto form = view.out.open("form", {{"method", "get"}, {"class", "filter"}});
    {
        const auto box = view.out.open("div", {{"class", "field"}});
        view.out.element("label", {{"for", "other"}}, "Compare with");
        const auto select = view.out.open("select", {{"id", "other"}, {"name", "other"}});
        write_run_options(view);
    }
    view.out.element("button", {{"type", "submit"}}, "Compare");
}

void write_only_in(const View& view, const Json& part, const char* member, const std::string& title,
                   const char* second) {
    const Json& items = list_at(part, member);
    view.out.element("h3", title);
    if (items.empty()) {
        view.out.element("p", {{"class", "note"}}, "Nothing.");
        return;
    }
    const auto list = view.out.open("ul");
    for (const Json& item : items) {
        const auto line = view.out.open("li");
        tag(view.out, "plain", text_at(item, second));
        view.out.text(" ");
        view.out.guest(text_at(item, "machine") + " " + text_at(item, "subject"), 300);
        detail_line(view.out, text_at(item, "detail") + text_at(item, "differs"), 500);
    }
}

void write_compared_checks(const View& view, const Json& compared) {
    const Region section(view.out, "checks", "Checks that went differently");
    const Json& checks = list_at(compared, "checks");
    if (checks.empty()) {
        view.out.element("p", "Every check went the same way.");
        return;
    }
    const auto table = view.out.open("table", {{"class", "stack"}});
    table_head(view.out, "Checks that went differently", {"Check", "This run", "The other"});
    const auto body = view.out.open("tbody");
    for (const Json& check : checks) {
        const auto row = view.out.open("tr");
        head_cell(view.out, text_at(check, "check"), 300);
        for (const char* member : {"first", "second"}) {
            const std::string went = text_at(check, member);
            guest_cell(view.out, member == std::string_view("first") ? "This run" : "The other",
                       went.empty() ? "not run" : went);
        }
    }
}

void render_compare(const View& view) {
    const std::string run = view.param("run"), other = view.query("other");
    heading(view.out, "Compare " + run, "What only one of two runs found.");
    run_tabs(view, run, "Compare");
    write_pick(view);
    if (other.empty()) {
        nothing_here(view.out, "Choose another run.",
                     "A run of the same lab compares best: with another patch, or of another day.");
        return;
    }
    if (write_failure(view, "compare", "the comparison")) return;
    const Json& compared = *view.document("compare");
    {
        const Region section(view.out, "reasons", "Reasons");
        const Json& reasons = object_at(compared, "reasons");
        write_only_in(view, reasons, "only_first", "Only in " + run, "kind");
        write_only_in(view, reasons, "only_second", "Only in " + other, "kind");
    }
    write_compared_checks(view, compared);
    {
        const Region section(view.out, "changes", "Changes");
        const Json& changes = object_at(compared, "changes");
        write_only_in(view, changes, "only_first", "Only in " + run, "class");
        write_only_in(view, changes, "only_second", "Only in " + other, "class");
    }
    from_a_shell(view, {{"run compare " + shell_word(run) + " " + shell_word(other),
                         "run.compare",
                         {{"run", run}, {"other", other}}}});
}

}  // namespace

std::vector<Screen> compare_screens() {
    return {{"/runs/{run}/compare", "Compare", compare_calls, render_compare}};
}

}  // namespace patchlab::service::console
