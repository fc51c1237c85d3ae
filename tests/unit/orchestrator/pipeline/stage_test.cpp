// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/stage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "platform/core/files.hpp"
#include "tests/unit/orchestrator/pipeline/run_states.hpp"

namespace patchlab::pipeline {
namespace {

/// Stages that have work, that is all but `done`.
std::vector<Stage> working_stages() { return {all_stages.begin(), all_stages.end() - 1}; }

long edges_of(Stage stage, Event event, Phase phase) {
    return std::count_if(edges.begin(), edges.end(), [&](const Edge& edge) {
        return edge.from == stage && edge.on == event && holds(edge.when, phase);
    });
}

std::set<Stage> reachable(Phase phase) {
    std::set<Stage> seen{Stage::clone};
    std::vector<Stage> open{Stage::clone};
    while (!open.empty()) {
        const Stage stage = open.back();
        open.pop_back();
        for (const Edge& edge : edges)
            if (edge.from == stage && holds(edge.when, phase) && seen.insert(edge.to).second)
                open.push_back(edge.to);
    }
    return seen;
}

TEST(Transitions, have_at_most_one_edge_for_each_stage_event_and_phase) {
    for (const Stage stage : all_stages)
        for (const Event event : all_events)
            for (const Phase phase : all_phases)
                EXPECT_LE(edges_of(stage, event, phase), 1) << name(stage) << " on " << name(event);
}

TEST(Transitions, let_every_stage_end_well_be_given_up_and_be_taken_up_again) {
    for (const Stage stage : working_stages())
        for (const Event event : {Event::ok, Event::given_up, Event::lost})
            for (const Phase phase : all_phases)
                EXPECT_EQ(edges_of(stage, event, phase), 1) << name(stage) << " on " << name(event);
    for (const Edge& edge : edges) EXPECT_NE(edge.from, Stage::done);
}

TEST(Transitions, lead_to_every_stage) {
    const std::set<Stage> all(all_stages.begin(), all_stages.end());
    EXPECT_EQ(reachable(Phase::trial), all);
    const std::set<Stage> preparing{Stage::clone,      Stage::boot,    Stage::baseline,
                                    Stage::checkpoint, Stage::control, Stage::done};
    EXPECT_EQ(reachable(Phase::prepare), preparing) << "a lab that is prepared gets no trial";
}

TEST(Transitions, go_back_only_for_another_try_a_second_trial_or_after_a_crash) {
    for (const Edge& edge : edges) {
        const bool may_go_back = edge.on == Event::fault || edge.on == Event::doubted ||
                                 edge.on == Event::lost || edge.on == Event::moved;
        EXPECT_EQ(edge.to <= edge.from, may_go_back) << name(edge.from) << " on " << name(edge.on);
    }
}

TEST(Transitions, never_lead_past_the_judge_without_it_once_the_patch_is_in) {
    for (const Edge& edge : edges)
        if (edge.from >= Stage::restore && edge.from < Stage::judge) {
            EXPECT_LE(edge.to, Stage::judge) << name(edge.from) << " on " << name(edge.on);
        }
}

TEST(Transitions, are_known_even_for_what_a_stage_cannot_end_as) {
    for (const Stage stage : working_stages())
        for (const Event event : all_events)
            for (const Phase phase : all_phases)
                if (!edge(stage, event, phase)) {
                    EXPECT_EQ(next(stage, event, phase), next(stage, Event::given_up, phase))
                        << name(stage) << " on " << name(event);
                }
    EXPECT_EQ(next(Stage::done, Event::ok, Phase::trial), Stage::done);
}

TEST(Transitions, lead_to_a_second_trial_once) {
    EXPECT_EQ(next(Stage::compare, Event::doubted, Phase::trial), Stage::restore);
    EXPECT_FALSE(edge(Stage::compare, Event::doubted, Phase::second_trial));
}

TEST(Transitions, of_a_run_that_always_ends_well_pass_through_every_stage_in_order) {
    std::vector<Stage> passed;
    for (Stage at = Stage::clone; at != Stage::done; at = next(at, Event::ok, Phase::trial))
        passed.push_back(at);
    EXPECT_EQ(passed, working_stages());
}

TEST(Transitions, are_drawn_as_they_are) {
    const std::string text =
        read_file(std::string(PATCHLAB_SOURCE) + "/docs/reference/run-states.md");
    EXPECT_THAT(text, testing::HasSubstr(run_states()))
        << "docs/reference/run-states.md should have\n"
        << run_states();
}

TEST(SkipRules, are_those_of_stages_that_can_be_skipped) {
    std::set<Stage> skipped, can_be;
    for (const SkipRule& rule : skip_rules)
        EXPECT_TRUE(skipped.insert(rule.stage).second) << name(rule.stage) << " has two rules";
    for (const Edge& edge : edges)
        if (edge.on == Event::skipped) can_be.insert(edge.from);
    EXPECT_EQ(skipped, can_be);
}

TEST(Stage, never_resumes_later_than_it_was_lost) {
    for (const Stage stage : all_stages) EXPECT_LE(resume_point(stage), stage);
    EXPECT_EQ(resume_point(Stage::checkpoint), Stage::clone);
    EXPECT_EQ(resume_point(Stage::drill), Stage::restore);
    EXPECT_EQ(resume_point(Stage::done), Stage::done);
}

TEST(Stage, where_a_lost_run_goes_on_after_its_preparation_begins_anew_without_its_lab) {
    for (const Stage stage : working_stages()) {
        const Stage resumed = resume_point(stage);
        EXPECT_EQ(edges_of(resumed, Event::moved, Phase::trial), resumed > Stage::clone)
            << name(stage);
    }
}

TEST(Stage, names_are_unique_and_read_back) {
    std::set<std::string_view> names;
    for (const Stage stage : all_stages) {
        EXPECT_TRUE(names.insert(name(stage)).second);
        EXPECT_EQ(stage_from(name(stage)), stage);
        EXPECT_EQ(deadline_of(stage) > Seconds(0), stage != Stage::done) << name(stage);
    }
    EXPECT_EQ(stage_from("lunch"), std::nullopt);
}

}  // namespace
}  // namespace patchlab::pipeline
