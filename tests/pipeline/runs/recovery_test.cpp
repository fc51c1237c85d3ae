// SPDX-License-Identifier: Apache-2.0
//
// Every stage × fault: the worker killed, the host's disk full, the guest's agent gone. The table
// in docs/reference/faults.md says what is proven here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "orchestrator/pipeline/stage.hpp"
#include "tests/support/program.hpp"

namespace patchlab::tests {
namespace {

using pipeline::Event;
using pipeline::Phase;
using pipeline::Stage;

std::vector<Stage> stages_with_work() {
    return {pipeline::all_stages.begin(), pipeline::all_stages.end() - 1};
}

std::string title(const testing::TestParamInfo<Stage>& info) {
    return std::string(pipeline::name(info.param));
}

/// Nothing of a run may be left but what was recorded.
void expect_nothing_left(const fs::path& state) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(state)) {
        const std::string path = entry.path().string();
        EXPECT_EQ(path.find(".part"), std::string::npos) << path;
        EXPECT_EQ(path.find("/machines/"), std::string::npos) << path;
    }
}

/// Whether the run went from this stage to that one. (Sealing is not among the stages of a document
/// that is being sealed.)
bool went(const Json& run, Stage from, Stage to) {
    std::vector<std::string> passed;
    for (const Json& stage : run.at("stages"))
        passed.push_back(stage.at("name").get<std::string>());
    if (!run.at("evidence").is_null()) passed.push_back("seal");
    passed.push_back("done");
    for (std::size_t i = 0; i + 1 < passed.size(); ++i)
        if (passed[i] == pipeline::name(from) && passed[i + 1] == pipeline::name(to)) return true;
    return false;
}

/// That the run took the edge which the table has for this.
void expect_taken(const Json& run, Stage from, Event on, Phase phase = Phase::trial) {
    const Stage to = pipeline::next(from, on, phase);
    EXPECT_TRUE(went(run, from, to))
        << pipeline::name(from) << " on " << pipeline::name(on) << " to " << pipeline::name(to)
        << ", but the run went " << run.at("stages");
}

class EveryStage : public testing::TestWithParam<Stage> {
  protected:
    std::string fault(const std::string& kind) const {
        return std::string(pipeline::name(GetParam())) + ":" + kind;
    }
    PlayedLab lab;
};

TEST_P(EveryStage, a_killed_worker_loses_nothing_and_its_run_goes_on) {
    EXPECT_EQ(lab.rehearse({{"PATCHLAB_FAULT", fault("kill")}}).exit_code, 3);
    const std::string id = lab.newest_id();
    EXPECT_EQ(lab.newest().at("state"), "interrupted");
    EXPECT_EQ(lab.newest().at("stage"), std::string(pipeline::name(GetParam())));
    EXPECT_EQ(lab.run({"run", "resume", id}).exit_code, 0);
    EXPECT_EQ(lab.newest().at("verdict"), "validated");
    expect_nothing_left(lab.state());
}

TEST_P(EveryStage, reap_releases_what_a_killed_worker_left_and_the_run_can_still_go_on) {
    EXPECT_EQ(lab.rehearse({{"PATCHLAB_FAULT", fault("kill")}}).exit_code, 3);
    EXPECT_EQ(lab.run({"reap"}).exit_code, 0);
    expect_nothing_left(lab.state());
    EXPECT_EQ(lab.run({"run", "resume", lab.newest_id()}).exit_code, 0);
    EXPECT_EQ(lab.newest().at("verdict"), "validated");
}

TEST_P(EveryStage, a_full_disk_of_the_host_never_condemns_and_never_clears) {
    EXPECT_EQ(lab.rehearse({{"PATCHLAB_FAULT", fault("disk-full")}}).exit_code, 3);
    const Json run = lab.newest();
    EXPECT_EQ(run.at("verdict"), "inconclusive");
    expect_nothing_left(lab.state());
    if (GetParam() == Stage::seal) return;  // there is no document of it
    expect_taken(run, GetParam(), Event::given_up);
    if (pipeline::is_tried_again(GetParam())) expect_taken(run, GetParam(), Event::fault);
}

