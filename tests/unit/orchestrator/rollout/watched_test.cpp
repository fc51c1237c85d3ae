// SPDX-License-Identifier: Apache-2.0
//
// A ring that is watched: what its hosts' journals say pauses the rollout, and whoever resumes it
// goes on with the next ring.
#include <gmock/gmock.h>

#include "tests/unit/orchestrator/rollout/simulated_rollout.hpp"

namespace patchlab::rollout {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* soaking_rings =
    "  - { name: first, count: 2, soak: 2h }\n  - { name: rest, rest: true }\n";

Json with_journal(const Json& journal) {
    Json hosts = Json::object();
    for (const char* name : {"web-1", "web-2", "web-3", "web-4"})
        hosts[name] = {{"journal", journal}, {"outage", 1.5}};
    return hosts;
}

TEST(Watched, a_rise_pauses_the_rollout_before_the_next_ring) {
    SimulatedRollout rollout(
        with_journal({{"restarts", {{"before", 2}, {"after", 30}, {"most", 1}}}}), soaking_rings);
    EXPECT_EQ(rollout.drive(), RolloutState::paused);
    EXPECT_THAT(rollout.reason(), HasSubstr("while ring 'first' was watched: "));
    EXPECT_THAT(rollout.reason(), HasSubstr("30 restarts of services in 2 h"));
    EXPECT_EQ(rollout.ring(0), "passed");
    EXPECT_EQ(rollout.ring(1), "waiting");
    EXPECT_THAT(rollout.notices.heard, Contains("paused first"));
    EXPECT_THAT(rollout.authority.recorded, Contains("rollout-paused"));
    rollout.move(RolloutState::running);
    EXPECT_EQ(rollout.drive(), RolloutState::finished) << "a person has looked at it";
}

TEST(Watched, a_rise_is_only_reported_where_the_definition_says_so) {
    SimulatedRollout rollout(
        with_journal({{"crashes", {{"before", 0}, {"after", 9}, {"most", 0}}}}), soaking_rings,
        "gate: { rise: report }\n");
    EXPECT_EQ(rollout.drive(), RolloutState::finished);
    EXPECT_THAT(rollout.notices.heard, Not(Contains("paused first")));
}

TEST(Watched, what_happens_every_day_and_a_young_journal_pause_nothing) {
    SimulatedRollout usual(
        with_journal({{"restarts", {{"before", 300}, {"after", 28}, {"most", 31}}}}),
        soaking_rings);
    EXPECT_EQ(usual.drive(), RolloutState::finished) << usual.reason();
    SimulatedRollout young(
        with_journal({{"history", 60}, {"restarts", {{"before", 0}, {"after", 28}, {"most", 0}}}}),
        soaking_rings);
    EXPECT_EQ(young.drive(), RolloutState::finished) << young.reason();
}

TEST(Watched, a_ring_without_a_soak_time_is_not_compared) {
    SimulatedRollout rollout(
        with_journal({{"restarts", {{"before", 0}, {"after", 30}, {"most", 0}}}}));
    EXPECT_EQ(rollout.drive(), RolloutState::finished);
}

TEST(Watched, what_a_killed_engine_saw_is_not_forgotten) {
    SimulatedRollout rollout(
        with_journal({{"restarts", {{"before", 2}, {"after", 30}, {"most", 1}}}}), soaking_rings);
    rollout.meet = [](std::string_view point) {
        if (point == "ring-passed") throw Killed{};
    };
    EXPECT_THROW(rollout.drive(), Killed);
    rollout.meet = [](std::string_view) {};
    EXPECT_EQ(rollout.drive(), RolloutState::paused) << "it was stored with the ring's end";
}

TEST(Watched, outages_are_kept_and_summed) {
    SimulatedRollout rollout(with_journal(Json::object()), soaking_rings);
    EXPECT_EQ(rollout.drive(), RolloutState::finished);
    EXPECT_EQ(rollout.host("web-2").outage_seconds, 1.5);
    EXPECT_EQ(rollout.store.outage(rollout.key()).hosts, 4);
    EXPECT_DOUBLE_EQ(rollout.store.outage(rollout.key()).seconds, 6);
}

}  // namespace
}  // namespace patchlab::rollout
