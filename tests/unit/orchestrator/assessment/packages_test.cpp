// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/assessment/packages.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace patchlab::assessment {
namespace {

const auto everything_kept = [](const std::string&, const std::string&) { return true; };

TEST(ExpectedPackages, are_those_that_the_machine_has_and_those_for_every_machine) {
    const auto expected =
        expected_packages({{"nginx", "2"}, {"libnew", "1", true}, {"extras", "2"}, {"same", "3"}},
                          {{"nginx", "1"}, {"same", "3"}, {"extras", ""}});
    ASSERT_EQ(expected.size(), 3U);
    EXPECT_EQ(expected[0].name, "nginx");
    EXPECT_EQ(expected[0].version, "2");
    EXPECT_EQ(expected[0].from, "1");
    EXPECT_EQ(expected[1].name, "libnew");
    EXPECT_EQ(expected[1].from, "");
    EXPECT_TRUE(expected[2].is_there());
}

TEST(ExpectedPackages, of_several_versions_the_first_that_is_not_there_counts) {
    const std::vector<OfferedVersion> offer{{"nginx", "2"}, {"nginx", "3"}, {"nginx", "4"}};
    EXPECT_EQ(expected_packages(offer, {{"nginx", "1"}}).at(0).version, "2");
    EXPECT_EQ(expected_packages(offer, {{"nginx", "2"}}).at(0).version, "3");
    EXPECT_EQ(expected_packages(offer, {{"nginx", "2"}}).size(), 1U);
}

TEST(BackoutPlan, brings_old_versions_and_what_was_taken_out_and_removes_what_was_not_there) {
    const BackoutPlan plan =
        backout_plan({{"nginx", "1"}, {"gone", "5"}, {"absent", ""}},
                     {{"nginx", "2"}, {"libnew", "1"}, {"absent", ""}}, everything_kept);
    ASSERT_EQ(plan.packages.size(), 2U);
    EXPECT_EQ(plan.packages[0].name, "nginx");
    EXPECT_EQ(plan.packages[0].version, "1");
    EXPECT_EQ(plan.packages[1].name, "gone");
    EXPECT_EQ(plan.packages[1].version, "5");
    EXPECT_EQ(plan.removals, std::vector<std::string>{"libnew"});
    EXPECT_EQ(plan.obstacle(), "");
}

TEST(BackoutPlan, says_which_old_versions_were_not_kept) {
    const BackoutPlan plan = backout_plan({{"a", "1"}, {"b", "1"}}, {{"a", "2"}, {"b", "2"}},
                                          [](const auto&, const auto&) { return false; });
    EXPECT_EQ(plan.obstacle(), "a 1 was not kept; b 1 was not kept");
    EXPECT_TRUE(plan.empty());
}

RC_GTEST_PROP(BackoutPlanProperty, leads_exactly_back, ()) {
    const auto version = rc::gen::element<std::string>("", "1", "2");
    InstalledPackages before, after;
    for (const char* name : {"a", "b", "c", "d"}) {
        before[name] = *version;
        after[name] = *version;
        const bool left_out = *rc::gen::arbitrary<bool>();
        if (left_out && after[name].empty()) after.erase(name);
    }
    const BackoutPlan plan = backout_plan(before, after, everything_kept);
    InstalledPackages now = after;
    for (const ExpectedPackage& package : plan.packages) now[package.name] = package.version;
    for (const std::string& name : plan.removals) now.erase(name);
    for (const char* name : {"a", "b", "c", "d"})
        RC_ASSERT(version_in(now, name) == version_in(before, name));
}

}  // namespace
}  // namespace patchlab::assessment
