// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/run/bisect.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace patchlab::pipeline {
namespace {

bool holds(const PatchSet& set, const PatchSet& part) {
    return std::includes(set.begin(), set.end(), part.begin(), part.end());
}

/// A bundle that fails whenever it holds all of `culprits`.
BisectResult search(const std::vector<PatchSet>& needs, const PatchSet& culprits) {
    return find_smallest_failing(needs, [&](const PatchSet& set) {
        return holds(set, culprits) ? TrialAnswer::fails : TrialAnswer::passes;
    });
}

TEST(Bisect, finds_one_culprit_of_eight_with_no_more_than_four_trials) {
    for (std::size_t culprit = 0; culprit < 8; ++culprit) {
        const BisectResult result = search(std::vector<PatchSet>(8), {culprit});
        EXPECT_EQ(result.smallest, PatchSet{culprit});
        EXPECT_LE(result.steps.size(), 4U);
        EXPECT_TRUE(result.certain);
    }
}

TEST(Bisect, finds_two_that_fail_only_together) {
    EXPECT_EQ(search(std::vector<PatchSet>(6), {1, 4}).smallest, (PatchSet{1, 4}));
}

TEST(Bisect, keeps_what_the_culprit_needs) {
    std::vector<PatchSet> needs(4);
    needs[2] = {0};
    EXPECT_EQ(search(needs, {2}).smallest, (PatchSet{0, 2}));
}

TEST(Bisect, says_that_it_is_not_certain_when_a_trial_gave_no_answer) {
    const BisectResult result = find_smallest_failing(
        std::vector<PatchSet>(2), [](const PatchSet&) { return TrialAnswer::unknown; });
    EXPECT_EQ(result.smallest, (PatchSet{0, 1}));
    EXPECT_FALSE(result.certain);
}

RC_GTEST_PROP(Bisect, finds_exactly_the_culprits_and_asks_for_no_set_twice, ()) {
    const auto count = *rc::gen::inRange<std::size_t>(1, 9);
    const auto drawn =
        *rc::gen::container<std::vector<std::size_t>>(3, rc::gen::inRange<std::size_t>(0, count));
    const PatchSet culprits(drawn.begin(), drawn.end());
    const BisectResult result = search(std::vector<PatchSet>(count), culprits);
    RC_ASSERT(result.smallest == culprits);
    std::set<PatchSet> asked;
    for (const BisectStep& step : result.steps) RC_ASSERT(asked.insert(step.tried).second);
}

}  // namespace
}  // namespace patchlab::pipeline