TEST_P(EveryStage, a_worker_whose_run_was_taken_by_a_newer_attempt_leaves_no_evidence) {
    EXPECT_EQ(lab.rehearse({{"PATCHLAB_FAULT", fault("superseded:once")}}).exit_code, 3);
    const std::string id = lab.newest_id();
    const fs::path run = lab.state() / "runs" / id;
    EXPECT_FALSE(fs::exists(run / "evidence"));
    EXPECT_EQ(read_json(run / "lease.json").at("attempt"), 2);
    EXPECT_EQ(lab.newest().at("state"), "interrupted");
    EXPECT_EQ(lab.run({"run", "resume", id}).exit_code, 0);
    EXPECT_EQ(read_json(run / "lease.json").at("attempt"), 3);
    EXPECT_EQ(lab.newest().at("verdict"), "validated");
    expect_nothing_left(lab.state());
}

INSTANTIATE_TEST_SUITE_P(Faults, EveryStage, testing::ValuesIn(stages_with_work()), title);

class TrialStage : public EveryStage {};

TEST_P(TrialStage, a_fault_that_passes_is_made_good_by_a_second_trial) {
    const auto result = lab.rehearse({{"PATCHLAB_FAULT", fault("disk-full:once")}});
    EXPECT_EQ(result.exit_code, 0) << result.err;
}

TEST_P(TrialStage, an_agent_that_is_lost_once_is_made_good_and_one_that_is_lost_again_condemns) {
    EXPECT_EQ(lab.rehearse({{"PATCHLAB_FAULT", fault("agent-gone:once")}}).exit_code, 0);
    const bool after_the_patch =
        GetParam() >= Stage::apply;  // before, there is nobody to condemn and no machine to lose
    EXPECT_EQ(lab.rehearse({{"PATCHLAB_FAULT", fault("agent-gone")}}).exit_code,
              after_the_patch ? 1 : 0);
    if (after_the_patch) expect_taken(lab.newest(), GetParam(), Event::gone);
    expect_nothing_left(lab.state());
}

INSTANTIATE_TEST_SUITE_P(Faults, TrialStage,
                         testing::Values(Stage::restore, Stage::apply, Stage::restart, Stage::test,
                                         Stage::observe, Stage::endure),
                         title);

/// The stages in which a machine that falls silent again condemns the patch.
std::vector<Stage> stages_under_suspicion() {
    return {Stage::apply, Stage::restart, Stage::test, Stage::observe, Stage::endure};
}

class PreparingStage : public EveryStage {};

TEST_P(PreparingStage, that_fails_ends_a_run_which_only_prepares_a_lab) {
    EXPECT_EQ(
        lab.run({"lab", "prepare", "shop"}, {{"PATCHLAB_FAULT", fault("disk-full")}}).exit_code, 3);
    const Json run = lab.newest();
    EXPECT_TRUE(run.at("verdict").is_null());
    EXPECT_TRUE(run.at("evidence").is_null());
    expect_taken(run, GetParam(), Event::given_up, Phase::prepare);
}

INSTANTIATE_TEST_SUITE_P(Faults, PreparingStage,
                         testing::Values(Stage::clone, Stage::boot, Stage::baseline,
                                         Stage::checkpoint, Stage::control),
                         title);

TEST(Transitions, of_a_good_patch_pass_through_every_stage_and_skip_what_is_there) {
    PlayedLab lab;
    EXPECT_EQ(lab.run({"lab", "prepare", "shop"}).exit_code, 0);
    const Json prepared = lab.newest();
    expect_taken(prepared, Stage::control, Event::ok, Phase::prepare);
    EXPECT_EQ(lab.rehearse({}, {"--no-endure"}).exit_code, 0);
    const Json run = lab.newest();
    for (const Stage stage : stages_with_work()) {
        expect_taken(run, stage, Event::ok);
        if (stage < Stage::control) expect_taken(prepared, stage, Event::ok, Phase::prepare);
    }
}

TEST(Transitions, of_a_patch_that_does_not_install_leave_its_tests_out) {
    PlayedLab lab;
    lab.play({{"packages", {{"hello", "1.0"}, {"other", "5"}}}, {"install_exit", 100}});
    EXPECT_EQ(lab.rehearse().exit_code, 1);
    const Json run = lab.newest();
    expect_taken(run, Stage::apply, Event::negative);
    expect_taken(run, Stage::compare, Event::doubted);
}

