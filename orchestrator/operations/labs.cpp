// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <optional>
#include <utility>

#include "orchestrator/operations/lab_check.hpp"
#include "orchestrator/operations/lab_file.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "orchestrator/operations/run_process.hpp"
#include "orchestrator/pipeline/lab/prepared_lab.hpp"
#include "orchestrator/pipeline/lab/session.hpp"
#include "platform/core/error.hpp"
#include "reports/text_diff.hpp"

namespace patchlab::operations {

namespace {

images::ImageStore images_of(Call& call) { return {call.session.state(), call.session.database()}; }

/// A lab may be defined before its images are made; its user should know.
Json missing_images(Call& call, const pipeline::StoredLab& lab) {
    std::optional<images::ImageStore> images;  // without a state there are none
    if (call.session.has_state()) images.emplace(images_of(call));
    Json missing = Json::array();
    for (const labdefs::Machine& machine : lab.lab.machines)
        if (!images || !images->find(machine.image))
            missing.push_back({{"machine", machine.name}, {"image", machine.image}});
    return missing;
}

Json lab_json(const pipeline::StoredLab& stored) {
    Json machines = Json::array();
    for (const labdefs::Machine& machine : stored.lab.machines)
        machines.push_back({{"name", machine.name},
                            {"image", machine.image},
                            {"vcpus", machine.vcpus},
                            {"memory_mib", machine.memory_mib},
                            {"criticality", machine.criticality},
                            {"suites", machine.suites}});
    Json networks = Json::array();
    for (const labdefs::Network& network : stored.lab.networks) {
        Json members = Json::array();
        for (const labdefs::NetworkMember& member : network.members)
            members.push_back({{"machine", member.machine},
                               {"address", member.address},
                               {"mac", pipeline::mac_of(stored.lab.name, network, member)}});
        networks.push_back({{"name", network.name}, {"members", members}});
    }
    return {{"name", stored.lab.name},     {"description", stored.lab.description},
            {"digest", stored.lab.digest}, {"added", stored.added},
            {"machines", machines},        {"networks", networks}};
}

Outcome check_lab(Call& call, const JsonReader& request) {
    Diagnostics mistakes;
    const std::string file = lab_file_in(request);
    const pipeline::StoredLab lab = lab_in(request, mistakes);
    // without a state there is nothing to compare with
    if (call.session.has_state()) check_against_images(lab, file, images_of(call), mistakes);
    Json document{{"schema", "patchlab/lab-check/v1"},
                  {"file", file},
                  {"ok", mistakes.ok()},
                  {"mistakes", mistakes.to_json()}};
    if (!mistakes.ok()) return {document, exit_code(ErrorCode::invalid)};
    document["lab"] = lab.lab.name;
    document["machines"] = lab.lab.machines.size();
    document["suites"] = lab.suites.size();
    document["missing_images"] = missing_images(call, lab);
    return {document};
}

/// What adding `after` changes in what "it works" means: the definition, and each suite by name.
Json replaced_json(const pipeline::StoredLab& before, const pipeline::StoredLab& after) {
    Json changes = Json::array();
    const auto compare = [&changes](const std::string& what, const std::string& old_text,
                                    const std::string& new_text) {
        const auto hunks = reports::diff_of_texts(old_text, new_text);
        if (hunks.empty()) return;
        changes.push_back(
            {{"what", what}, {"diff", reports::unified_text(hunks, "before", "after")}});
    };
    compare("definition", before.lab.source, after.lab.source);
    std::map<std::string, std::pair<std::string, std::string>> suites;
    for (const pipeline::SuiteText& suite : before.suites) suites[suite.name].first = suite.yaml;
    for (const pipeline::SuiteText& suite : after.suites) suites[suite.name].second = suite.yaml;
    for (const auto& [name, texts] : suites) compare("suite " + name, texts.first, texts.second);
    return {{"digest", before.lab.digest}, {"added", before.added}, {"changes", changes}};
}

Outcome add_lab(Call& call, const JsonReader& request) {
    const std::string file = lab_file_in(request);
    Diagnostics mistakes;
    const pipeline::StoredLab lab = lab_in(request, mistakes);
    mistakes.throw_if_any("reading lab " + file);
    pipeline::LabStore labs(call.session.database());
    std::optional<pipeline::StoredLab> before;
    if (labs.has(lab.lab.name)) before = labs.get(lab.lab.name);
    const Json replaces = before ? Json(before->lab.digest) : Json(nullptr);
    images::ImageStore images = images_of(call);
    bool changed = false;
    call.record({lab.lab.name, {{"digest", lab.lab.digest}, {"replaces", replaces}}}, [&] {
        changed = labs.put(lab, to_rfc3339(call.session.clock().now()));
        images.remove_reference("lab " + lab.lab.name);
        for (const labdefs::Machine& machine : lab.lab.machines)
            if (const auto image = images.find(machine.image))
                images.add_reference(image->digest, "lab " + lab.lab.name);
    });
    Json document = lab_json(lab);
    document["changed"] = changed;
    document["replaced"] = before && changed ? replaced_json(*before, lab) : Json(nullptr);
    document["missing_images"] = missing_images(call, lab);
    return {document};
}

Outcome list_labs(Call& call, const JsonReader&) {
    Json labs = Json::array();
    for (const pipeline::StoredLab& stored : pipeline::LabStore(call.session.database()).list())
        labs.push_back(lab_json(stored));
    return {{{"schema", "patchlab/labs/v1"}, {"labs", labs}}};
}

Outcome show_lab(Call& call, const JsonReader& request) {
    const pipeline::StoredLab stored =
        pipeline::LabStore(call.session.database()).get(request.string("lab"));
    Json document = lab_json(stored);
    document["schema"] = "patchlab/lab-description/v1";
    document["source"] = stored.lab.source;
    return {document};
}

Outcome prepare_lab(Call& call, const JsonReader& request) {
    const std::string lab = request.string("lab");
    const pipeline::StoredLab stored = pipeline::LabStore(call.session.database()).get(lab);
    const pipeline::Backend backend = call.session.backend();
    images::ImageStore images = images_of(call);
    pipeline::RunPlan plan = pipeline::plan_lab(stored, images, backend, {});
    plan.request.kind = "prepare";
    const std::string run = submit_run(call, plan, backend, {}, "local");
    const pipeline::RunState state = follow_run(call, run);
    if (state.progress != pipeline::RunProgress::finished || !state.faults.empty())
        throw Error(ErrorCode::lab, "preparing lab '" + lab + "': " + last_fault(state),
                    "see: patchlab run log " + run);
    return {{{"schema", "patchlab/prepared-lab/v1"},
             {"lab", lab},
             {"digest", pipeline::prepared_digest(plan.request, backend.emulator)},
             {"run", run}}};
}

Outcome remove_lab(Call& call, const JsonReader& request) {
    const std::string lab = request.string("lab");
    pipeline::RunStore(call.session.state(), call.session.database()).sync();
    call.record({lab}, [&] {
        pipeline::LabStore(call.session.database()).remove(lab);
        images_of(call).remove_reference("lab " + lab);
    });
    return {{{"schema", "patchlab/lab-removed/v1"}, {"lab", lab}}};
}

}  // namespace

std::vector<Operation> lab_operations() {
    return {
        {"lab.check", "Check a lab definition: every mistake, with file, line and path", Kind::read,
         anyone(), check_lab},
        {"lab.add", "Add a lab, or replace the one of the same name", Kind::write,
         lab_staff("add a lab"), add_lab},
        {"lab.list", "List the labs", Kind::read, anyone(), list_labs},
        {"lab.show", "Show a lab: machines, networks, definition", Kind::read, anyone(), show_lab,
         "lab"},
        {"lab.prepare", "Boot, test, capture and checkpoint a lab once, for all its runs",
         Kind::long_write, lab_staff("ask for a run"), prepare_lab, "lab", true},
        {"lab.remove", "Remove a lab; its runs and their evidence stay", Kind::write,
         lab_staff("remove a lab"), remove_lab, "lab"},
    };
}

}  // namespace patchlab::operations
