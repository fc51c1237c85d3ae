// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/verdict/run_document.hpp"

#include <algorithm>
#include <cmath>

#include "orchestrator/pipeline/stages/stages.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "platform/core/version.hpp"
#include "platform/process/processor_time.hpp"
#include "snapshots/change.hpp"

namespace patchlab::pipeline {

namespace {

Json optional_json(const fs::path& file) {
    return fs::exists(file) ? read_json(file, 512U << 20) : Json(nullptr);
}

Json patches_of(const RunRequest& request, const PreparedLab* lab) {
    std::vector<InstalledPackages> installed;
    if (lab) installed = installed_on_all(request, *lab);
    Json patches = Json::array();
    for (const intake::Patch& patch : request.patches) {
        Json packages = Json::array();
        for (const intake::PatchPackage& package : patch.packages) {
            // The row's own old version when a machine holds it; else what a machine holds instead,
            // of which no old package is kept.
            std::string from = package.from;
            const auto holds = [&](const InstalledPackages& machine) {
                return machine.count(package.name) > 0 && machine.at(package.name) == package.from;
            };
            if (std::none_of(installed.begin(), installed.end(), holds))
                for (const InstalledPackages& machine : installed)
                    if (const auto it = machine.find(package.name); it != machine.end())
                        from = it->second;
            const bool old_kept = !package.old_file.empty() && from == package.from;
            packages.push_back(
                {{"name", package.name},
                 {"from", from.empty() ? Json(nullptr) : Json(from)},
                 {"to", package.to},
                 {"origin", package.origin},
                 {"sha256", package.sha256},
                 {"prerequisite", package.prerequisite},
                 {"old_available", old_kept},
                 {"old_sha256", old_kept ? Json(package.old_sha256) : Json(nullptr)}});
        }
        patches.push_back({{"id", patch.id},
                           {"kind", patch.kind},
                           {"source", patch.source},
                           {"version", patch.version},
                           {"advisories", patch.advisories},
                           {"urgency", patch.urgency},
                           {"reboot", patch.reboot},
                           {"reboot_why", patch.reboot_why},
                           {"verified", patch.verified},
                           {"changelog", patch.changelog},
                           {"packages", packages}});
    }
    return patches;
}

Json machines_of(const RunRequest& request, const PreparedLab* lab, const fs::path& trial) {
    Json machines = Json::array();
    for (const MachineRequest& machine : request.machines) {
        const std::string& name = machine.definition.name;
        Json item{{"name", name},
                  {"image", machine.definition.image},
                  {"image_digest", machine.image_digest},
                  {"os", machine.os},
                  {"criticality", machine.definition.criticality}};
        if (lab) {
            const snapshots::Capture before = lab->baseline(name).capture;
            item["kernel_before"] = before.kernel;
            item["boot_id_before"] = before.boot_id;
            for (const auto& [measure, value] : before.measures)
                item["measures"][measure]["before"] = value;
            if (const auto held = held_packages(before); !held.empty()) item["held"] = held;
            if (const auto ill = lab->complaints(name); !ill.empty()) item["complaints"] = ill;
        }
        if (!trial.empty() && fs::exists(trial / (name + "-capture.json"))) {
            const snapshots::Capture after = read_findings(trial, name, false).capture;
            item["kernel_after"] = after.kernel;
            item["boot_id_after"] = after.boot_id;
            for (const auto& [measure, value] : after.measures)
                item["measures"][measure]["after"] = value;
        }
        const Json restarts =
            trial.empty() ? Json(nullptr) : optional_json(trial / (name + "-restart.json"));
        if (!restarts.is_null()) item.update(restarts);
        machines.push_back(std::move(item));
    }
    return machines;
}

Json changes_of_document(const Json& items) {
    std::size_t noise = 0, unexplained = 0, unreadable = 0, sensitive = 0;
    for (const Json& item : items) {
        const auto by =
            snapshots::Attribution::from_text(item.at("attribution").get_ref<const std::string&>());
        if (by.is_noise()) ++noise;
        if (by.is_unexplained()) ++unexplained;
        if (item.value("change", "") == "unreadable") ++unreadable;
        if (item.value("sensitive", false) && !by.is_noise()) ++sensitive;
    }
    return {{"total", items.size()},
            {"explained", items.size() - noise - unexplained},
            {"noise", noise},
            {"unexplained", unexplained},
            {"unreadable", unreadable},
            {"sensitive", sensitive},
            {"items", items}};
}

Json drill_of(const fs::path& trial) {
    const Json drill = trial.empty() ? Json(nullptr) : optional_json(trial / "drill.json");
    return drill;
}

Json logs_of(const fs::path& evidence) {
    std::vector<std::string> logs;
    if (fs::exists(evidence / "logs"))
        for (const fs::directory_entry& entry : fs::recursive_directory_iterator(evidence / "logs"))
            if (entry.is_regular_file())
                logs.push_back(fs::relative(entry.path(), evidence).string());
    std::sort(logs.begin(), logs.end());
    return logs;
}

}  // namespace

Json progress_document(const RunRequest& request, const RunState& state) {
    return {{"schema", "patchlab/run/v1"},
            {"id", request.id},
            {"lab", request.lab.name},
            {"stage", name(state.stage)},
            {"state", name(state.progress)},
            {"verdict", state.verdict.empty() ? Json(nullptr) : Json(state.verdict)},
            {"requester", request.requester},
            {"requested", request.requested},
            {"started", state.started},
            {"finished", state.finished.empty() ? Json(nullptr) : Json(state.finished)},
            {"reasons", Json::array()},
            {"patches", patches_of(request, nullptr)},
            {"stages", to_json(state.stages)},
            {"checks", Json::array()},
            {"changes", changes_of_document(Json::array())},
            {"drill", nullptr},
            {"evidence", nullptr}};
}

namespace {

/// Evidence in which one stage was simulated is simulated.
std::string backend_of(const RunContext& run, const RunState& state) {
    const bool simulated =
        run.request.runs_on.backend == "fake" ||
        std::any_of(state.stages.begin(), state.stages.end(),
                    [](const Passage& passage) { return passage.backend == "fake"; });
    return simulated ? "fake" : run.backend.name;
}

}  // namespace

Json run_document(const RunContext& run, const PreparedLab* lab, const fs::path& trial,
                  const RunState& state, const fs::path& evidence) {
    const Json verdict = read_json(run.folder.work() / "verdict.json", 512U << 20);
    Json document = progress_document(run.request, state);
    document["stage"] = name(Stage::seal);
    document["state"] = name(RunProgress::finished);
    document["verdict"] = verdict.at("verdict");
    document["summary"] = verdict.at("summary");
    document["finished"] = to_rfc3339(run.backend.clock->now());
    document["seconds"] = Seconds(run.backend.clock->now() - from_rfc3339(state.started)).count();
    document["patchlab"] = version;
    document["host"] = {{"acceleration", virt::name(run.backend.acceleration)},
                        {"backend", backend_of(run, state)},
                        {"emulator", run.backend.emulator}};
    if (lab) document["host"]["checkpoint"] = virt::name(lab->kind());
    const process::Usage used = process::own_usage();
    document["cost"] = {{"cpu_seconds", std::round(used.cpu_seconds * 100) / 100},
                        {"peak_memory_kib", used.peak_kib}};
    if (!trial.empty() && fs::exists(trial / "start.json"))
        document["start"] = read_json(trial / "start.json");
    document["reasons"] = verdict.at("reasons");
    if (!verdict.at("own_troubles").empty()) document["own_troubles"] = verdict.at("own_troubles");
    document["patches"] = patches_of(run.request, lab);
    document["machines"] = machines_of(run.request, lab, trial);
    document["checks"] = verdict.at("checks");
    document["changes"] = changes_of_document(verdict.at("changes"));
    document["drill"] = drill_of(trial);
    if (!trial.empty() && fs::exists(trial / "faults.json"))
        document["faults"] = read_json(trial / "faults.json");
    document["logs"] = logs_of(evidence);
    document["evidence"] = "runs/" + run.request.id + "/evidence";
    return document;
}

}  // namespace patchlab::pipeline
