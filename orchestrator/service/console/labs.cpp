// SPDX-License-Identifier: Apache-2.0
//
// Labs: what stands for production, drawn, with how far it can be trusted to.
#include "orchestrator/service/console/figures.hpp"
#include "orchestrator/service/console/forms.hpp"
#include "orchestrator/service/console/rows.hpp"
#include "orchestrator/service/console/runs.hpp"
#include "platform/core/text.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::service::console {

namespace {

std::vector<Call> labs_calls(const Visit&) {
    return {{"labs", "lab.list", Json::object()}, {"snapshots", "snapshot.list", Json::object()}};
}

/// "prepared, 237 MiB", "to be prepared anew", "not prepared"
std::string checkpoint_words(const View& view, const std::string& lab) {
    const Json* document = view.document("snapshots");
    if (!document) return "not known";
    bool any = false;
    for (const Json& snapshot : list_at(*document, "snapshots")) {
        if (text_at(snapshot, "lab") != lab) continue;
        any = true;
        if (flag_at(snapshot, "current"))
            return "prepared, " + size_text(number_at(snapshot, "bytes"));
    }
    return any ? "stale: its definition changed since" : "not prepared";
}

std::string machines_text(const Json& lab) { return a_few(names_in(&lab, "machines", "name")); }

void render_labs(const View& view) {
    heading(view.out, "Labs", "Clones of production in which patches are rehearsed.");
    const Region section(view.out, "labs", "Labs");
    if (write_failure(view, "labs", "the labs")) return;
    const Json& labs = list_at(*view.document("labs"), "labs");
    if (labs.empty()) {
        nothing_here(view.out, "There is no lab yet.",
                     "A lab is a YAML file that names machines, networks and suites:",
                     "patchlab lab add labdefs/examples/web-shop.yaml");
        return;
    }
    {
        const auto table = view.out.open("table", {{"class", "stack"}});
        table_head(view.out, "Labs", {"Lab", "Stands for", "Machines", "Checkpoint", "Added"});
        const auto body = view.out.open("tbody");
        for (const Json& lab : labs) {
            const std::string name = text_at(lab, "name");
            const auto row = view.out.open("tr");
            name_cell(view.out, address("/labs/", name), name);
            guest_cell(view.out, "Stands for", text_at(lab, "description"));
            guest_cell(view.out, "Machines", machines_text(lab));
            text_cell(view.out, "Checkpoint", checkpoint_words(view, name));
            moment_cell(view, "Added", text_at(lab, "added"));
        }
    }
    from_a_shell(view, {{"lab list", "lab.list", Json::object()},
                        {"snapshot list", "snapshot.list", Json::object()}});
}

std::vector<Call> lab_calls(const Visit& visit) {
    const std::string lab = visit.params.one("lab");
    return {{"lab", "lab.show", {{"lab", lab}}},
            {"snapshots", "snapshot.list", Json::object()},
            {"fidelity", "inventory.fidelity", {{"lab", lab}}},
            {"runs", "run.list", {{"filter", {{"where", {{"lab", {lab}}}}, {"limit", 10}}}}}};
}

Json lab_request(const Values& params, const Values&) { return {{"lab", params.one("lab")}}; }

std::string back_to_the_lab(const Values& params, const Values&, const Json&) {
    return address("/labs/", params.one("lab"));
}

void write_fidelity(const View& view) {
    const Region section(view.out, "fidelity", "How like production it is");
    if (write_failure(view, "fidelity", "the fidelity")) return;
    const Json& fidelity = *view.document("fidelity");
    const auto score = known_at(fidelity, "score");
    const auto facts = view.out.open("dl", {{"class", "facts"}});
    fact(view.out, score ? "plain" : "unsure", "Same packages",
         score ? number_text(static_cast<std::uint64_t>(*score * 100)) + " %" : "Nobody knows",
         score ? "" : "no scanned host is compared with it");
    fact(view.out, "plain", "Hosts compared",
         number_text(magnitude(number_at(fidelity, "compared"))));
    const std::int64_t unknown = number_at(fidelity, "unknown");
    fact(view.out, unknown > 0 ? "unsure" : "plain", "Hosts unknown",
         number_text(magnitude(unknown)));
}

void write_machines(const View& view, const Json& lab) {
    const Region section(view.out, "machines", "Machines");
    topology(view.out, lab);
    const auto table = view.out.open("table", {{"class", "stack"}});
    table_head(view.out, "Machines of the lab",
               {"Machine", "Image", "Criticality", "Size", "Suites"});
    const auto body = view.out.open("tbody");
    for (const Json& machine : list_at(lab, "machines")) {
        const auto row = view.out.open("tr");
        head_cell(view.out, text_at(machine, "name"), 80);
        {
            const auto one = cell(view.out, "Image");
            guest_link(view.out, address("/images/", text_at(machine, "image")),
                       text_at(machine, "image"));
        }
        guest_cell(view.out, "Criticality", text_at(machine, "criticality"));
        text_cell(view.out, "Size",
                  count_text(number_at(machine, "vcpus"), "processor") + ", " +
                      number_text(magnitude(number_at(machine, "memory_mib"))) + " MiB");
        guest_cell(view.out, "Suites", joined(texts_at(machine, "suites")));
    }
}

void render_lab(const View& view) {
    const std::string name = view.param("lab");
    heading(view.out, name,
            view.document("lab") ? text_at(*view.document("lab"), "description") : "A lab");
    if (write_failure(view, "lab", "this lab")) return;
    const Json& lab = *view.document("lab");
    write_machines(view, lab);
    {
        const Region section(view.out, "checkpoint", "Checkpoint");
        view.out.element("p", checkpoint_words(view, name));
        OpenForm form(view, {"prepare", "inline"});
        form.submit("Prepare it now", "");
    }
    write_fidelity(view);
    {
        const Region section(view.out, "runs", "Its runs");
        if (!write_failure(view, "runs", "the runs")) {
            const Json& all = list_at(*view.document("runs"), "runs");
            const auto runs = items_of(all, 0, all.size());
            if (runs.empty()) nothing_here(view.out, "No run yet.", "Rehearse patches in it.");
            else runs_table(view, runs, "Runs of this lab");
        }
    }
    if (const std::string source = text_at(lab, "source"); !source.empty()) {
        const Region section(view.out, "definition", "Definition");
        const auto pre = view.out.open("pre", {{"tabindex", "0"}});
        view.out.guest(source, 40000);
    }
    from_a_shell(
        view,
        {{"lab show " + shell_word(name), "lab.show", {{"lab", name}}},
         {"inventory fidelity --lab " + shell_word(name), "inventory.fidelity", {{"lab", name}}}});
}

}  // namespace

std::vector<Screen> lab_screens() {
    Form prepare{"prepare", "lab.prepare", lab_request, back_to_the_lab};
    prepare.waits = false;
    return {{"/labs", "Labs", labs_calls, render_labs},
            {"/labs/{lab}", "Lab", lab_calls, render_lab, {prepare}}};
}

}  // namespace patchlab::service::console
