// SPDX-License-Identifier: Apache-2.0
//
// Stage control: the same passage without a patch, more than once. What changes here changes by
// itself; a check that flickers here cannot condemn a patch. Each control is renamed into the
// prepared lab whole, so a crash leaves no half one.
#include "orchestrator/pipeline/lab/unpatched_record.hpp"
#include "orchestrator/pipeline/stages/stages.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::pipeline {

namespace {

/// Half a control is of no use: removed unless it was renamed into place.
class Unfinished {
  public:
    explicit Unfinished(fs::path folder) : folder_(std::move(folder)) {
        remove_tree(folder_);
        make_folder(folder_, 0710);
    }
    ~Unfinished() {
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
    }
    Unfinished(const Unfinished&) = delete;
    Unfinished& operator=(const Unfinished&) = delete;

  private:
    fs::path folder_;
};

}  // namespace

void unpatched_trial(const RunContext& run, const PreparedLab& lab, ControlKind kind,
                     const fs::path& folder) {
    LabSession session(run.backend, run.hypervisor, run.emulators, run.sockets, folder / "machines",
                       run.request);
    const Trial trial{run, lab, folder, session};
    session.restore(lab, kind == ControlKind::reboot ? Reboots::expected : Reboots::none);
    for (const MachineRequest& machine : run.request.machines) {
        const std::string& name = machine.definition.name;
        if (kind == ControlKind::reboot) session.reboot(name, lab.boot_seconds());
        if (kind == ControlKind::restart)
            restart_everything(session.channel(name), lab.settling_time());
        if (kind != ControlKind::plain &&
            !wait_until_settled(session.channel(name), lab.settling_time()))
            throw Error(ErrorCode::lab, "unpatched machine '" + name +
                                            "' did not settle after its " +
                                            std::string(pipeline::name(kind)));
    }
    test_machines(trial, Stage::control);
    observe_machines(trial, Stage::control);
    compare_machines(trial);
    session.end();
    record_unpatched_trial(run.request, lab, folder, run.backend.clock->now());
}

void control(const RunContext& run, const PreparedLab& lab, ControlKind kind, int count) {
    for (int number = 1; number <= count; ++number) {
        const fs::path target = lab.control_folder(kind, number);
        if (fs::exists(target)) continue;
        run.tell(Stage::control, "unpatched trial, " + std::string(name(kind)) + " " +
                                     std::to_string(number) + " of " + std::to_string(count));
        fs::path building = target;
        building += ".part";
        const Unfinished unfinished(building);
        during("unpatched trial '" + std::string(name(kind)) + "'",
               [&] { unpatched_trial(run, lab, kind, building); });
        remove_tree(building / "machines");
        fs::rename(building, target);
        sync_folder(target.parent_path());
    }
}

}  // namespace patchlab::pipeline
