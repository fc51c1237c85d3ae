// SPDX-License-Identifier: Apache-2.0
//
// The stages of a run in words, and which of them were left out.
#include <algorithm>
#include <array>
#include <utility>

#include "reports/words.hpp"

namespace patchlab::reports {

namespace {

constexpr std::array<std::pair<std::string_view, StageWords>, 17> stage_words{{
    {"clone", {"Clone", "copies of the images were made"}},
    {"boot", {"Boot", "the machines started"}},
    {"baseline", {"Baseline", "the checks ran and the state was captured, before the patch"}},
    {"checkpoint", {"Checkpoint", "disks and memory were kept, to come back to"}},
    {"control", {"Control", "the same steps without the patch: what changes by itself"}},
    {"restore", {"Restore", "the machines came back from the checkpoint"}},
    {"apply", {"Apply", "the patch was installed and its versions were proven"}},
    {"restart", {"Restart", "what still used replaced files was restarted"}},
    {"test", {"Test", "the checks ran with the patch"}},
    {"observe", {"Observe", "the state was captured with the patch"}},
    {"compare", {"Compare", "what the patch wrote to the disks was read"}},
    {"endure",
     {"Reboot check", "the patched machines are rebooted, tested and looked at once more"}},
    {"drill", {"Rollback drill", "the way back is practised and timed"}},
    {"witness",
     {"Control re-run", "what seems slower is held against an unpatched clone of this hour"}},
    {"faults", {"Fault tests", "power cuts and full disks during the installation"}},
    {"judge", {"Judge", "the verdict was made of what was found"}},
    {"seal", {"Seal", "the evidence was sealed and signed"}},
}};

bool was_rebooted_for_the_patch(const RunDocument& run) {
    return std::any_of(run.machines.begin(), run.machines.end(), [](const RunMachine& machine) {
        return machine.rebooted.value_or(false) && machine.boot_id_before != machine.boot_id_after;
    });
}

}  // namespace

StageWords words_of_stage(std::string_view stage) {
    for (const auto& [name, words] : stage_words)
        if (name == stage) return words;
    return {};
}

std::vector<std::string> stages_of_a_run() {
    std::vector<std::string> stages;
    for (const auto& [name, words] : stage_words) stages.emplace_back(name);
    return stages;
}

std::vector<NotPractised> not_practised(const RunDocument& run) {
    std::vector<NotPractised> left_out;
    for (const std::string stage : {"endure", "drill", "faults"}) {
        const RunStage* passage = run.last_passage(stage);
        if (passage && passage->outcome != "skipped") continue;
        if (stage == "drill" && run.drill) continue;
        if (stage == "faults" && !passage) continue;  // nobody expects them
        if (stage == "endure" && was_rebooted_for_the_patch(run)) continue;
        const bool said = passage && !passage->detail.empty();
        left_out.push_back({stage, std::string(words_of_stage(stage).title),
                            said ? passage->detail : "not reached"});
    }
    return left_out;
}

}  // namespace patchlab::reports
