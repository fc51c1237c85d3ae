// SPDX-License-Identifier: Apache-2.0
//
// The stages of a run, the one table of its transitions, and where a run found in a stage after a
// crash goes on. A stage says where a run is; a verdict says what it found. The name of a stage is
// stored before its work starts.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "platform/core/clock.hpp"

namespace patchlab::pipeline {

/// In the order of a run. The first five build the prepared lab and are passed over when there is
/// one already.
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

/// How the work of a stage ended, as far as the order of stages is concerned.
///   ok        it did what it was for
///   negative  the patch gave an answer that makes the stages up to observe pointless (it did not
///             install)
///   gone      the guest fell silent after the patch, and did so again in a second trial: nothing
///             more can be asked of it
///   doubted   the patch seems to do harm, and was seen to do it once: a second trial decides
///   fault     the lab failed; nothing was learnt about the patch
enum class StageEnd { ok, negative, gone, doubted, fault };

struct Rule {
    Stage stage;
    Stage on_ok;
    Stage on_negative;
    Stage on_fault;
    double deadline_seconds;  ///< for the whole stage, all machines; twice as long is a fault of
                              ///< the lab
    int retries;  ///< how often the stage's group is tried again after a fault before the run is
                  ///< inconclusive
};

/// Every transition there is. A trial that faults starts again from the checkpoint (that costs
/// seconds); a lab that cannot be prepared is not tried twice.
inline constexpr std::array<Rule, 17> rules{{
    {Stage::clone, Stage::boot, Stage::judge, Stage::judge, 120, 0},
    {Stage::boot, Stage::baseline, Stage::judge, Stage::judge, 600, 0},
    {Stage::baseline, Stage::checkpoint, Stage::judge, Stage::judge, 600, 0},
    {Stage::checkpoint, Stage::control, Stage::judge, Stage::judge, 300, 0},
    {Stage::control, Stage::restore, Stage::judge, Stage::judge, 1800, 1},
    {Stage::restore, Stage::apply, Stage::judge, Stage::restore, 300, 1},
    {Stage::apply, Stage::restart, Stage::observe, Stage::restore, 1800, 1},
    {Stage::restart, Stage::test, Stage::observe, Stage::restore, 900, 1},
    {Stage::test, Stage::observe, Stage::observe, Stage::restore, 900, 1},
    {Stage::observe, Stage::compare, Stage::compare, Stage::restore, 300, 1},
    {Stage::compare, Stage::endure, Stage::judge, Stage::judge, 300, 0},
    {Stage::endure, Stage::drill, Stage::drill, Stage::restore, 1200, 1},
    {Stage::drill, Stage::witness, Stage::judge, Stage::judge, 1800, 0},
    {Stage::witness, Stage::faults, Stage::faults, Stage::judge, 1800, 0},
    {Stage::faults, Stage::judge, Stage::judge, Stage::judge, 5400, 0},
    {Stage::judge, Stage::seal, Stage::seal, Stage::seal, 60, 0},
    {Stage::seal, Stage::done, Stage::done, Stage::done, 300, 0},
}};

const Rule& rule(Stage stage);
Stage next(Stage stage, StageEnd end);

/// Where a run that is found in `stage` after a crash goes on: machines do not survive their
/// worker, so a trial starts again from the checkpoint, a lab under preparation from its clones;
/// judging and sealing work on what is on disk.
Stage resume_point(Stage stage);

}  // namespace patchlab::pipeline
