// SPDX-License-Identifier: Apache-2.0
//
// The search of a campaign against an oracle that knows which patches fail. What must hold for each
// oracle: nobody innocent is blamed, nobody at fault is cleared, and the search ends.
#include "orchestrator/campaign/search.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <random>

namespace patchlab::campaign {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A set that fails, and how.
struct Fault {
    PatchSet set;
    Verdict verdict = Verdict::rejected;
    bool attributed = false;  ///< a run's reasons name it
};

struct Oracle {
    std::vector<Fault> faults;
    double silent = 0;  ///< how often the lab gives no answer
    std::mt19937 chance{7};

    static bool within(const PatchSet& part, const PatchSet& whole) {
        return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
    }
    Trial answer(const PatchSet& set) {
        Trial trial{set, Verdict::validated, {}};
        if (std::uniform_real_distribution<>(0, 1)(chance) < silent)
            return {set, Verdict::inconclusive, {}};
        bool all_attributed = true;
        for (const Fault& fault : faults) {
            if (!within(fault.set, set)) continue;
            trial.verdict = std::max(trial.verdict, fault.verdict);
            all_attributed = all_attributed && fault.attributed;
            trial.blamed.insert(fault.set.begin(), fault.set.end());
        }
        if (trial.verdict != Verdict::needs_review || !all_attributed) trial.blamed.clear();
        return trial;
    }
    bool works(const PatchSet& set) const {
        return std::none_of(faults.begin(), faults.end(),
                            [&](const Fault& fault) { return within(fault.set, set); });
    }
};

struct Played {
    Step end;
    std::vector<Trial> trials;
    std::size_t runs() const { return trials.size(); }
};

Played play(const Problem& problem, Oracle& oracle) {
    Played played;
    std::size_t promised = 100'000;
    for (Step step = next_step(problem, {}); step.wanted;
         step = next_step(problem, played.trials)) {
        EXPECT_EQ(*step.wanted, with_needs(problem.needs, *step.wanted)) << "not closed";
        EXPECT_FALSE(step.why.empty());
        const bool answers =
            played.trials.empty() || played.trials.back().verdict != Verdict::inconclusive;
        if (oracle.silent == 0 && answers && !problem.smallest) {
            EXPECT_LE(step.at_most, promised) << "more runs than were promised";
        }
        promised = step.at_most - 1;
        played.trials.push_back(oracle.answer(*step.wanted));
        if (played.runs() > 3000) {
            ADD_FAILURE() << "no end";
            return played;
        }
    }
    played.end = next_step(problem, played.trials);
    return played;
}

std::vector<PatchSet> independent(std::size_t patches) { return std::vector<PatchSet>(patches); }

std::vector<std::size_t> in_role(const Step& end, Role role) {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < end.findings.size(); ++i)
        if (end.findings[i].role == role) found.push_back(i);
    return found;
}

/// Whether the patch, or one that is installed with it or not at all, is needed for a failure
/// inside of `failing`: there is a fault with it of which no part fails.
bool takes_part(const Problem& problem, const Oracle& oracle, std::size_t patch,
                const PatchSet& failing) {
    const PatchSet closed = with_needs(problem.needs, {patch});
    const auto is_of_unit = [&](std::size_t other) {
        return closed.contains(other) && with_needs(problem.needs, {other}).contains(patch);
    };
    return std::any_of(oracle.faults.begin(), oracle.faults.end(), [&](const Fault& fault) {
        const bool smallest =
            std::none_of(oracle.faults.begin(), oracle.faults.end(), [&](const Fault& other) {
                return other.set != fault.set && Oracle::within(other.set, fault.set);
            });
        return smallest && Oracle::within(fault.set, failing) &&
               std::any_of(fault.set.begin(), fault.set.end(), is_of_unit);
    });
}

