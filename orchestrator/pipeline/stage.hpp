// SPDX-License-Identifier: Apache-2.0
//
// The stages of a run, and the one table of its transitions: which stage comes next, whatever
// happens, and where a run found in a stage after a crash goes on. docs/reference/run-states.md
// draws it. A stage says where a run is; a verdict says what it found. The name of a stage is
// stored before its work starts. Values and pure functions.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "platform/core/clock.hpp"

namespace patchlab::pipeline {

/// In the order of a run. The first five build the prepared lab.
enum class Stage {
    clone,
    boot,
    baseline,
    checkpoint,
    control,
    restore,
    apply,
    restart,
    test,
    observe,
    compare,
    endure,
    drill,
    witness,
    faults,
    judge,
    seal,
    done
};

inline constexpr std::array all_stages{
    Stage::clone,   Stage::boot,   Stage::baseline, Stage::checkpoint, Stage::control,
    Stage::restore, Stage::apply,  Stage::restart,  Stage::test,       Stage::observe,
    Stage::compare, Stage::endure, Stage::drill,    Stage::witness,    Stage::faults,
    Stage::judge,   Stage::seal,   Stage::done};

std::string_view name(Stage stage);
std::optional<Stage> stage_from(std::string_view text);

/// For the whole stage, all machines; twice as long is a fault of the lab.
Seconds deadline_of(Stage stage);

/// What became of a stage.
enum class Event {
    ok,        ///< it did what it was for
    skipped,   ///< there was nothing to do, see skip_rules
    negative,  ///< the patch gave an answer that makes the stages up to observe pointless
    gone,      ///< the guest fell silent after the patch, again in a second trial
    doubted,   ///< the patch seems to do harm, and was seen to do it once: a second trial decides
    fault,     ///< the lab failed; nothing was learnt about the patch, and there is a try left
    given_up,  ///< the lab failed, and no try is left
    lost,      ///< the worker was lost in it, and another takes the run up
    moved      ///< so it was, and the prepared lab that the run was worked in is not here
};

inline constexpr std::array all_events{Event::ok,       Event::skipped, Event::negative,
                                       Event::gone,     Event::doubted, Event::fault,
                                       Event::given_up, Event::lost,    Event::moved};
std::string_view name(Event event);

/// What a run is for at a moment: to prepare a lab and nothing else; its first trial of the patch;
/// the trial after one that was doubted.
enum class Phase { prepare, trial, second_trial };

inline constexpr std::array all_phases{Phase::prepare, Phase::trial, Phase::second_trial};

/// The phases in which an edge holds.
enum class During { always, prepare, rehearsal, trial };
constexpr bool holds(During when, Phase phase) {
    switch (when) {
        case During::always: return true;
        case During::prepare: return phase == Phase::prepare;
        case During::rehearsal: return phase != Phase::prepare;
        case During::trial: return phase == Phase::trial;
    }
    return false;
}

struct Edge {
    Stage from;
    Event on;
    Stage to;
    During when = During::always;
};

/// Every transition there is. A stage with an edge for `fault` is tried again: a trial starts again
/// from the checkpoint, which costs seconds; a lab that cannot be prepared is not tried twice.
inline constexpr std::array edges{
    Edge{Stage::clone, Event::ok, Stage::boot},
    Edge{Stage::clone, Event::skipped, Stage::boot},
    Edge{Stage::clone, Event::given_up, Stage::judge, During::rehearsal},
    Edge{Stage::clone, Event::given_up, Stage::done, During::prepare},
    Edge{Stage::clone, Event::lost, Stage::clone},

    Edge{Stage::boot, Event::ok, Stage::baseline},
    Edge{Stage::boot, Event::skipped, Stage::baseline},
    Edge{Stage::boot, Event::given_up, Stage::judge, During::rehearsal},
    Edge{Stage::boot, Event::given_up, Stage::done, During::prepare},
    Edge{Stage::boot, Event::lost, Stage::clone},

    Edge{Stage::baseline, Event::ok, Stage::checkpoint},
    Edge{Stage::baseline, Event::skipped, Stage::checkpoint},
    Edge{Stage::baseline, Event::given_up, Stage::judge, During::rehearsal},
    Edge{Stage::baseline, Event::given_up, Stage::done, During::prepare},
    Edge{Stage::baseline, Event::lost, Stage::clone},

    Edge{Stage::checkpoint, Event::ok, Stage::control},
    Edge{Stage::checkpoint, Event::skipped, Stage::control},
    Edge{Stage::checkpoint, Event::given_up, Stage::judge, During::rehearsal},
    Edge{Stage::checkpoint, Event::given_up, Stage::done, During::prepare},
    Edge{Stage::checkpoint, Event::lost, Stage::clone},

    Edge{Stage::control, Event::ok, Stage::restore, During::rehearsal},
    Edge{Stage::control, Event::ok, Stage::done, During::prepare},
    Edge{Stage::control, Event::fault, Stage::control},
    Edge{Stage::control, Event::given_up, Stage::judge, During::rehearsal},
    Edge{Stage::control, Event::given_up, Stage::done, During::prepare},
    Edge{Stage::control, Event::lost, Stage::control},
    Edge{Stage::control, Event::moved, Stage::clone},

    Edge{Stage::restore, Event::ok, Stage::apply},
    Edge{Stage::restore, Event::fault, Stage::restore},
    Edge{Stage::restore, Event::given_up, Stage::judge},
    Edge{Stage::restore, Event::lost, Stage::restore},
    Edge{Stage::restore, Event::moved, Stage::clone},

    Edge{Stage::apply, Event::ok, Stage::restart},
    Edge{Stage::apply, Event::negative, Stage::observe},
    Edge{Stage::apply, Event::gone, Stage::judge},
    Edge{Stage::apply, Event::fault, Stage::restore},
    Edge{Stage::apply, Event::given_up, Stage::judge},
    Edge{Stage::apply, Event::lost, Stage::restore},

    Edge{Stage::restart, Event::ok, Stage::test},
    Edge{Stage::restart, Event::gone, Stage::judge},
    Edge{Stage::restart, Event::fault, Stage::restore},
    Edge{Stage::restart, Event::given_up, Stage::judge},
    Edge{Stage::restart, Event::lost, Stage::restore},

    Edge{Stage::test, Event::ok, Stage::observe},
    Edge{Stage::test, Event::gone, Stage::judge},
    Edge{Stage::test, Event::fault, Stage::restore},
    Edge{Stage::test, Event::given_up, Stage::judge},
    Edge{Stage::test, Event::lost, Stage::restore},

    Edge{Stage::observe, Event::ok, Stage::compare},
    Edge{Stage::observe, Event::gone, Stage::judge},
    Edge{Stage::observe, Event::fault, Stage::restore},
    Edge{Stage::observe, Event::given_up, Stage::judge},
    Edge{Stage::observe, Event::lost, Stage::restore},

    Edge{Stage::compare, Event::ok, Stage::endure},
    Edge{Stage::compare, Event::gone, Stage::judge},
    Edge{Stage::compare, Event::doubted, Stage::restore, During::trial},
    Edge{Stage::compare, Event::given_up, Stage::judge},
    Edge{Stage::compare, Event::lost, Stage::restore},

    Edge{Stage::endure, Event::ok, Stage::drill},
    Edge{Stage::endure, Event::skipped, Stage::drill},
    Edge{Stage::endure, Event::gone, Stage::judge},
    Edge{Stage::endure, Event::fault, Stage::restore},
    Edge{Stage::endure, Event::given_up, Stage::judge},
    Edge{Stage::endure, Event::lost, Stage::restore},

    Edge{Stage::drill, Event::ok, Stage::witness},
    Edge{Stage::drill, Event::skipped, Stage::witness},
    Edge{Stage::drill, Event::given_up, Stage::judge},
    Edge{Stage::drill, Event::lost, Stage::restore},

    Edge{Stage::witness, Event::ok, Stage::faults},
    Edge{Stage::witness, Event::skipped, Stage::faults},
    Edge{Stage::witness, Event::given_up, Stage::judge},
    Edge{Stage::witness, Event::lost, Stage::restore},

    Edge{Stage::faults, Event::ok, Stage::judge},
    Edge{Stage::faults, Event::skipped, Stage::judge},
    Edge{Stage::faults, Event::given_up, Stage::judge},
    Edge{Stage::faults, Event::lost, Stage::restore},

    Edge{Stage::judge, Event::ok, Stage::seal},
    Edge{Stage::judge, Event::given_up, Stage::done},
    Edge{Stage::judge, Event::lost, Stage::judge},
    Edge{Stage::judge, Event::moved, Stage::clone},

    Edge{Stage::seal, Event::ok, Stage::done},
    Edge{Stage::seal, Event::given_up, Stage::done},
    Edge{Stage::seal, Event::lost, Stage::seal},
    Edge{Stage::seal, Event::moved, Stage::clone},
};

/// The edge, if the table has one.
std::optional<Edge> edge(Stage from, Event on, Phase phase);
/// The stage that comes next. Where the table has no edge the stage cannot have ended so, and the
/// run goes where a fault without a try left leads. `done` stays done.
Stage next(Stage from, Event on, Phase phase);
/// Whether a fault in this stage is followed by another try, as long as there is one left.
bool is_tried_again(Stage stage);
/// Where a run that is found in `stage` after a crash goes on: machines do not survive their
/// worker, so a trial starts again from the checkpoint, a lab under preparation from its clones;
/// judging and sealing work on what is on disk.
Stage resume_point(Stage stage);

/// Why a stage may have nothing to do.
enum class SkipWhen {
    lab_is_prepared,
    no_reboot_would_tell,  ///< none is wanted, or the patch is condemned before it
    no_drill_is_wanted,
    nothing_is_suspected,  ///< neither a regression nor a change of the next start
    no_faults_are_wanted
};
std::string_view name(SkipWhen when);

struct SkipRule {
    Stage stage;
    SkipWhen when;
};

inline constexpr std::array skip_rules{
    SkipRule{Stage::clone, SkipWhen::lab_is_prepared},
    SkipRule{Stage::boot, SkipWhen::lab_is_prepared},
    SkipRule{Stage::baseline, SkipWhen::lab_is_prepared},
    SkipRule{Stage::checkpoint, SkipWhen::lab_is_prepared},
    SkipRule{Stage::endure, SkipWhen::no_reboot_would_tell},
    SkipRule{Stage::drill, SkipWhen::no_drill_is_wanted},
    SkipRule{Stage::witness, SkipWhen::nothing_is_suspected},
    SkipRule{Stage::faults, SkipWhen::no_faults_are_wanted},
};

}  // namespace patchlab::pipeline