/// The tests of this file take every edge of the table; what none can take is listed here.
TEST(Transitions, are_each_taken_by_a_test) {
    const auto suspects = stages_under_suspicion();
    for (const pipeline::Edge& edge : pipeline::edges) {
        bool taken = true;
        switch (edge.on) {
            case Event::ok:        // of_a_good_patch…, every stage
            case Event::skipped:   // likewise: a prepared lab, and none of what can be left out
            case Event::fault:     // EveryStage, a_full_disk…
            case Event::given_up:  // likewise, and PreparingStage
            case Event::lost:      // EveryStage, a_killed_worker…
            case Event::moved:     // MovedRunIn, begins_anew…
                break;
            case Event::negative: taken = edge.from == Stage::apply; break;
            case Event::doubted: taken = edge.from == Stage::compare; break;
            case Event::gone:  // TrialStage, an_agent_that_is_lost…
                taken = std::find(suspects.begin(), suspects.end(), edge.from) != suspects.end();
                break;
        }
        // comparing asks nothing of a guest, so it cannot fall silent there unless by a race
        const bool listed = edge.from == Stage::compare && edge.on == Event::gone;
        EXPECT_NE(taken, listed) << pipeline::name(edge.from) << " on " << pipeline::name(edge.on);
    }
}

/// A patch that fails in each trial; the fault is met in the first trial or, from endure on, in the
/// second.
class Doubt : public testing::TestWithParam<std::string> {
  protected:
    Doubt() {
        lab.play({{"packages", {{"hello", "1.0"}, {"other", "5"}}},
                  {"fail_after", {"nginx/front page answers"}}});
    }
    void expect_condemned_twice() {
        const Json run = lab.newest();
        EXPECT_EQ(run.at("verdict"), "rejected");
        EXPECT_EQ(run.at("reasons").at(0).at("kind"), "check-failed");
        EXPECT_EQ(run.at("reasons").at(0).at("seen_twice"), true);
        expect_nothing_left(lab.state());
    }
    PlayedLab lab;
};

TEST_P(Doubt, outlives_a_killed_worker) {
    EXPECT_EQ(lab.rehearse({{"PATCHLAB_FAULT", GetParam() + ":kill"}}).exit_code, 3);
    EXPECT_EQ(lab.run({"run", "resume", lab.newest_id()}).exit_code, 1);
    expect_condemned_twice();
}

TEST_P(Doubt, leaves_room_for_a_fault_of_the_lab) {
    EXPECT_EQ(lab.rehearse({{"PATCHLAB_FAULT", GetParam() + ":disk-full:once"}}).exit_code, 1);
    expect_condemned_twice();
}

INSTANTIATE_TEST_SUITE_P(Faults, Doubt, testing::Values("apply", "observe", "endure"));

TEST(Cancel, lets_go_of_the_patch_that_an_unfinished_run_holds) {
    PlayedLab lab;
    EXPECT_EQ(lab.rehearse({{"PATCHLAB_FAULT", "apply:kill"}}).exit_code, 3);
    const auto refused = lab.run({"patch", "remove", "hello_2.0"});
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_THAT(refused.err, testing::HasSubstr("in use by run " + lab.newest_id()));
    EXPECT_EQ(lab.run({"run", "cancel", lab.newest_id()}).exit_code, 0);
    EXPECT_EQ(lab.run({"patch", "remove", "hello_2.0"}).exit_code, 0);
}

TEST(Cancel, stops_a_run_and_leaves_no_verdict) {
    PlayedLab lab;
    EXPECT_EQ(lab.rehearse({{"PATCHLAB_FAULT", "apply:kill"}}).exit_code, 3);
    EXPECT_EQ(lab.run({"run", "cancel", lab.newest_id()}).exit_code, 0);
    EXPECT_EQ(lab.newest().at("state"), "cancelled");
    EXPECT_TRUE(lab.newest().at("verdict").is_null());
    EXPECT_EQ(lab.run({"run", "resume", lab.newest_id()}).exit_code, 2);
}

}  // namespace
}  // namespace patchlab::tests
