// SPDX-License-Identifier: Apache-2.0
//
// Stage seal: everything a reader needs, copied into one folder, described by run.json, sealed, and
// signed by the installation.
#include "orchestrator/pipeline/stages/beside.hpp"
#include "orchestrator/pipeline/stages/stages.hpp"
#include "orchestrator/pipeline/verdict/run_document.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/key_ring.hpp"
#include "reports/evidence.hpp"
#include "reports/signature.hpp"

namespace patchlab::pipeline {

namespace {

constexpr std::uintmax_t max_sealed_log = 16U << 20;

void keep_copy(const fs::path& from, const fs::path& to) {
    if (!fs::is_regular_file(fs::symlink_status(from))) return;
    make_folder(to.parent_path());
    if (fs::file_size(from) > max_sealed_log) {  // the end of a log is what tells
        const std::string text = read_file(from, std::uint64_t{1} << 32);
        write_file_atomic(to, "[cut]\n" + text.substr(text.size() - max_sealed_log));
    } else {
        write_file_atomic(to, read_file(from));
    }
}

void copy_results(const fs::path& from, const fs::path& to, const std::string& label) {
    if (!fs::exists(from)) return;
    for (const fs::directory_entry& entry : fs::directory_iterator(from)) {
        const std::string file = entry.path().filename().string();
        const auto dash = file.rfind('-');
        if (entry.path().extension() != ".json" || dash == std::string::npos) continue;
        keep_copy(entry.path(), to / (file.substr(0, dash) + "-" + label + file.substr(dash)));
    }
}

void copy_logs(const fs::path& from, const fs::path& to) {
    if (!fs::exists(from)) return;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(from))
        keep_copy(entry.path(), to / fs::relative(entry.path(), from));
}

}  // namespace

void seal_run(const RunContext& run, const PreparedLab* lab, const fs::path& trial,
              RunState& state) {
    const fs::path evidence = run.folder.evidence();
    fs::path building = evidence;
    building += ".part";
    remove_tree(building);
    make_folder(building);
    write_file_atomic(building / "lab.yaml", run.request.lab.source);
    keep_copy(run.folder.request(), building / "request.json");
    if (lab) {
        copy_results(lab->folder() / "baseline", building / "captures", "before");
        for (const ControlKind kind :
             {ControlKind::plain, ControlKind::restart, ControlKind::reboot})
            for (const fs::path& control : lab->controls(kind))
                copy_results(control, building / "captures",
                             "control-" + control.filename().string());
    }
    if (!trial.empty()) {
        copy_results(trial, building / "captures", "after");
        copy_results(doubted_folder(run.folder), building / "captures", "after-in-first-trial");
        copy_results(endure_folder(trial), building / "captures", "after-reboot");
        copy_results(again_folder(trial), building / "captures", "after-another-reboot");
        copy_results(beside_folder(trial), building / "captures", "beside");
        copy_results(beside_folder(endure_folder(trial)), building / "captures",
                     "beside-after-reboot");
        for (const Witness& witness : witnesses(trial))
            copy_results(witness.folder, building / "captures", witness.folder.filename().string());
        keep_copy(trial / "drill.json", building / "drill.json");
        keep_copy(trial / "faults.json", building / "faults.json");
        for (const char* part :
             {"", "endure", "again", "downgrade", "power-cut", "disk-full", "second-reboot"})
            copy_logs(trial / part / "logs", building / "logs" / part);
        copy_logs(doubted_folder(run.folder) / "logs", building / "logs" / "first-trial");
        for (const MachineRequest& machine : run.request.machines)
            keep_copy(trial / "machines" / (machine.definition.name + "-console.log"),
                      building / "logs" / machine.definition.name / "console.log");
    }
    for (const MachineRequest& machine : run.request.machines)
        keep_copy(run.folder.work() / "preparing" / (machine.definition.name + "-console.log"),
                  building / "logs" / machine.definition.name / "boot-console.log");
    keep_copy(run.folder.events(), building / "logs" / "events.jsonl");
    write_json(building / "run.json", run_document(run, lab, trial, state, building));
    reports::seal(building);
    reports::sign(building, installation_keys(run.request.state).current(*run.backend.clock));
    run.check_lease();  // an older attempt must not replace what a newer one has sealed
    remove_tree(evidence);
    fs::rename(building, evidence);
    sync_folder(evidence.parent_path());
}

}  // namespace patchlab::pipeline