/// What must hold whatever the oracle: each claim is covered by a run of exactly that set.
void check_claims(const Played& played, const Problem& problem, const Oracle& oracle) {
    EXPECT_TRUE(oracle.works(played.end.proven)) << "somebody at fault was cleared";
    if (!played.end.proven.empty()) {
        ASSERT_TRUE(played.end.proof);
        EXPECT_EQ(played.trials.at(*played.end.proof).patches, played.end.proven);
        EXPECT_EQ(played.trials.at(*played.end.proof).verdict, Verdict::validated);
    }
    for (std::size_t i = 0; i < problem.needs.size(); ++i) {
        const Finding& finding = played.end.findings[i];
        ASSERT_TRUE(finding.verdict) << i << " has no verdict";
        const PatchSet alone = with_needs(problem.needs, {i});
        EXPECT_TRUE(finding.role != Role::alone || oracle.works(alone)) << i;
        EXPECT_TRUE(finding.role != Role::blocked || !finding.with.empty()) << i;
        if (finding.role != Role::at_fault || finding.verdict == Verdict::inconclusive) continue;
        ASSERT_FALSE(finding.trials.empty());
        const PatchSet& failing = played.trials.at(finding.trials.front()).patches;
        EXPECT_FALSE(oracle.works(failing));
        EXPECT_TRUE(takes_part(problem, oracle, i, failing)) << i << " is innocent";
    }
}

TEST(CampaignSearch, patches_that_work_together_take_one_run) {
    Oracle oracle;
    const Problem problem{independent(16)};
    const Played played = play(problem, oracle);
    EXPECT_EQ(played.runs(), 1U);
    EXPECT_EQ(played.end.proven.size(), 16U);
    check_claims(played, problem, oracle);
}

TEST(CampaignSearch, one_bad_patch_among_16_is_set_aside_in_at_most_6_runs) {
    for (std::size_t bad = 0; bad < 16; ++bad)
        for (const Verdict verdict : {Verdict::rejected, Verdict::needs_review}) {
            Oracle oracle{{{{bad}, verdict}}};
            const Problem problem{independent(16)};
            const Played played = play(problem, oracle);
            EXPECT_LE(played.runs(), 6U) << bad;
            EXPECT_THAT(in_role(played.end, Role::at_fault), ElementsAre(bad));
            EXPECT_EQ(played.end.findings[bad].verdict, verdict);
            EXPECT_EQ(played.end.proven.size(), 15U) << "the others are proven together";
            check_claims(played, problem, oracle);
        }
}

TEST(CampaignSearch, a_review_whose_reasons_name_the_patch_takes_two_runs) {
    Oracle oracle{{{{5}, Verdict::needs_review, true}, {{9}, Verdict::needs_review, true}}};
    const Problem problem{independent(16)};
    const Played played = play(problem, oracle);
    EXPECT_EQ(played.runs(), 2U);
    EXPECT_THAT(in_role(played.end, Role::at_fault), ElementsAre(5, 9));
    EXPECT_TRUE(played.end.findings[5].attributed);
    EXPECT_EQ(played.end.proven.size(), 14U);
}

TEST(CampaignSearch, two_that_fail_only_together_are_both_named) {
    for (std::size_t a = 0; a < 6; ++a)
        for (std::size_t b = a + 1; b < 6; ++b) {
            Oracle oracle{{{{a, b}}}};
            const Problem problem{independent(6), true};
            const Played played = play(problem, oracle);
            EXPECT_EQ(played.end.proven.size(), 5U) << "one of the two may stay";
            EXPECT_THAT(in_role(played.end, Role::at_fault), ElementsAre(b));
            EXPECT_THAT(played.end.findings[b].with, ElementsAre(a));
            EXPECT_EQ(played.end.findings[b].by_itself, ByItself::no);
            check_claims(played, problem, oracle);
        }
}

TEST(CampaignSearch, what_needs_a_bad_patch_is_blocked_and_not_blamed) {
    Oracle oracle{{{{0}}}};
    std::vector<PatchSet> needs = independent(5);
    needs[3] = {0};  // 4 → 3 → 0
    needs[4] = {3};
    const Problem problem{needs};
    const Played played = play(problem, oracle);
    EXPECT_THAT(in_role(played.end, Role::at_fault), ElementsAre(0));
    EXPECT_THAT(in_role(played.end, Role::blocked), ElementsAre(3, 4));
    EXPECT_THAT(played.end.findings[4].with, ElementsAre(0));
    EXPECT_THAT(played.end.proven, ElementsAre(1, 2));
}

TEST(CampaignSearch, patches_that_need_each_other_stay_together) {
    Oracle oracle{{{{1}}}};
    std::vector<PatchSet> needs = independent(4);
    needs[1] = {2};
    needs[2] = {1};
    const Problem problem{needs};
    const Played played = play(problem, oracle);
    EXPECT_THAT(in_role(played.end, Role::at_fault), ElementsAre(1, 2));
    EXPECT_THAT(played.end.proven, ElementsAre(0, 3));
}

