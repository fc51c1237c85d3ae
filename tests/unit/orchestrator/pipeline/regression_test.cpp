// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/verdict/regression.hpp"

#include <gtest/gtest.h>

#include <random>

namespace patchlab::pipeline {
namespace {

using testsuites::CheckResult;

/// Twenty samples around `mean` seconds; memory begins at 4000 KiB and grows by `growth` with each.
std::vector<CheckResult> passage(double mean, unsigned seed, double growth = 0) {
    std::mt19937 random(seed);
    std::lognormal_distribution<double> latency(0, 0.2);
    CheckResult check;
    check.suite = "nginx";
    check.name = "front page answers";
    for (int i = 0; i < 20; ++i) {
        check.samples.push_back(mean * latency(random));
        check.memory_kib.push_back(4000 + growth * i + static_cast<double>(random() % 8));
    }
    return {check};
}

UnpatchedChecks unpatched() {
    return {passage(0.010, 1), passage(0.011, 2), passage(0.010, 3), passage(0.012, 4)};
}

TEST(Regression, is_not_called_for_a_passage_like_the_unpatched_ones) {
    for (unsigned seed = 10; seed < 200; ++seed)
        EXPECT_TRUE(regressions_of_checks("web", unpatched(), passage(0.0115, seed)).empty())
            << seed;
}

TEST(Regression, is_called_for_a_check_that_takes_twice_as_long) {
    const auto reasons = regressions_of_checks("web", unpatched(), passage(0.024, 5));
    ASSERT_EQ(reasons.size(), 1U);
    EXPECT_EQ(reasons[0].kind, ReasonKind::regression);
    EXPECT_EQ(reasons[0].subject, "nginx/front page answers");
    EXPECT_EQ(reasons[0].effect, Effect::review);
    EXPECT_EQ(slower_checks(unpatched(), passage(0.024, 5)),
              std::vector<std::string>{"nginx/front page answers"});
}

/// Rounds of the check of passage(), with these means.
std::vector<Rounds> rounds(std::vector<double> unpatched, std::vector<double> patched) {
    Rounds check{"nginx", "front page answers", {}, {}};
    for (unsigned i = 0; i < unpatched.size(); ++i) {
        check.unpatched.push_back(passage(unpatched[i], 20 + i).front().samples);
        check.patched.push_back(passage(patched[i], 30 + i).front().samples);
    }
    return {check};
}

TEST(Regression, of_a_check_that_was_measured_in_turns_must_be_seen_there_too) {
    const auto reasons = [](const std::vector<Rounds>& beside) {
        return regressions_of_checks("web", unpatched(), passage(0.024, 5), beside);
    };
    const auto ten = [](double mean) { return std::vector<double>(10, mean); };
    EXPECT_TRUE(reasons(rounds({0.024}, {0.025})).empty()) << "the host is slow, for both";
    EXPECT_TRUE(
        reasons(rounds(std::vector<double>(9, 0.016), std::vector<double>(9, 0.025))).empty())
        << "too few rounds";
    const auto slower = reasons(rounds(ten(0.016), ten(0.024)));
    ASSERT_EQ(slower.size(), 1U);
    EXPECT_NE(slower[0].detail.find("an unpatched clone beside it"), std::string::npos)
        << slower[0].detail;
    std::vector<double> swaying = ten(0.010);
    for (std::size_t i = 0; i < 4; ++i) swaying[i] = 0.0185;
    EXPECT_EQ(reasons(rounds(swaying, ten(0.025))).size(), 1U)
        << "less in some rounds, much in most";
    EXPECT_EQ(reasons(rounds(std::vector<double>(5, 0.010), std::vector<double>(5, 0.025))).size(),
              1U)
        << "five are enough for what is much slower";
    EXPECT_TRUE(reasons(rounds(ten(0.0225), ten(0.025))).empty())
        << "in every round, but by little";
    swaying[9] = 0.030;
    EXPECT_TRUE(reasons(rounds(swaying, ten(0.025))).empty()) << "not in every round";
    EXPECT_TRUE(regressions_of_checks("web", unpatched(), passage(0.0115, 5),
                                      rounds({0.01, 0.01, 0.01}, {0.03, 0.03, 0.03}))
                    .empty())
        << "was never suspected";
}

TEST(Regression,
     of_a_check_in_turns_is_an_open_question_until_a_round_is_not_slower_or_enough_were) {
    const auto open = [](std::size_t count, double patched) {
        return is_open(
            rounds(std::vector<double>(count, 0.010), std::vector<double>(count, patched)).front());
    };
    EXPECT_TRUE(open(0, 0.02));
    EXPECT_TRUE(open(4, 0.03));
    EXPECT_FALSE(open(5, 0.03));
    EXPECT_TRUE(open(5, 0.013));
    EXPECT_FALSE(open(10, 0.013));
    EXPECT_FALSE(open(1, 0.005));
}

/// Of twenty samples these were done in thirty seconds.
std::vector<CheckResult> unfinished(std::size_t done, double mean) {
    std::vector<CheckResult> check = passage(mean, 6);
    check.front().outcome = testsuites::Outcome::pass;
    check.front().samples.resize(done);
    check.front().memory_kib.resize(done);
    check.front().wanted_samples = 20;
    check.front().sampling_limit = 30;
    check.front().seconds = mean;
    return check;
}

TEST(Regression, of_a_check_whose_repetitions_are_not_done_in_their_time_is_called_by_that) {
    for (const std::size_t done : {std::size_t{7}, std::size_t{1}, std::size_t{0}}) {
        const auto reasons = regressions_of_checks("web", unpatched(), unfinished(done, 4));
        ASSERT_EQ(reasons.size(), 1U) << done;
        EXPECT_NE(reasons[0].detail.find("only " + std::to_string(done) +
                                         " of 20 repetitions were done in their 30 s"),
                  std::string::npos)
            << reasons[0].detail;
    }
    EXPECT_EQ(regressions_of_checks("web", unpatched(), unfinished(19, 0.01)).size(), 1U)
        << "one that hangs is not hidden by those that are quick";
}

TEST(Regression, of_unfinished_repetitions_is_no_finding_where_the_host_lets_none_finish) {
    UnpatchedChecks slow = unpatched();
    for (unsigned i = 0; i < 3; ++i) slow.push_back(unfinished(6, 4));
    EXPECT_TRUE(regressions_of_checks("web", slow, unfinished(7, 4)).empty());
    const std::vector<CheckResult> crawls = unfinished(7, 4);
    Rounds both{"nginx", "front page answers", {}, {}};
    for (int i = 0; i < 5; ++i) {
        both.unpatched.push_back(turn_of(crawls.front()));
        both.patched.push_back(turn_of(crawls.front()));
    }
    EXPECT_TRUE(regressions_of_checks("web", unpatched(), crawls, {both}).empty())
        << "an unpatched clone beside it crawls as well";
    for (auto& turn : both.unpatched) turn = {0.01, 0.011};
    const auto reasons = regressions_of_checks("web", unpatched(), crawls, {both});
    ASSERT_EQ(reasons.size(), 1U);
    EXPECT_NE(reasons[0].detail.find("only 7 of 20"), std::string::npos) << reasons[0].detail;
    EXPECT_NE(reasons[0].detail.find("an unpatched clone beside it"), std::string::npos);
}

TEST(Regression, of_few_samples_is_found_by_the_exact_test) {
    std::vector<CheckResult> few = passage(0.03, 5);
    few.front().samples.resize(5);
    EXPECT_EQ(regressions_of_checks("web", unpatched(), few).size(), 1U);
    few = passage(0.0115, 5);
    few.front().samples.resize(5);
    EXPECT_TRUE(regressions_of_checks("web", unpatched(), few).empty());
}

TEST(Regression, of_a_check_that_is_not_repeated_is_seen_in_its_one_answer) {
    const auto once = [](double seconds) {
        std::vector<CheckResult> check = passage(1, 1);
        check.front().samples.clear();
        check.front().memory_kib.clear();
        check.front().outcome = testsuites::Outcome::pass;
        check.front().seconds = seconds;
        return check;
    };
    const UnpatchedChecks before{once(0.002), once(0.003), once(0.002), once(0.010)};
    EXPECT_EQ(regressions_of_checks("web", before, once(4.02)).size(), 1U);
    EXPECT_TRUE(regressions_of_checks("web", before, once(0.2)).empty())
        << "less than half a second";
    const UnpatchedChecks long_ones{once(2), once(3), once(2)};
    EXPECT_TRUE(regressions_of_checks("web", long_ones, once(6)).empty()) << "twice as long";
}

TEST(Regression, needs_three_unpatched_passages) {
    EXPECT_TRUE(regressions_of_checks("web", {passage(0.01, 1), passage(0.01, 2)}, passage(0.1, 3))
                    .empty());
}

TEST(Regression, of_memory_is_called_for_growth_with_every_request) {
    const auto reasons = regressions_of_checks("web", unpatched(), passage(0.010, 5, 50));
    ASSERT_EQ(reasons.size(), 1U);
    EXPECT_NE(reasons[0].detail.find("memory grows"), std::string::npos);
}

TEST(Regression, of_open_files_is_called_when_a_service_keeps_one_for_each_request) {
    const auto holding = [](double each) {
        std::vector<CheckResult> found = passage(0.010, 5);
        for (int i = 0; i < 20; ++i) found.front().handles.push_back(40 + each * i);
        return found;
    };
    const auto reasons = regressions_of_checks("web", unpatched(), holding(1));
    ASSERT_EQ(reasons.size(), 1U);
    EXPECT_NE(reasons[0].detail.find("holds 1.0 open files or threads more with every repetition"),
              std::string::npos)
        << reasons[0].detail;
    EXPECT_TRUE(regressions_of_checks("web", unpatched(), holding(0)).empty());
    EXPECT_TRUE(
        regressions_of_checks("web", {holding(1), holding(1), holding(1)}, holding(1)).empty())
        << "without the patch as well";
}

TEST(Regression, of_memory_is_not_called_when_it_grows_without_the_patch_as_well) {
    const UnpatchedChecks growing{passage(0.01, 1, 40), passage(0.01, 2, 40), passage(0.01, 3, 40)};
    EXPECT_TRUE(regressions_of_checks("web", growing, passage(0.01, 5, 50)).empty());
}

snapshots::Capture capture(const std::string& boot, double memory, double busy, double start) {
    snapshots::Capture capture;
    capture.boot_id = boot;
    capture.measures = {{"memory-kib", memory}, {"busy-share", busy}, {"boot-seconds", start}};
    return capture;
}

TEST(Regression, of_measures_needs_a_clear_step) {
    const std::vector<snapshots::Capture> before{
        capture("a", 100'000, 0.02, 20), capture("a", 101'000, 0.01, 20),
        capture("a", 100'500, 0.03, 20), capture("b", 100'200, 0.02, 22)};
    EXPECT_TRUE(
        regressions_of_measures("web", before, capture("c", 104'000, 0.04, 25), true).empty());
    const auto memory =
        regressions_of_measures("web", before, capture("a", 220'000, 0.02, 20), false);
    ASSERT_EQ(memory.size(), 1U);
    EXPECT_EQ(memory[0].subject, "memory in use");
    const auto start =
        regressions_of_measures("web", before, capture("c", 100'000, 0.02, 65), true);
    ASSERT_EQ(start.size(), 1U);
    EXPECT_EQ(start[0].subject, "boot time");
    EXPECT_TRUE(
        regressions_of_measures("web", before, capture("c", 100'000, 0.02, 65), true, Boots{60, 64})
            .empty())
        << "the host is slow, for both";
    const auto beside = regressions_of_measures("web", before, capture("c", 100'000, 0.02, 65),
                                                true, Boots{25, 64});
    ASSERT_EQ(beside.size(), 1U);
    EXPECT_EQ(beside[0].detail,
              "the machine needed 64 s to start; without the patch 25 s at most, started in the "
              "same moment (25 %, and 10 s)");
    EXPECT_TRUE(
        regressions_of_measures("web", before, capture("a", 100'000, 0.02, 65), false).empty());
    ASSERT_EQ(regressions_of_measures("web", before, capture("a", 100'000, 0.9, 20), false).size(),
              1U);
}

TEST(Regression, of_memory_that_grows_at_rest_is_found_within_a_second) {
    const auto growing = [](double kib) {
        snapshots::Capture found = capture("a", 100'000, 0.02, 20);
        found.measures["growth-kib"] = kib;
        return found;
    };
    const std::vector<snapshots::Capture> before{growing(0), growing(12), growing(0), growing(40)};
    EXPECT_TRUE(regressions_of_measures("web", before, growing(900), false).empty());
    const auto reasons = regressions_of_measures("web", before, growing(2048), false);
    ASSERT_EQ(reasons.size(), 1U);
    EXPECT_EQ(reasons[0].subject, "memory growth at rest");
    EXPECT_EQ(reasons[0].detail,
              "2.0 MiB more in use with every second while nobody asks for anything; without the "
              "patch 0.0 MiB at most (Dixon's Q, 99 %)");
    EXPECT_TRUE(regressions_of_measures("web", {growing(1900), growing(2100), growing(2000)},
                                        growing(2200), false)
                    .empty())
        << "without the patch as well";
}

}  // namespace
}  // namespace patchlab::pipeline
