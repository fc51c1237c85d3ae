// SPDX-License-Identifier: Apache-2.0
//
// Stage baseline: the suites, the capture and what the package system complains of before any
// patch, on the machines that will be checkpointed.
#include <algorithm>

#include "orchestrator/families/guest_installer.hpp"
#include "orchestrator/families/package_family.hpp"
#include "orchestrator/pipeline/stages/patch_contents.hpp"
#include "orchestrator/pipeline/stages/stages.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/text.hpp"

namespace patchlab::pipeline {

namespace {

constexpr std::size_t most_complaints = 20;

/// A machine whose package system is not sound is told of now: its patches will not install, and
/// that is not their fault.
std::vector<std::string> complaints_of(guest::GuestChannel& channel,
                                       const MachineRequest& machine) {
    const guest::GuestResult asked =
        channel.run(families::family(machine.family).installer().complaints());
    std::vector<std::string> complaints = complaint_lines(asked.out);
    complaints.resize(std::min(complaints.size(), most_complaints));
    return complaints;
}

void tell_of_packages(const RunContext& run, const std::string& machine,
                      const std::vector<std::string>& complaints,
                      const std::vector<std::string>& held) {
    if (!complaints.empty())
        run.tell(Stage::baseline, machine +
                                      ": its package system is not sound before any patch, so "
                                      "patches may not install: " +
                                      complaints.front() + "; mend the image");
    if (!held.empty())
        run.tell(Stage::baseline,
                 machine + ": on hold, and patched in the lab all the same: " + joined(held));
}

}  // namespace

void baseline(const RunContext& run, const PreparedLab& building, LabSession& session) {
    const fs::path folder = building.folder() / "baseline";
    make_folder(folder);
    for (const MachineRequest& machine : run.request.machines) {
        const std::string& name = machine.definition.name;
        guest::GuestChannel& channel = session.channel(name);
        run.tell(Stage::baseline,
                 name + ": running " + std::to_string(machine.suites.size()) + " suites");
        write_checks(folder, name, run.backend.run_suites(channel, machine.suites));
        run.tell(Stage::baseline, name + ": capturing its state");
        const snapshots::Capture capture =
            run.backend.capture(channel, capture_options(run.request, name));
        if (capture.boot_id.empty())
            throw Error(ErrorCode::lab, "machine '" + name + "' did not tell its boot id");
        write_capture(folder, name, capture);
        const std::vector<std::string> complaints = complaints_of(channel, machine);
        write_complaints(folder, name, complaints);
        tell_of_packages(run, name, complaints, held_packages(capture));
    }
}

}  // namespace patchlab::pipeline
