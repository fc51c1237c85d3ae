// SPDX-License-Identifier: Apache-2.0
//
// Stage witness: what seems to be a regression, or a change that a start may make by itself, is
// held against unpatched clones of this very hour. The controls of the prepared lab may be days
// old, and the host may have been idle then and be busy now; and a start is full of races, of which
// one control shows one outcome. A patch must not answer for that. Passed over when nothing is
// suspected. A drill that went back to the checkpoint is a witness already.
#include "orchestrator/pipeline/stages/stages.hpp"
#include "orchestrator/pipeline/verdict/assess.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::pipeline {

namespace {

fs::path witness_folder(const fs::path& trial, ControlKind kind) {
    return trial / ("witness-" + std::string(name(kind)));
}

}  // namespace

std::vector<Witness> witnesses(const fs::path& trial) {
    std::vector<Witness> all{{revert_folder(trial)},
                             {witness_folder(trial, ControlKind::plain)},
                             {witness_folder(trial, ControlKind::reboot), true}};
    std::erase_if(all, [](const Witness& witness) { return !fs::exists(witness.folder); });
    return all;
}

void witness(const Trial& trial, FindingsReader& findings) {
    const RunRequest& request = trial.run.request;
    const bool rebooted = needs_reboot(request) || fs::exists(endure_folder(trial.folder));
    // the cheap witness first; a boot is repeated only when that one does not lift the suspicion
    for (const ControlKind kind : {ControlKind::plain, ControlKind::reboot}) {
        if (kind == ControlKind::reboot && !rebooted) break;
        if (kind == ControlKind::plain && fs::exists(revert_folder(trial.folder))) continue;
        const TrialFindings found = findings.read(trial.folder);
        const bool slower = regression_suspected(found);
        const bool unsure = kind == ControlKind::reboot && next_start_in_doubt(found);
        if (!slower && !unsure) continue;
        trial.tell(Stage::witness,
                   "looking at unpatched clones once more (" + std::string(name(kind)) + "): " +
                       (slower ? "a regression is suspected"
                               : "does their next start change the same by itself?"));
        trial.session
            .end();  // one session at a time, and the patched machines have said all they can
        const fs::path folder = witness_folder(trial.folder, kind);
        remove_tree(folder);
        make_folder(folder, 0710);
        during("unpatched trial '" + std::string(name(kind)) + "' beside the patched one",
               [&] { unpatched_trial(trial.run, trial.lab, kind, folder); });
    }
}

}  // namespace patchlab::pipeline
