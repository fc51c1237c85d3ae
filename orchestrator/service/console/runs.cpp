// SPDX-License-Identifier: Apache-2.0
//
// The list of runs.
#include "orchestrator/service/console/runs.hpp"

#include "orchestrator/service/console/rows.hpp"
#include "platform/core/text.hpp"

namespace patchlab::service::console {

namespace {

constexpr std::size_t runs_a_page = 50;

std::vector<Call> runs_calls(const Visit& visit) {
    Json request = newest(visit, runs_a_page);
    Json where = Json::object();
    for (const char* member : {"state", "verdict", "lab", "requester", "patches"})
        if (const std::string wanted = visit.query.one(member); !wanted.empty())
            where[member] = {wanted};
    if (!where.empty()) request["filter"]["where"] = where;
    if (const std::string since = visit.query.one("since"); !since.empty())
        request["filter"]["since"] = since;
    return {{"runs", "run.list", request}, {"labs", "lab.list", Json::object()}};
}

void write_filter(const View& view) {
    const auto form = view.out.open("form", {{"method", "get"}, {"class", "filter"}});
    filter_choice(view, "state", "State",
                  {"queued", "running", "interrupted", "finished", "cancelled"});
    filter_choice(view, "verdict", "Verdict",
                  {"validated", "needs-review", "rejected", "inconclusive"});
    filter_choice(view, "lab", "Lab", names_in(view.document("labs"), "labs", "name"));
    filter_choice(view, "since", "Asked for", {"1d", "7d", "30d", "365d"});
    view.out.element("button", {{"type", "submit"}}, "Filter");
    if (!view.visit.query.all().empty()) link(view.out, "/runs", "Show all");
}

void render_runs(const View& view) {
    heading(view.out, "Runs", "Rehearsals of patches in labs, newest first.");
    write_filter(view);
    const Region section(view.out, "runs", "Runs");
    if (write_failure(view, "runs", "the runs")) return;
    const Json& all = list_at(*view.document("runs"), "runs");
    const Cut cut = cut_newest(view.visit, all.size(), runs_a_page);
    const auto runs = items_of(all, cut.from, cut.to);
    if (runs.empty()) {
        nothing_here(view.out, "No run fits.",
                     "Runs begin on the page Patches, in CI, or in a shell:",
                     "patchlab run start --lab LAB --patch PATCH");
        return;
    }
    runs_table(view, runs, "Runs");
    pager(view, cut, "runs");
    from_a_shell(view, {{"run list --limit 50", "run.list", Json::object()}});
}

}  // namespace

bool is_unfinished(const Json& run) {
    const std::string state = text_at(run, "state");
    return state == "queued" || state == "running" || state == "interrupted";
}

std::string patches_of(const Json& run) {
    std::vector<std::string> names;
    for (const Json& patch : list_at(run, "patches"))
        names.push_back(patch.is_string() ? patch.get<std::string>() : text_at(patch, "id"));
    return names.empty() ? "no patch" : a_few(names);
}

void runs_table(const View& view, const std::vector<const Json*>& runs, std::string_view caption) {
    Writer& out = view.out;
    const auto table = out.open("table", {{"class", "stack"}, {"data-rows", "on"}});
    table_head(out, caption, {"Run", "Verdict", "Patches", "Lab", "Asked by", "Asked for"});
    const auto body = out.open("tbody");
    for (const Json* run : runs) {
        const std::string id = text_at(*run, "id");
        const auto row = out.open("tr", {{"data-filter", id + " " + patches_of(*run)}});
        name_cell(out, address("/runs/", id), id);
        {
            const auto one = cell(out, "Verdict");
            verdict_mark(out, text_at(*run, "verdict"), text_at(*run, "state"));
            if (is_unfinished(*run) && !text_at(*run, "stage").empty())
                tag(out, "plain", text_at(*run, "stage"));
        }
        guest_cell(out, "Patches",
                   text_at(*run, "kind") == "prepare" ? "prepares the lab" : patches_of(*run));
        {
            const auto one = cell(out, "Lab");
            guest_link(out, address("/labs/", text_at(*run, "lab")), text_at(*run, "lab"));
        }
        guest_cell(out, "Asked by", text_at(*run, "requester"));
        moment_cell(view, "Asked for", text_at(*run, "requested"));
    }
}

std::vector<Screen> run_screens() {
    std::vector<Screen> all{{"/runs", "Runs", runs_calls, render_runs, {}, false, "run"}};
    for (Screen& screen : one_run_screens()) all.push_back(std::move(screen));
    return all;
}

}  // namespace patchlab::service::console
