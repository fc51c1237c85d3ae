// SPDX-License-Identifier: Apache-2.0
//
// An engine that dies anywhere, any number of times: no host is patched twice, none is forgotten.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/orchestrator/rollout/simulated_rollout.hpp"

namespace patchlab::rollout {
namespace {

/// Drives until it stops by itself; dies where `dies` says so.
RolloutState drive_to_the_end(SimulatedRollout& rollout,
                              const std::function<bool(std::string_view)>& dies, int& deaths) {
    for (;;) {
        rollout.meet = [&](std::string_view point) {
            if (dies(point)) throw Killed{};
        };
        try {
            return rollout.drive();
        } catch (const Killed&) {
            ++deaths;
        }
    }
}

void expect_every_host_once(SimulatedRollout& rollout) {
    for (const HostRow& host : rollout.all()) {
        EXPECT_TRUE(is_final(host.state)) << host.name << " is " << name(host.state);
        EXPECT_LE(rollout.simulated(host.name).installs, 1) << host.name << " was patched twice";
        const std::string has = rollout.simulated(host.name).versions.at("hello");
        if (host.state == HostState::done) {
            EXPECT_EQ(has, "2.0") << host.name;
        }
        if (host.state == HostState::backed_out || host.state == HostState::not_reached ||
            host.state == HostState::missed || host.state == HostState::skipped) {
            EXPECT_EQ(has, "1.0") << host.name;
        }
    }
}

class DiesAt : public testing::TestWithParam<std::string_view> {};

TEST_P(DiesAt, and_goes_on_where_it_was) {
    for (const bool fails : {false, true}) {
        for (int nth = 1; nth <= 3; ++nth) {
            Json hosts = plain_hosts(6);
            const std::string bad = SimulatedRollout(hosts).all().front().name;
            if (fails) hosts[bad] = {{"checks", {{"base/works", {{"patched", "fail"}}}}}};
            SimulatedRollout rollout(hosts,
                                     "  - { name: first, count: 2, soak: 1h, concurrency: 1 }\n  - "
                                     "{ name: rest, rest: true, soak: 1h, concurrency: 2 }\n");
            int met = 0, deaths = 0;
            const RolloutState end = drive_to_the_end(
                rollout,
                [&](std::string_view point) { return point == GetParam() && ++met == nth; },
                deaths);
            EXPECT_EQ(end, fails ? RolloutState::halted : RolloutState::finished)
                << rollout.reason();
            EXPECT_EQ(deaths, met >= nth ? 1 : 0);
            if (fails) {
                EXPECT_EQ(rollout.state(bad), "backed-out");
                EXPECT_GE(rollout.authority.quarantined.size(), 1U);
            }
            expect_every_host_once(rollout);
        }
    }
}

std::string title(const testing::TestParamInfo<std::string_view>& info) {
    std::string text(info.param);
    std::replace(text.begin(), text.end(), '-', '_');
    return text;
}
INSTANTIATE_TEST_SUITE_P(Engine, DiesAt, testing::ValuesIn(rollout_points), title);

TEST(EngineDies, every_point_is_met_by_some_rollout) {
    std::set<std::string, std::less<>> met;
    for (const bool fails : {false, true}) {
        Json hosts = plain_hosts(4);
        if (fails)
            hosts[SimulatedRollout(hosts).all().front().name] = {
                {"checks", {{"base/works", {{"patched", "fail"}}}}}};
        SimulatedRollout rollout(
            hosts, "  - { name: first, count: 2, soak: 1h }\n  - { name: rest, rest: true }\n");
        rollout.meet = [&](std::string_view point) { met.insert(std::string(point)); };
        rollout.drive();
    }
    for (const std::string_view point : rollout_points) EXPECT_TRUE(met.contains(point)) << point;
}

/// What one host does, drawn at random.
Json drawn_host() {
    Json host = Json::object();
    switch (*rc::gen::weightedElement<int>(
        {{12, 0}, {2, 1}, {2, 2}, {1, 3}, {1, 4}, {1, 5}, {1, 6}, {1, 7}})) {
        case 1: host["off"] = *rc::gen::inRange(1, 8); break;
        case 2: host["steps"] = {{"install", "unknown"}}; break;
        case 3: host["steps"] = {{"install", "fail"}}; break;
        case 4: host["checks"] = {{"base/works", {{"patched", "fail"}}}}; break;
        case 5: host["checks"] = {{"base/works", {{"before", "fail"}}}}; break;
        case 6: host["checks"] = {{"base/works", {{"watched", "unknown"}}}}; break;
        case 7: host["steps"] = {{"install", "unreachable"}}; break;
        default: break;
    }
    return host;
}

RC_GTEST_PROP(EngineDies, no_host_is_patched_twice_and_each_ends_in_one_final_state, ()) {
    Json hosts = Json::object();
    const int count = *rc::gen::inRange(1, 12);
    for (int i = 0; i < count; ++i) hosts["h" + std::to_string(i)] = drawn_host();
    const std::string budget =
        "failure-budget: { hosts: " + std::to_string(*rc::gen::inRange(0, 4)) +
        " }\nproof: " + std::to_string(*rc::gen::inRange(0, 60)) + "\n";
    SimulatedRollout rollout(hosts,
                             "  - { name: first, count: 2, soak: 1h, concurrency: 2 }\n  - { name: "
                             "rest, rest: true, concurrency: 3 }\n",
                             budget + "catch-up: { for: 5h, every: 1h }\n");
    const std::set<int> deadly = *rc::gen::container<std::set<int>>(rc::gen::inRange(1, 60));
    int met = 0, deaths = 0;
    const RolloutState end = drive_to_the_end(
        rollout, [&](std::string_view) { return deadly.contains(++met); }, deaths);
    RC_ASSERT(end == RolloutState::finished || end == RolloutState::halted);
    RC_ASSERT(rollout.all().size() == static_cast<std::size_t>(count));
    for (const HostRow& host : rollout.all()) {
        RC_ASSERT(is_final(host.state));
        const SimulatedState found = rollout.simulated(host.name);
        RC_ASSERT(found.installs <= 1);
        if (host.state == HostState::done) {
            RC_ASSERT(found.versions.at("hello") == "2.0");
        }
        if (host.state == HostState::backed_out || host.state == HostState::not_reached ||
            host.state == HostState::missed) {
            RC_ASSERT(found.versions.at("hello") == "1.0");
        }
    }
}

}  // namespace
}  // namespace patchlab::rollout
