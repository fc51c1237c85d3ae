// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/stage.hpp"

#include <gtest/gtest.h>

#include <set>

namespace patchlab::pipeline {
namespace {

TEST(Stage, every_way_through_the_table_ends) {
    for (const Stage start : all_stages)
        for (const StageEnd end : {StageEnd::ok, StageEnd::negative, StageEnd::gone}) {
            Stage at = start;
            std::size_t steps = 0;
            while (at != Stage::done && steps <= all_stages.size()) at = next(at, end), ++steps;
            EXPECT_EQ(at, Stage::done) << name(start);
        }
}

TEST(Stage, a_fault_leads_to_another_trial_or_to_the_judge_and_never_past_it) {
    for (const Rule& rule : rules) {
        if (rule.stage == Stage::judge || rule.stage == Stage::seal) continue;
        EXPECT_TRUE(rule.on_fault == Stage::restore || rule.on_fault == Stage::judge)
            << name(rule.stage);
    }
}

TEST(Stage, a_run_never_resumes_later_than_it_was_lost) {
    for (const Stage stage : all_stages) EXPECT_LE(resume_point(stage), stage);
}

TEST(Stage, names_are_unique_and_read_back) {
    std::set<std::string_view> names;
    for (const Stage stage : all_stages) {
        EXPECT_TRUE(names.insert(name(stage)).second);
        EXPECT_EQ(stage_from(name(stage)), stage);
    }
    EXPECT_EQ(stage_from("lunch"), std::nullopt);
}

}  // namespace
}  // namespace patchlab::pipeline
