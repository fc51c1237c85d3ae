// SPDX-License-Identifier: Apache-2.0
//
// When a rise of trouble stands clear of a host's own day before.
#include "orchestrator/assessment/vitals.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/core/json.hpp"

namespace patchlab::assessment {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr double day = 86400, half_an_hour = 1800;

Vitals of_day(Vital vital, VitalCount count, double history = day) {
    Vitals vitals;
    vitals.before_seconds = history;
    vitals.after_seconds = half_an_hour;
    vitals.of(vital) = count;
    return vitals;
}

TEST(Vitals, a_rise_out_of_silence_stands_clear) {
    const auto rises = clear_rises({{"web-1", of_day(Vital::failed_units, {0, 4, 0})}});
    ASSERT_EQ(rises.size(), 1U);
    EXPECT_EQ(rises.front().host, "web-1");
    EXPECT_THAT(rises.front().text(), HasSubstr("web-1: 4 failed units in 30 min"));
    EXPECT_THAT(rises.front().text(), HasSubstr("binomial test"));
}

TEST(Vitals, one_event_happens_to_everybody) {
    EXPECT_THAT(clear_rises({{"web-1", of_day(Vital::crashes, {0, 1, 0})}}), IsEmpty());
}

TEST(Vitals, what_the_host_does_every_day_is_no_rise) {
    // ten an hour before, six in half an hour now
    EXPECT_THAT(clear_rises({{"web-1", of_day(Vital::restarts, {240, 6, 9})}}), IsEmpty());
    // a nightly burst as large as the one that was seen now
    EXPECT_THAT(clear_rises({{"web-1", of_day(Vital::restarts, {12, 12, 12})}}), IsEmpty());
}

TEST(Vitals, many_hosts_raise_the_bar_for_each_of_them) {
    std::vector<std::pair<std::string, Vitals>> hosts;
    for (int i = 0; i < 1000; ++i)
        hosts.emplace_back("web-" + std::to_string(i), of_day(Vital::kernel_errors, {5, 0, 1}));
    hosts.front().second.of(Vital::kernel_errors) = {5, 3, 1};
    EXPECT_THAT(clear_rises(hosts), IsEmpty()) << "one of a thousand does that by chance";
    EXPECT_EQ(clear_rises({hosts.front()}).size(), 1U);
}

TEST(Vitals, a_little_on_each_host_is_much_on_all_together) {
    std::vector<std::pair<std::string, Vitals>> hosts;
    for (int i = 0; i < 40; ++i)
        hosts.emplace_back("web-" + std::to_string(i), of_day(Vital::crashes, {0, 1, 0}));
    const auto rises = clear_rises(hosts);
    ASSERT_EQ(rises.size(), 1U);
    EXPECT_THAT(rises.front().text(), HasSubstr("all hosts of the ring together: 40 crashes"));
}

TEST(Vitals, a_journal_that_began_a_moment_ago_compares_with_nothing) {
    const Vitals young = of_day(Vital::failed_units, {0, 9, 0}, 600);
    EXPECT_FALSE(comparable(young));
    EXPECT_THAT(clear_rises({{"web-1", young}}), IsEmpty());
}

TEST(Vitals, the_chance_is_that_of_a_binomial_test) {
    EXPECT_NEAR(chance_of_rise(1, 1, 0.25), 0.25, 1e-9);
    EXPECT_NEAR(chance_of_rise(2, 2, 0.25), 0.0625, 1e-9);
    EXPECT_NEAR(chance_of_rise(1, 2, 0.25), 0.4375, 1e-9);
    EXPECT_NEAR(chance_of_rise(0, 9, 0.25), 1, 1e-9);
    EXPECT_GT(chance_of_rise(50'000, 100'000, 0.5), 0.4);
}

TEST(Vitals, are_kept_as_they_were_seen) {
    Vitals vitals = of_day(Vital::crashes, {3, 2, 1});
    EXPECT_EQ(to_json(vitals_from_json(to_json(vitals))), to_json(vitals));
}

}  // namespace
}  // namespace patchlab::assessment
