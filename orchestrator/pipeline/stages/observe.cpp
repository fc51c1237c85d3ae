// SPDX-License-Identifier: Apache-2.0
//
// Stage observe: the live state of every machine, its logs, and then a standstill in which its disk
// can be read.
#include <charconv>
#include <chrono>
#include <cmath>

#include "orchestrator/pipeline/stages/patch_contents.hpp"
#include "orchestrator/pipeline/stages/stages.hpp"
#include "platform/core/files.hpp"

namespace patchlab::pipeline {

namespace {

constexpr std::size_t max_journal = 2U << 20;

void collect_logs(const Trial& trial, const std::string& machine) {
    guest::GuestCommand journal{
        {"/usr/bin/journalctl", "-b", "--no-pager", "-o", "short-iso", "-n", "2000"},
        "",
        {},
        Seconds(60),
        max_journal};
    const guest::GuestResult result = trial.session.channel(machine).run(journal);
    write_file_atomic(trial.logs(machine) / "journal.log",
                      result.ok() ? result.out : "the journal could not be read: " + result.err);
}

/// A guest's clock was set right when its clone started; nothing but the patch has touched it
/// since. Not asked of a machine that was paused in between: its time stood still.
constexpr double most_clock_error = 120;  ///< seconds; a busy host may let the answer wait

}  // namespace

void look_at_clocks(const Trial& trial) {
    for (const MachineRequest& machine : trial.run.request.machines) {
        const std::string& name = machine.definition.name;
        const guest::GuestResult result =
            trial.session.channel(name).run({{"/bin/date", "-u", "+%s"}, "", {}, Seconds(60), 64});
        long long guest_time = 0;
        const auto [end, failure] =
            std::from_chars(result.out.data(), result.out.data() + result.out.size(), guest_time);
        if (!result.ok() || failure != std::errc()) {
            trial.add_reason({ReasonKind::not_observed, name, "clock",
                              "the guest does not tell the time", Effect::inconclusive});
            continue;
        }
        const auto now = trial.run.backend.clock->now().time_since_epoch();
        const double error =
            static_cast<double>(guest_time) - std::chrono::duration<double>(now).count();
        if (std::abs(error) > most_clock_error)
            trial.add_reason(
                {ReasonKind::health, name, "clock",
                 "the clock is wrong by " + std::to_string(static_cast<long long>(error)) + " s",
                 Effect::rejects});
    }
}

void observe_machines(const Trial& trial, Stage stage) {
    for (const MachineRequest& machine : trial.run.request.machines) {
        const std::string& name = machine.definition.name;
        trial.tell(stage, name + ": capturing its state");
        collect_logs(trial, name);
        write_capture(trial.folder, name,
                      trial.run.backend.capture(trial.session.channel(name),
                                                capture_options(trial.run.request, name)));
        trial.session.hold(name);
    }
}

void observe(const Trial& trial) {
    look_at_clocks(trial);
    observe_machines(trial, Stage::observe);
}

}  // namespace patchlab::pipeline
