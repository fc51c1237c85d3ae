// SPDX-License-Identifier: Apache-2.0
//
// Patches: the list from which one rehearses, and one patch.
#include <algorithm>
#include <map>

#include "orchestrator/service/console/forms.hpp"
#include "orchestrator/service/console/rows.hpp"
#include "orchestrator/service/console/runs.hpp"
#include "platform/core/text.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::service::console {

namespace {

constexpr std::size_t patches_a_page = 50;

std::vector<Call> patches_calls(const Visit& visit) {
    return {{"patches", "patch.list", newest(visit, patches_a_page)},
            {"labs", "lab.list", Json::object()}};
}

Json rehearsal_of(const Values& fields) {
    Json request{{"lab", fields.one("lab")}, {"patches", fields.every("patch")}};
    if (!fields.one("no-drill").empty()) request["drill"] = false;
    if (!fields.one("no-reboot-check").empty()) request["reboot_check"] = false;
    return request;
}

Json rehearse_together(const Values&, const Values& fields) {
    Json request = rehearsal_of(fields);
    request["detach"] = true;
    return request;
}

Json rehearse_each(const Values&, const Values& fields) { return rehearsal_of(fields); }

std::string to_the_run(const Values&, const Values&, const Json& response) {
    return address("/runs/", text_at(response, "id"));
}

std::string to_the_runs(const Values&, const Values&, const Json&) { return "/runs?state=running"; }

std::string check_selection(const Values& fields) {
    if (fields.every("patch").empty()) return "No patch is selected. Tick at least one.";
    if (fields.one("lab").empty()) return "No lab is chosen.";
    return {};
}

std::string check_two(const Values& fields) {
    if (fields.every("patch").size() < 2)
        return "A bisection needs at least two patches: it looks for the smallest subset that "
               "fails.";
    return check_selection(fields);
}

bool is_ticked(const View& view, const std::string& patch) {
    if (!view.visit.attempt) return view.query("patch") == patch;
    const auto ticked = view.visit.attempt->fields.every("patch");
    return std::find(ticked.begin(), ticked.end(), patch) != ticked.end();
}

void write_tick(const View& view, const std::string& patch) {
    const auto box = cell(view.out, "");
    std::vector<Attribute> attributes{{"type", "checkbox"},
                                      {"name", "patch"},
                                      {"value", patch},
                                      {"form", "rehearse"},
                                      {"aria-label", "Select " + patch}};
    if (is_ticked(view, patch)) attributes.push_back({"checked", "checked"});
    view.out.lone_with("input", attributes);
}

void write_patch_row(const View& view, const Json& patch) {
    Writer& out = view.out;
    const std::string id = text_at(patch, "id");
    const auto row = out.open("tr", {{"data-filter", id}});
    write_tick(view, id);
    name_cell(out, address("/patches/", id), id);
    {
        const auto one = cell(out, "Urgency");
        out.guest(text_at(patch, "urgency"), 60);
        if (flag_at(patch, "reboot")) tag(out, "plain", "reboot");
    }
    {
        const auto one = cell(out, "Advisories");
        const auto advisories = texts_at(patch, "advisories");
        for (std::size_t i = 0; i < advisories.size() && i < 3; ++i) {
            if (i > 0) out.text(" ");
            guest_link(out, "/cve" + query_text({{"id", advisories[i]}}), advisories[i]);
        }
        if (advisories.size() > 3) out.text(" and " + number_text(advisories.size() - 3) + " more");
        if (advisories.empty()) out.element("span", {{"class", "note"}}, "none named");
    }
    moment_cell(view, "Known since", text_at(patch, "added"));
    const auto last = cell(out, "Last run");
    const auto run = patch.find("last_run");
    if (run == patch.end() || !run->is_object()) {
        out.element("span", {{"class", "note"}}, "never rehearsed");
        return;
    }
    const auto anchor = out.open("a", {{"href", address("/runs/", text_at(*run, "id"))}});
    verdict_mark(out, text_at(*run, "verdict"), text_at(*run, "state"));
}

/// The ways to rehearse what is selected. Three forms with one set of ticks would need three sets,
/// so it is one form whose buttons name the way.
void write_rehearse(const View& view, const std::vector<std::string>& labs) {
    const Region section(view.out, "rehearse-selected", "Rehearse the selected patches");
    if (labs.empty()) {
        nothing_here(view.out, "There is no lab to rehearse in.",
                     "A lab describes the machines that stand for production. Add one with:",
                     "patchlab lab add labdefs/examples/web-shop.yaml");
        return;
    }
    OpenForm form(view, {"together", "act ways", {}, "rehearse"});
    form.choice("lab", "In the lab", labs);
    form.tick("no-drill", "Leave out the rollback drill");
    form.tick("no-reboot-check", "Leave out the reboot check");
    const auto ways = view.out.open("div", {{"class", "buttons"}});
    form.submit_as("_form", "together", "Rehearse together", "primary");
    form.submit_as("_form", "each", "Each by itself");
    form.submit_as("_form", "bisect", "Bisect");
    view.out.element("p", {{"class", "hint"}},
                     "Together: one run of all. Each: a run for every patch. Bisect: if they fail "
                     "together, find the smallest subset that fails on its own.");
}

void render_patches(const View& view) {
    heading(view.out, "Patches", "What vendors released, and what was rehearsed of it.");
    {
        const Region section(view.out, "patches", "Candidates");
        if (write_failure(view, "patches", "the patches")) return;
        const Json& patches = list_at(*view.document("patches"), "patches");
        if (patches.empty()) {
            nothing_here(view.out, "No patch is known yet.",
                         "patchlab asks the vendor for what the machines of a lab lack:",
                         "patchlab patch fetch --lab LAB");
        } else {
            const Cut cut = cut_newest(view.visit, patches.size(), patches_a_page);
            {
                const auto table =
                    view.out.open("table", {{"class", "stack"}, {"data-rows", "on"}});
                table_head(view.out, "Patches",
                           {"Select", "Patch", "Urgency", "Advisories", "Known since", "Last run"});
                const auto body = view.out.open("tbody");
                for (std::size_t i = cut.from; i < cut.to; ++i) write_patch_row(view, patches[i]);
            }
            pager(view, cut, "patches");
        }
    }
    write_rehearse(view, names_in(view.document("labs"), "labs", "name"));
    from_a_shell(view, {{"patch list", "patch.list", Json::object()},
                        {"run start --lab LAB --patch PATCH",
                         "run.start",
                         {{"lab", "LAB"}, {"patches", {"PATCH"}}, {"detach", true}}}});
}

std::vector<Call> patch_calls(const Visit& visit) {
    const std::string patch = visit.params.one("patch");
    return {{"patch", "patch.show", {{"patch", patch}}},
            {"runs", "run.list", {{"filter", {{"where", {{"patches", {patch}}}}, {"limit", 20}}}}},
            {"needed", "inventory.needed", {{"patches", {patch}}, {"counts", true}}}};
}

void write_packages(const View& view, const Json& patch) {
    const Region section(view.out, "packages", "Packages");
    const auto table = view.out.open("table", {{"class", "stack"}});
    table_head(view.out, "Packages of the patch", {"Package", "From", "To", "Old version", "Size"});
    const auto body = view.out.open("tbody");
    for (const Json& package : list_at(patch, "packages")) {
        const auto row = view.out.open("tr");
        {
            const auto name = view.out.open("th", {{"scope", "row"}});
            view.out.guest(text_at(package, "name"), 200);
            if (flag_at(package, "prerequisite")) tag(view.out, "plain", "prerequisite");
        }
        const std::string from = text_at(package, "from");
        guest_cell(view.out, "From", from.empty() ? "known when it runs" : from);
        guest_cell(view.out, "To", text_at(package, "to"));
        text_cell(view.out, "Old version",
                  text_at(package, "old_file").empty() ? "not kept" : "kept for the way back");
        text_cell(view.out, "Size", size_text(number_at(package, "bytes")));
    }
}

void write_patch_head(const View& view, const Json& patch) {
    Writer& out = view.out;
    const auto facts = out.open("dl", {{"class", "facts"}});
    fact(out, "plain", "Urgency", text_at(patch, "urgency"));
    const bool verified = flag_at(patch, "verified");
    fact(out, verified ? "good" : "unsure", "Vendor's signature", verified ? "Good" : "None");
    const bool reboot = flag_at(patch, "reboot");
    fact(out, reboot ? "warn" : "plain", "Reboot", reboot ? "Needed" : "Not needed",
         text_at(patch, "reboot_why"));
    fact(out, "plain", "Restarts", a_few(texts_at(patch, "restarts")));
}

void write_need(const View& view, const std::string& id) {
    const Region section(view.out, "need", "Who needs it");
    if (write_failure(view, "needed", "the hosts")) return;
    const Json& offers = list_at(*view.document("needed"), "offers");
    for (const Json& offer : offers) {
        if (text_at(offer, "id") != id) continue;
        const auto facts = view.out.open("dl", {{"class", "facts"}});
        fact(view.out, "warn", "Need it", number_text(magnitude(number_at(offer, "needed"))));
        fact(view.out, "plain", "Do not need it",
             number_text(magnitude(number_at(offer, "not_needed"))));
        fact(view.out, "unsure", "Unknown", number_text(magnitude(number_at(offer, "unknown"))),
             "no scan that is new enough");
        return;
    }
    nothing_here(view.out, "Nobody knows.",
                 "No host is in the inventory, or none was scanned:", "patchlab inventory scan");
}

void render_patch(const View& view) {
    const std::string id = view.param("patch");
    heading(view.out, id, "A candidate patch");
    if (write_failure(view, "patch", "this patch")) return;
    const Json& patch = *view.document("patch");
    write_patch_head(view, patch);
    {
        const auto line = view.out.open("p");
        view.out.element("a",
                         {{"href", "/patches" + query_text({{"patch", id}}) + "#rehearse-selected"},
                          {"class", "button primary"}},
                         "Rehearse this patch");
    }
    write_packages(view, patch);
    {
        const Region section(view.out, "runs", "Runs");
        if (!write_failure(view, "runs", "the runs")) {
            const Json& all = list_at(*view.document("runs"), "runs");
            const auto runs = items_of(all, 0, all.size());
            if (runs.empty())
                nothing_here(view.out, "Never rehearsed.",
                             "A rehearsal in a lab shows what this patch changes.");
            else runs_table(view, runs, "Runs of this patch");
        }
    }
    write_need(view, id);
    if (const std::string changelog = text_at(patch, "changelog"); !changelog.empty()) {
        const Region section(view.out, "changelog", "What the vendor says");
        const auto text = view.out.open("pre", {{"tabindex", "0"}});
        view.out.guest(changelog, 20000);
    }
    from_a_shell(view, {{"patch show " + shell_word(id), "patch.show", {{"patch", id}}}});
}

}  // namespace

std::vector<Screen> patch_screens() {
    Form together{"together", "run.start", rehearse_together, to_the_run, check_selection};
    Form each{"each", "run.each", rehearse_each, to_the_runs, check_selection};
    each.waits = false;
    Form bisect{"bisect", "run.bisect", rehearse_each, to_the_runs, check_two};
    bisect.waits = false;
    return {{"/patches",
             "Patches",
             patches_calls,
             render_patches,
             {together, each, bisect},
             false,
             "run"},
            {"/patches/{patch}", "Patch", patch_calls, render_patch}};
}

}  // namespace patchlab::service::console
