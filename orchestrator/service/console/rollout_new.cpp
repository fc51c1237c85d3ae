// SPDX-License-Identifier: Apache-2.0
//
// Starting a rollout: the definition, the entry, the plan that comes of them, then the start.
#include "orchestrator/service/console/forms.hpp"
#include "orchestrator/service/console/rows.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::service::console {

namespace {

constexpr std::string_view example_rollout =
    "schema: patchlab/rollout/v1\n"
    "name: web-fleet\n"
    "hosts: { groups: [web] }\n"
    "rings:\n"
    "  - { name: canary, count: 2, soak: 1h, concurrency: 1 }\n"
    "  - { name: early, percent: 10, soak: 1d }\n"
    "  - { name: rest, rest: true, soak: 1h }\n"
    "failure-budget: { hosts: 1 }\n";

/// The newest: whoever rolls out an older one names it on the command line.
constexpr int entries_offered = 200;

std::vector<Call> rollout_new_calls(const Visit&) {
    return {{"entries",
             "catalog.list",
             {{"filter", {{"where", {{"state", {"offered"}}}}, {"limit", entries_offered}}}}}};
}

Json plan_request(const Values&, const Values& fields) {
    return {{"definition", {{"file", "definition"}, {"text", fields.one("definition")}}},
            {"entry", fields.one("entry")}};
}

Json start_request(const Values& params, const Values& fields) {
    Json request = plan_request(params, fields);
    request["detach"] = true;
    return request;
}

std::string to_the_rollout(const Values&, const Values&, const Json& response) {
    return address("/rollouts/", text_at(response, "id"));
}

std::string check_definition(const Values& fields) {
    if (fields.one("entry").empty()) return "Choose an entry of the catalog.";
    if (fields.one("definition").empty()) return "Give the definition of the rollout, YAML.";
    return {};
}

std::string check_start(const Values& fields) {
    if (fields.one("hosts") != fields.one("confirm"))
        return "The plan has " + fields.one("hosts") + " hosts, and you typed '" +
               fields.one("confirm") + "'.";
    return check_definition(fields);
}

std::vector<std::string> deployable_entries(const View& view) {
    std::vector<std::string> ids;
    if (const Json* entries = view.document("entries"))
        for (const Json& entry : list_at(*entries, "entries"))
            if (flag_at(entry, "deployable")) ids.push_back(text_at(entry, "id"));
    return ids;
}

void write_planned_rings(const View& view, const Json& plan) {
    const auto table = view.out.open("table", {{"class", "stack"}});
    table_head(view.out, "Rings of the plan", {"Ring", "Hosts", "Which"});
    const auto body = view.out.open("tbody");
    for (const Json& ring : list_at(plan, "rings")) {
        const Json& hosts = list_at(ring, "hosts");
        const auto row = view.out.open("tr");
        head_cell(view.out, text_at(ring, "name"), 80);
        text_cell(view.out, "Hosts", number_text(hosts.size()));
        std::string names;
        for (std::size_t i = 0; i < hosts.size() && i < 20; ++i)
            names += (i == 0 ? "" : ", ") + (hosts[i].is_string() ? hosts[i].get<std::string>()
                                                                  : text_at(hosts[i], "name"));
        if (hosts.size() > 20) names += " and " + number_text(hosts.size() - 20) + " more";
        guest_cell(view.out, "Which", names);
    }
}

void write_plan(const View& view) {
    const Json* planned = view.response("plan");
    if (!planned) return;
    const Json& plan = *planned;
    const Region section(view.out, "plan", "The plan");
    const bool may = flag_at(plan, "may_start");
    for (const std::string& refusal : texts_at(plan, "refusals")) {
        const auto line = view.out.open("p", {{"class", "reason bad"}});
        view.out.guest(refusal, 1000);
    }
    for (const std::string& note : texts_at(plan, "notes")) {
        const auto line = view.out.open("p", {{"class", "note"}});
        view.out.guest(note, 1000);
    }
    write_planned_rings(view, plan);
    OpenForm form(view, {"start", "act card",
                         may ? std::string_view() : "The plan may not start, see above."});
    form.hidden("entry", view.visit.attempt->fields.one("entry"));
    form.hidden("definition", view.visit.attempt->fields.one("definition"));
    const std::string hosts = std::to_string(number_at(plan, "hosts"));
    form.hidden("hosts", hosts);
    if (form.enabled()) {
        form.line("confirm", "Type the number of hosts: " + hosts, {}, true);
        form.password_if_stale();
    }
    form.submit("Start the rollout", "danger");
}

void render_rollout_new(const View& view) {
    heading(view.out, "Start a rollout", "First the plan: nothing is started by it.");
    write_plan(view);
    const Region section(view.out, "definition", "Definition");
    if (write_failure(view, "entries", "the catalog")) return;
    const auto entries = deployable_entries(view);
    if (entries.empty()) {
        nothing_here(view.out, "The catalog offers nothing.",
                     "An approved run becomes an entry on the page Catalog, or with:",
                     "patchlab catalog promote RUN --to ring-0");
        return;
    }
    OpenForm form(view, {"plan", "act"});
    form.choice("entry", "Entry", entries, view.query("entry"));
    form.area("definition", "Rollout (YAML)", "Rings, soak times, windows, failure budget.", true,
              example_rollout);
    form.submit("Show the plan", "primary");
    from_a_shell(view, {{"rollout plan web.yaml --entry ENTRY", "", {}},
                        {"rollout start web.yaml --entry ENTRY --detach", "", {}}});
}

}  // namespace

std::vector<Screen> rollout_start_screens() {
    const Form plan{"plan", "rollout.plan", plan_request, nullptr, check_definition};
    Form start{"start", "rollout.start", start_request, to_the_rollout, check_start};
    start.sign_in_again = true;
    return {
        {"/rollouts/new", "Start a rollout", rollout_new_calls, render_rollout_new, {plan, start}}};
}

}  // namespace patchlab::service::console
