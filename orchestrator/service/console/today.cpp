// SPDX-License-Identifier: Apache-2.0
//
// Today: what waits for the viewer, what runs, what failed, what nobody has rehearsed.
#include <algorithm>
#include <array>

#include "orchestrator/service/console/rollouts.hpp"
#include "orchestrator/service/console/rows.hpp"
#include "orchestrator/service/console/runs.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::service::console {

namespace {

constexpr std::size_t shown_of_each = 8;
constexpr std::size_t most_counted = 200;

std::vector<Call> today_calls(const Visit&) {
    const Json unfinished{{"state", {"queued", "running", "interrupted"}}};
    const Json bad{{"verdict", {"rejected", "inconclusive"}}, {"state", {"finished", "cancelled"}}};
    return {{"running", "run.list", {{"filter", {{"where", unfinished}, {"limit", most_counted}}}}},
            {"failed", "run.list", {{"filter", {{"where", bad}, {"limit", shown_of_each + 1}}}}},
            {"rollouts", "rollout.list", {{"filter", {{"limit", 50}}}}},
            {"patches",
             "patch.list",
             {{"filter",
               {{"where", {{"last_run", {"null"}}}}, {"sort", "added"}, {"limit", most_counted}}}}},
            {"overview", "overview.show", Json::object()}};
}

/// What was drawn from the lists.
struct Today {
    std::vector<const Json*> running, failed;
    std::vector<const Json*> rollouts_on_their_way, rollouts_halted;
    std::vector<const Json*> unrehearsed;
};

std::vector<const Json*> runs_in(const View& view, const char* key) {
    std::vector<const Json*> runs;
    if (const Json* document = view.document(key))
        for (const Json& run : list_at(*document, "runs")) runs.push_back(&run);
    return runs;
}

Today sorted_out(const View& view) {
    Today today;
    today.running = runs_in(view, "running");
    today.failed = runs_in(view, "failed");
    if (const Json* rollouts = view.document("rollouts"))
        for (const Json& rollout : list_at(*rollouts, "rollouts")) {
            const std::string state = text_at(rollout, "state");
            if (state == "halted" || state == "halting" || state == "paused")
                today.rollouts_halted.push_back(&rollout);
            else if (!rollout_is_over(state)) today.rollouts_on_their_way.push_back(&rollout);
        }
    if (const Json* patches = view.document("patches"))
        for (const Json& patch : list_at(*patches, "patches")) today.unrehearsed.push_back(&patch);
    return today;
}

void write_counts(const View& view, const Today& today) {
    const auto facts = view.out.open("dl", {{"class", "facts"}});
    const bool running = view.document("running"), rollouts = view.document("rollouts");
    const auto count = [&](const char* label, bool known, std::size_t n, const char* tone,
                           const char* note) {
        if (!known) return fact(view.out, "unsure", label, "Not known", note);
        const std::string number = number_text(n) + (n >= most_counted ? " or more" : "");
        fact(view.out, n == 0 ? "plain" : tone, label, n == 0 ? "None" : number, note);
    };
    const Json* overview = view.document("overview");
    count("Wait for you", overview, overview ? list_at(*overview, "waiting").size() : 0, "warn",
          "see below");
    count("Under way", running && rollouts,
          today.running.size() + today.rollouts_on_their_way.size(), "good", "runs and rollouts");
    count("Rollouts that stand", rollouts, today.rollouts_halted.size(), "bad", "halted or paused");
    count("Not rehearsed", view.document("patches"), today.unrehearsed.size(), "unsure",
          "patches without a run");
}

std::vector<const Json*> first_of(const std::vector<const Json*>& items) {
    return {items.begin(),
            items.begin() + static_cast<std::ptrdiff_t>(std::min(items.size(), shown_of_each))};
}

void more_of(const View& view, std::size_t all, const char* to, std::string_view words) {
    if (all <= shown_of_each) return;
    const auto line = view.out.open("p");
    link(view.out, to, "All " + std::string(words));
}

/// Where an item of the overview leads to, and what is done there.
struct Errand {
    const char* kind;
    const char* prefix;
    const char* suffix;
    const char* words;
};
constexpr std::array<Errand, 4> errands{{{"approve", "/runs/", "/decision", "decide"},
                                         {"promote", "/runs/", "", "promote"},
                                         {"rollout", "/rollouts/", "", "look at the rollout"},
                                         {"run", "/runs/", "", "look at the run"}}};

const Errand& errand_of(const std::string& kind) {
    for (const Errand& one : errands)
        if (kind == one.kind) return one;
    return errands.back();
}

/// A promotion begins on the page of the catalog, with the run filled in.
std::string address_of(const Errand& errand, const std::string& id) {
    if (errand.words == std::string_view("promote"))
        return "/catalog" + query_text({{"entry", id}}) + "#promote";
    return address(errand.prefix, id) + errand.suffix;
}

void write_waiting_item(const View& view, const Json& item) {
    const Errand& errand = errand_of(text_at(item, "kind"));
    const std::string id = text_at(item, "id");
    const auto row = view.out.open("tr", {{"data-filter", id}});
    name_cell(view.out, address_of(errand, id), text_at(item, "title"));
    text_cell(view.out, "To do", errand.words);
    guest_cell(view.out, "Why", text_at(item, "why"));
    {
        const auto one = cell(view.out, "About");
        guest_link(view.out, address(errand.prefix, id), id);
    }
    moment_cell(view, "Since", text_at(item, "since"));
}

void write_waiting_items(const View& view, const Json& items) {
    const Region section(view.out, "waiting", "Waits for you");
    if (items.empty()) {
        nothing_here(view.out, "Nothing waits for you.",
                     "A run that you may decide about stands here, an approved one that is not in "
                     "the catalog, and a rollout that stands.");
        return;
    }
    const auto table = view.out.open("table", {{"class", "stack"}, {"data-rows", "on"}});
    table_head(view.out, "What waits for you", {"What", "To do", "Why", "About", "Since"});
    const auto body = view.out.open("tbody");
    for (const Json& item : items) write_waiting_item(view, item);
}

void write_overdue(const View& view, const Json& overview) {
    const Region section(view.out, "overdue", "Overdue");
    const auto found = overview.find("overdue");
    if (found == overview.end() || !found->is_array()) {
        nothing_here(view.out, "Nobody knows.",
                     "Nothing ranks the patches yet, so no patch has a day by which it is due.");
        return;
    }
    if (found->empty()) {
        nothing_here(view.out, "Nothing is overdue.",
                     "A patch whose day has passed stands here, with the hosts that lack it.");
        return;
    }
    const auto table = view.out.open("table", {{"class", "stack"}, {"data-rows", "on"}});
    table_head(view.out, "Overdue patches", {"Patch", "Limit", "Was due", "Hosts that lack it"});
    const auto body = view.out.open("tbody");
    for (const Json& patch : *found) {
        const auto row = view.out.open("tr");
        name_cell(view.out, address("/patches/", text_at(patch, "id")), text_at(patch, "id"));
        guest_cell(view.out, "Limit", text_at(patch, "limit"));
        moment_cell(view, "Was due", text_at(patch, "due_at"));
        text_cell(view.out, "Hosts that lack it",
                  number_text(magnitude(number_at(patch, "host_count"))));
    }
}

void write_overview(const View& view) {
    const Json* overview = view.document("overview");
    if (!overview) {
        const Region section(view.out, "waiting", "Waits for you");
        write_failure(view, "overview", "what waits for you");
        return;
    }
    write_waiting_items(view, list_at(*overview, "waiting"));
    write_overdue(view, *overview);
}

void write_under_way(const View& view, const Today& today) {
    const Region section(view.out, "under-way", "Under way");
    const bool runs = !write_failure(view, "running", "the runs");
    const bool rollouts = !write_failure(view, "rollouts", "the rollouts");
    if (runs && !today.running.empty()) runs_table(view, first_of(today.running), "Runs under way");
    if (rollouts && !today.rollouts_on_their_way.empty())
        rollouts_table(view, first_of(today.rollouts_on_their_way), "Rollouts under way");
    if (runs && rollouts && today.running.empty() && today.rollouts_on_their_way.empty())
        nothing_here(view.out, "Nothing runs.",
                     "Select patches on the page Patches to rehearse them.");
}

void write_failed(const View& view, const Today& today) {
    if (today.failed.empty() && today.rollouts_halted.empty()) return;
    const Region section(view.out, "failed", "Failed, or stands");
    if (!today.rollouts_halted.empty())
        rollouts_table(view, first_of(today.rollouts_halted), "Rollouts that stand");
    if (!today.failed.empty())
        runs_table(view, first_of(today.failed), "Runs that were rejected or inconclusive");
    more_of(view, today.failed.size(), "/runs?verdict=rejected", "rejected runs");
}

void write_unrehearsed(const View& view, const Today& today) {
    const Region section(view.out, "unrehearsed", "Not rehearsed yet");
    if (write_failure(view, "patches", "the patches")) return;
    if (today.unrehearsed.empty()) {
        nothing_here(view.out, "Every patch has a run.",
                     "What the vendor released since then is fetched with:",
                     "patchlab patch fetch --lab LAB");
        return;
    }
    {
        const auto table = view.out.open("table", {{"class", "stack"}});
        table_head(view.out, "Patches that no run rehearsed", {"Patch", "Urgency", "Known since"});
        const auto body = view.out.open("tbody");
        for (const Json* patch : first_of(today.unrehearsed)) {
            const auto row = view.out.open("tr");
            name_cell(view.out, address("/patches/", text_at(*patch, "id")), text_at(*patch, "id"));
            guest_cell(view.out, "Urgency", text_at(*patch, "urgency"));
            moment_cell(view, "Known since", text_at(*patch, "added"));
        }
    }
    more_of(view, today.unrehearsed.size(), "/patches", "patches");
}

void render_today(const View& view) {
    heading(view.out, "Today",
            view.viewer.roles.empty()
                ? "You may read."
                : "What waits for you, " + view.viewer.user + ", and what goes on.");
    const Today today = sorted_out(view);
    write_counts(view, today);
    write_overview(view);
    write_under_way(view, today);
    write_failed(view, today);
    write_unrehearsed(view, today);
    from_a_shell(view, {{"run list --limit 20", "run.list", Json::object()},
                        {"rollout list", "rollout.list", Json::object()}});
}

}  // namespace

std::vector<Screen> today_screens() {
    return {{"/", "Today", today_calls, render_today, {}, false, "run rollout decision"}};
}

}  // namespace patchlab::service::console
