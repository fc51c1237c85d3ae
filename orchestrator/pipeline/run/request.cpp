// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/run/request.hpp"

#include <map>

#include "orchestrator/families/package_family.hpp"
#include "orchestrator/pipeline/lab/backend.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/json.hpp"
#include "snapshots/capture.hpp"
#include "testsuites/loader.hpp"

namespace patchlab::pipeline {

static constexpr std::string_view request_schema = "patchlab/request/v1";
/// Raised whenever preparing changes in a way that makes older prepared labs wrong.
static constexpr std::string_view preparation = "patchlab/prepared/v6";

const MachineRequest& RunRequest::machine(const std::string& name) const {
    for (const MachineRequest& machine : machines)
        if (machine.definition.name == name) return machine;
    throw Error(ErrorCode::internal, "the request has no machine '" + name + "'");
}

RunsOn runs_on(const Backend& backend) {
    return {backend.name, backend.emulator, std::string(virt::name(backend.acceleration))};
}

void require_backend_of(const RunRequest& request, const std::string& backend) {
    const std::string& asked = request.runs_on.backend;
    if (asked == backend) return;
    throw Error(
        ErrorCode::refused,
        asked.empty() ? "run " + request.id + " does not say which backend it was started on"
                      : "run " + request.id + " was started on the backend " + asked +
                            ", and this is " + backend,
        asked == "fake" ? "take it up with patchlab-sim, or start a new run" : "start a new run");
}

void write_request(const std::filesystem::path& file, const RunRequest& request,
                   const std::vector<SuiteText>& suites) {
    Json out{{"schema", request_schema},
             {"id", request.id},
             {"kind", request.kind},
             {"requester", request.requester},
             {"requested", request.requested},
             {"runs_on",
              {{"backend", request.runs_on.backend},
               {"emulator", request.runs_on.emulator},
               {"acceleration", request.runs_on.acceleration}}},
             {"lab", {{"yaml", request.lab.source}}},
             {"drill", request.drill},
             {"endure", request.endure},
             {"faults", request.faults},
             {"allow_downgrade", request.allow_downgrade},
             {"apply_deadline", request.apply_deadline},
             {"stall_after", request.stall_after},
             {"extra_suites", request.extra_suites}};
    if (!request.requester_account.is_null()) out["requester_account"] = request.requester_account;
    for (const SuiteText& suite : suites)
        out["suites"].push_back({{"name", suite.name}, {"yaml", suite.yaml}, {"file", suite.file}});
    for (const MachineRequest& machine : request.machines)
        out["machines"].push_back({{"name", machine.definition.name},
                                   {"image_digest", machine.image_digest},
                                   {"os", machine.os},
                                   {"family", machine.family},
                                   {"uefi", machine.uefi}});
    out["patches"] = Json::array();
    for (const intake::Patch& patch : request.patches)
        out["patches"].push_back({{"patch", intake::to_json(patch)}});
    write_json(file, out);
}

namespace {

std::map<std::string, testsuites::Suite> read_suites(const JsonReader& in) {
    std::map<std::string, testsuites::Suite> suites;
    if (!in.has("suites")) return suites;
    for (const JsonReader& item : in.objects("suites")) {
        const std::string yaml = item.string("yaml");
        const std::string name = item.string("name");
        Diagnostics diagnostics;
        suites[name] = yaml.empty()
                           ? testsuites::builtin_suite(name)
                           : testsuites::parse_suite(yaml, item.string("file"), diagnostics);
        diagnostics.throw_if_any("suite " + name);
    }
    return suites;
}

}  // namespace

RunRequest read_request(const std::filesystem::path& file) {
    const Json json = read_json(file);
    const JsonReader in(json, file.string());
    in.expect_schema(request_schema);
    RunRequest request;
    request.id = in.string("id");
    request.kind = in.string("kind");
    request.requester = in.string("requester");
    if (in.has("requester_account")) request.requester_account = in.raw("requester_account");
    request.requested = in.string("requested");
    if (in.has("runs_on")) {
        const JsonReader on = in.object("runs_on");
        request.runs_on = {on.string("backend"), on.string("emulator"), on.string("acceleration")};
    }
    request.drill = in.boolean("drill");
    request.endure = in.boolean_or("endure", false);
    request.faults = in.strings_or_empty("faults");
    request.allow_downgrade = in.boolean_or("allow_downgrade", false);
    request.apply_deadline = in.number_or("apply_deadline", request.apply_deadline);
    request.stall_after = in.number_or("stall_after", request.stall_after);
    request.extra_suites = in.strings_or_empty("extra_suites");
    Diagnostics diagnostics;
    request.lab = labdefs::parse_lab(in.object("lab").string("yaml"), "lab.yaml", diagnostics);
    diagnostics.throw_if_any("the lab of run " + request.id);
    const auto suites = read_suites(in);
    for (const JsonReader& item : in.objects("machines")) {
        MachineRequest machine;
        const std::string name = item.string("name");
        for (const labdefs::Machine& definition : request.lab.machines)
            if (definition.name == name) machine.definition = definition;
        if (machine.definition.name.empty()) item.fail("name", "the lab has no such machine");
        machine.image_digest = item.string("image_digest");
        if (!is_sha256(machine.image_digest)) item.fail("image_digest", "is no sha256");
        machine.os = item.string("os");
        machine.family = item.string_or("family", families::default_family);
        machine.uefi = item.boolean_or("uefi", false);
        std::vector<std::string> wanted = machine.definition.suites;
        wanted.insert(wanted.end(), request.extra_suites.begin(), request.extra_suites.end());
        for (const std::string& suite : wanted) {
            const auto found = suites.find(suite);
            if (found == suites.end())
                item.fail("suites", "the request does not hold suite '" + suite + "'");
            machine.suites.push_back(found->second);
        }
        request.machines.push_back(std::move(machine));
    }
    for (const JsonReader& item : in.objects("patches"))
        request.patches.push_back(intake::patch_from_json(item.raw("patch")));
    return request;
}

std::string prepared_digest(const RunRequest& request, const std::string& emulator) {
    Sha256 sha;
    const auto add = [&](std::string_view part) {
        sha.update(std::to_string(part.size()));
        sha.update(":");
        sha.update(part);
    };
    add(preparation);
    add(emulator);
    add(request.lab.digest);
    for (const MachineRequest& machine : request.machines) {
        add(machine.definition.name);
        // a capture of another script has other facts
        add(snapshots::capture_script_digest(
            families::family(machine.family).attribution_rules().search_paths));
        add(machine.image_digest);
        for (const testsuites::Suite& suite : machine.suites) {
            add(suite.name);
            add(suite.digest);
        }
    }
    return sha.finish();
}

}  // namespace patchlab::pipeline
