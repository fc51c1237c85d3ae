// SPDX-License-Identifier: Apache-2.0
//
// The list of rollouts, and the words for their states.
#include "orchestrator/service/console/rollouts.hpp"

#include <algorithm>

#include "orchestrator/service/console/rows.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::service::console {

namespace {

constexpr std::size_t rollouts_a_page = 50;

std::vector<Call> rollouts_calls(const Visit& visit) {
    Json request = newest(visit, rollouts_a_page);
    if (const std::string state = visit.query.one("state"); !state.empty())
        request["filter"]["where"]["state"] = {state};
    return {{"rollouts", "rollout.list", request}};
}

void render_rollouts(const View& view) {
    heading(view.out, "Rollouts",
            "Entries of the catalog on their way to production, ring by ring.");
    {
        const auto line = view.out.open("p");
        view.out.element("a", {{"href", "/rollouts/new"}, {"class", "button primary"}},
                         "Start a rollout");
    }
    const Region section(view.out, "rollouts", "Rollouts");
    if (write_failure(view, "rollouts", "the rollouts")) return;
    const Json& all = list_at(*view.document("rollouts"), "rollouts");
    const Cut cut = cut_newest(view.visit, all.size(), rollouts_a_page);
    const auto shown = items_of(all, cut.from, cut.to);
    if (shown.empty()) {
        nothing_here(view.out, "There was no rollout yet.",
                     "A rollout brings an approved entry to the hosts of the inventory, with "
                     "checks before and after on each.",
                     "patchlab rollout plan web.yaml --entry ENTRY");
        return;
    }
    rollouts_table(view, shown, "Rollouts");
    pager(view, cut, "rollouts");
    from_a_shell(view, {{"rollout list", "rollout.list", Json::object()}});
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

bool rollout_is_over(std::string_view state) {
    return is_one_of(state, {"finished", "halted", "aborted", "backed-out"});
}

const char* tone_of_rollout(std::string_view state) {
    if (state == "finished") return "good";
    if (is_one_of(state, {"halted", "halting"})) return "bad";
    if (is_one_of(state, {"paused", "aborting", "aborted", "backing-out", "backed-out"}))
        return "warn";
    return "plain";
}

const char* tone_of_host(std::string_view state) {
    if (is_one_of(state, {"done", "not-needed"})) return "good";
    if (is_one_of(state, {"failed", "back-out-failed"})) return "bad";
    if (is_one_of(state, {"backing-out", "backed-out"})) return "warn";
    if (is_one_of(state, {"offline", "missed", "skipped"})) return "unsure";
    if (is_one_of(state, {"inspecting", "installing", "testing", "following"})) return "busy";
    return "plain";
}

void rollouts_table(const View& view, const std::vector<const Json*>& rollouts,
                    std::string_view caption) {
    Writer& out = view.out;
    const auto table = out.open("table", {{"class", "stack"}, {"data-rows", "on"}});
    table_head(out, caption, {"Rollout", "State", "Entry", "Hosts", "Started"});
    const auto body = out.open("tbody");
    for (const Json* rollout : rollouts) {
        const std::string id = text_at(*rollout, "id"), state = text_at(*rollout, "state");
        const auto row = out.open("tr", {{"data-filter", id}});
        {
            const auto name = out.open("th", {{"scope", "row"}});
            guest_link(out, address("/rollouts/", id), text_at(*rollout, "name"));
            detail_line(out, id, 80);
        }
        {
            const auto one = cell(out, "State");
            outcome(out, tone_of_rollout(state), in_words(state));
            if (flag_at(*rollout, "simulated")) tag(out, "plain", "simulated");
            detail_line(out, text_at(*rollout, "reason"), 300);
        }
        {
            const auto one = cell(out, "Entry");
            guest_link(out, address("/catalog/", text_at(*rollout, "entry")),
                       text_at(*rollout, "entry"));
        }
        text_cell(out, "Hosts", number_text(magnitude(number_at(*rollout, "hosts"))));
        moment_cell(view, "Started", text_at(*rollout, "created"));
    }
}

std::vector<Screen> rollout_screens() {
    std::vector<Screen> all{
        {"/rollouts", "Rollouts", rollouts_calls, render_rollouts, {}, false, "rollout"}};
    for (Screen& screen : one_rollout_screens()) all.push_back(std::move(screen));
    return all;
}

}  // namespace patchlab::service::console