TEST(CampaignSearch, a_lab_that_never_answers_blames_nobody_and_is_left_soon) {
    Oracle oracle{{}, 1.0};
    const Problem problem{independent(16)};
    const Played played = play(problem, oracle);
    EXPECT_LE(played.runs(), 4U);
    EXPECT_THAT(in_role(played.end, Role::at_fault), IsEmpty());
    for (const Finding& finding : played.end.findings)
        EXPECT_EQ(finding.verdict, Verdict::inconclusive);
}

TEST(CampaignSearch, a_patch_that_the_lab_cannot_judge_is_set_aside_without_blame) {
    Oracle oracle{{{{2}, Verdict::inconclusive}}};
    const Problem problem{independent(5)};
    const Played played = play(problem, oracle);
    EXPECT_EQ(played.end.findings[2].verdict, Verdict::inconclusive);
    EXPECT_EQ(played.end.proven.size(), 4U);
}

TEST(CampaignSearch, says_the_same_whenever_it_is_asked_again) {
    Oracle oracle{{{{2}}, {{7, 9}}}};
    const Problem problem{independent(12)};
    const Played played = play(problem, oracle);
    for (std::size_t known = 0; known < played.runs(); ++known) {
        const std::vector<Trial> some(played.trials.begin(),
                                      played.trials.begin() + static_cast<std::ptrdiff_t>(known));
        EXPECT_EQ(next_step(problem, some).wanted, played.trials[known].patches);
    }
}

TEST(CampaignSearch, costs_little_more_than_single_runs_when_everything_is_bad) {
    Oracle oracle;
    for (std::size_t i = 0; i < 16; ++i) oracle.faults.push_back({{i}});
    const Problem problem{independent(16)};
    const Played played = play(problem, oracle);
    EXPECT_LE(played.runs(), 32U);
    EXPECT_THAT(played.end.proven, IsEmpty());
    check_claims(played, problem, oracle);
}

/// Faults, prerequisites and silence by chance. `most` patches are in one fault at most.
struct Drawn {
    Problem problem;
    Oracle oracle;
};

Drawn drawn(std::size_t most, double silent) {
    const auto count = *rc::gen::inRange<std::size_t>(1, 20);
    Drawn out{{independent(count)}, {}};
    const auto index = rc::gen::inRange<std::size_t>(0, count);
    for (std::size_t i = *rc::gen::inRange<std::size_t>(0, count / 2 + 1); i > 0; --i)
        out.problem.needs[*index].insert(*index);
    for (std::size_t i = *rc::gen::inRange<std::size_t>(0, 5); i > 0; --i) {
        Fault fault;
        for (std::size_t j = *rc::gen::inRange<std::size_t>(1, most + 1); j > 0; --j)
            fault.set.insert(*index);
        fault.verdict = *rc::gen::element(Verdict::rejected, Verdict::needs_review);
        fault.attributed = fault.set.size() == 1 && *rc::gen::arbitrary<bool>();
        out.oracle.faults.push_back(fault);
    }
    out.problem.smallest = *rc::gen::arbitrary<bool>();
    out.oracle.silent = silent;
    out.oracle.chance.seed(*rc::gen::arbitrary<unsigned>());
    return out;
}

RC_GTEST_PROP(CampaignSearch, is_true_about_single_culprits, ()) {
    Drawn world = drawn(1, 0);
    check_claims(play(world.problem, world.oracle), world.problem, world.oracle);
    RC_ASSERT(!::testing::Test::HasFailure());
}

RC_GTEST_PROP(CampaignSearch, is_true_about_patches_that_fail_together, ()) {
    Drawn world = drawn(3, 0);
    check_claims(play(world.problem, world.oracle), world.problem, world.oracle);
    RC_ASSERT(!::testing::Test::HasFailure());
}

RC_GTEST_PROP(CampaignSearch, is_true_in_a_lab_that_often_gives_no_answer, ()) {
    Drawn world = drawn(2, 0.3);
    check_claims(play(world.problem, world.oracle), world.problem, world.oracle);
    RC_ASSERT(!::testing::Test::HasFailure());
}

}  // namespace
}  // namespace patchlab::campaign
