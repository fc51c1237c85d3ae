// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rollout/plan/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

#include "platform/core/error.hpp"

namespace patchlab::rollout {
namespace {

using assessment::Criticality;
using assessment::Need;

using testing::HasSubstr;

const TimePoint plan_time = from_rfc3339("2026-11-23T12:00:00Z");

Definition define(const std::string& rings, const std::string& more = "") {
    Diagnostics found;
    Definition definition = parse_definition(
        "schema: patchlab/rollout/v1\nname: web\nrings:\n" + rings + more, "rollout.yaml", found);
    for (const Diagnostic& item : found.items) ADD_FAILURE() << item.text();
    return definition;
}

catalog::Entry entry() {
    catalog::Entry entry;
    entry.id = "e-20261123-0001";
    entry.evidence_digest = std::string(64, 'a');
    return entry;
}

/// So many hosts of each level, "op-1", "bc-1", "mc-1", in the groups "all" and their level's.
std::vector<HostFacts> fleet(int operational, int business, int mission) {
    std::vector<HostFacts> hosts;
    const auto add = [&](const std::string& prefix, Criticality level, int count) {
        for (int i = 1; i <= count; ++i)
            hosts.push_back(
                {prefix + "-" + std::to_string(i), level, {"all", prefix}, "", Need::needed});
    };
    add("mc", Criticality::mission_critical, mission);
    add("bc", Criticality::business_critical, business);
    add("op", Criticality::business_operational, operational);
    return hosts;
}

std::vector<std::string> names(const PlannedRing& ring) {
    std::vector<std::string> names;
    for (const PlannedHost& host : ring.hosts) names.push_back(host.name);
    return names;
}

std::string refusal(const Definition& definition, const std::vector<HostFacts>& hosts,
                    const assessment::Windows& windows = {}) {
    try {
        make_plan(definition, entry(), hosts, windows, plan_time);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::invalid);
        return error.what();
    }
    return "";
}

TEST(RolloutPlan, the_least_critical_hosts_come_first) {
    const Plan plan = make_plan(define("  - { name: a, count: 3 }\n  - { name: b, percent: 25 }\n  "
                                       "- { name: c, rest: true }\n"),
                                entry(), fleet(4, 4, 4), {}, plan_time);
    ASSERT_EQ(plan.rings.size(), 3U);
    EXPECT_EQ(plan.rings[0].hosts.size(), 3U);
    EXPECT_EQ(plan.rings[1].hosts.size(), 3U);
    EXPECT_EQ(plan.rings[2].hosts.size(), 6U);
    Criticality last = Criticality::business_operational;
    for (const PlannedRing& ring : plan.rings)
        for (const PlannedHost& host : ring.hosts) {
            EXPECT_GE(host.criticality, last);
            last = host.criticality;
        }
}

TEST(RolloutPlan, percent_is_of_all_hosts_and_rounded_up) {
    const Plan plan = make_plan(define("  - { name: a, percent: 10 }\n  - { name: b, percent: 0.1 "
                                       "}\n  - { name: c, rest: true }\n"),
                                entry(), fleet(30, 0, 0), {}, plan_time);
    EXPECT_EQ(plan.rings[0].hosts.size(), 3U);
    EXPECT_EQ(plan.rings[1].hosts.size(), 1U);
    EXPECT_EQ(plan.rings[2].hosts.size(), 26U);
}

TEST(RolloutPlan, a_group_is_taken_whole_and_once) {
    const Plan plan = make_plan(
        define(
            "  - { name: a, count: 2 }\n  - { name: b, group: op }\n  - { name: c, rest: true }\n"),
        entry(), fleet(5, 2, 0), {}, plan_time);
    EXPECT_EQ(plan.rings[1].hosts.size(), 3U);
    EXPECT_EQ(plan.rings[2].hosts.size(), 2U);
}

TEST(RolloutPlan, a_group_before_less_critical_hosts_takes_a_reason) {
    const std::string rest = "  - { name: rest, rest: true }\n";
    EXPECT_THAT(refusal(define("  - { name: db, group: mc }\n" + rest), fleet(2, 0, 1)),
                HasSubstr("holds the mission-critical host 'mc-1'"));
    const Plan plan = make_plan(
        define("  - { name: db, group: mc, before-less-critical: a stand-by takes over }\n" + rest),
        entry(), fleet(2, 0, 1), {}, plan_time);
    EXPECT_THAT(names(plan.rings[0]), testing::ElementsAre("mc-1"));
}

TEST(RolloutPlan, a_host_in_no_ring_is_a_mistake) {
    EXPECT_THAT(refusal(define("  - { name: a, count: 2 }\n"), fleet(3, 0, 0)),
                HasSubstr("1 host would be in no ring"));
}

TEST(RolloutPlan, names_that_nothing_has_are_reported_together) {
    const std::string why =
        refusal(define("  - { name: a, group: opp }\n  - { name: b, rest: true }\n",
                       "hosts: { names: [op-11], except: [op-2, nobody] }\n"),
                fleet(3, 0, 0));
    EXPECT_THAT(why, HasSubstr("no group 'opp' in the inventory; did you mean 'op'?"));
    EXPECT_THAT(why, HasSubstr("no host 'op-11' in the inventory"));
    EXPECT_THAT(why, HasSubstr("no host 'nobody' in the inventory"));
}

TEST(RolloutPlan, hosts_that_do_not_need_it_are_left_out_and_unknown_ones_are_asked) {
    auto hosts = fleet(3, 0, 0);
    hosts[0].need = Need::not_needed;
    hosts[1].need = Need::unknown;
    const Plan plan =
        make_plan(define("  - { name: all, rest: true }\n"), entry(), hosts, {}, plan_time);
    EXPECT_THAT(plan.not_needed, testing::ElementsAre("op-1"));
    EXPECT_EQ(plan.hosts(), 2U);
    EXPECT_EQ(std::count_if(plan.rings[0].hosts.begin(), plan.rings[0].hosts.end(),
                            [](const PlannedHost& host) { return host.unknown; }),
              1);
    EXPECT_THAT(plan.notes, testing::Contains(HasSubstr("of 1 host it is not known")));
}

TEST(RolloutPlan, the_selection_takes_groups_and_names_and_leaves_out_exceptions) {
    const Plan plan = make_plan(define("  - { name: all, rest: true }\n",
                                       "hosts: { groups: [bc], names: [op-1], except: [bc-2] }\n"),
                                entry(), fleet(3, 3, 3), {}, plan_time);
    EXPECT_THAT(names(plan.rings[0]), testing::UnorderedElementsAre("op-1", "bc-1", "bc-3"));
}

TEST(RolloutPlan, a_host_whose_window_never_meets_that_of_its_ring_is_a_mistake) {
    auto hosts = fleet(1, 0, 0);
    hosts[0].window = "day";
    assessment::Windows windows;
    windows["day"].from = 8 * 60;
    windows["day"].to = 10 * 60;
    const Definition definition =
        define("  - { name: all, rest: true, window: night }\n",
               "windows:\n  night: { zone: UTC, from: \"22:00\", to: \"04:00\" }\n");
    EXPECT_THAT(refusal(definition, hosts, windows), HasSubstr("host 'op-1' would never start"));
    EXPECT_THAT(refusal(definition, hosts, {}), HasSubstr("which the inventory does not define"));
}

TEST(RolloutPlan, its_document_says_who_when_and_how_many_may_fail) {
    const Json json = to_json(
        make_plan(define("  - { name: a, count: 1, window: night }\n  - { name: b, rest: true }\n",
                         "windows:\n  night: { zone: Europe/Zurich, from: \"22:00\", to: \"04:00\" "
                         "}\nfailure-budget: { percent: 50 }\n"),
                  entry(), fleet(2, 1, 1), {}, plan_time),
        plan_time);
    EXPECT_EQ(json.at("may_fail"), 2);
    EXPECT_EQ(json.at("rings").at(0).at("first_start"), "2026-11-23T21:00:00Z");
    EXPECT_EQ(json.at("rings").at(1).at("first_start"), "2026-11-23T21:00:00Z")
        << "not before the first ring";
    EXPECT_EQ(
        json.at("rings").at(1).at("criticality"),
        (Json{{"business-operational", 1}, {"business-critical", 1}, {"mission-critical", 1}}));
}

TEST(RolloutPlan, its_document_says_which_channel_pulling_hosts_are_to_follow) {
    const std::string rings =
        "  - { name: a, count: 1, channel: early }\n  - { name: b, rest: true }\n";
    const Json pull =
        to_json(make_plan(define(rings, "mode: pull\n"), entry(), fleet(2, 1, 1), {}, plan_time),
                plan_time);
    EXPECT_EQ(pull.at("rings").at(0).at("channel"), "early");
    EXPECT_EQ(pull.at("rings").at(1).at("channel"), "ring-1");
    const Json push = to_json(
        make_plan(define("  - { name: b, rest: true }\n"), entry(), fleet(2, 1, 1), {}, plan_time),
        plan_time);
    EXPECT_FALSE(push.at("rings").at(0).contains("channel"));
}

RC_GTEST_PROP(RolloutPlanProperty,
              each_host_is_planned_once_and_the_plan_does_not_depend_on_the_order_of_the_inventory,
              ()) {
    auto hosts =
        fleet(*rc::gen::inRange(1, 30), *rc::gen::inRange(0, 30), *rc::gen::inRange(0, 30));
    for (HostFacts& host : hosts)
        host.need = *rc::gen::weightedElement<Need>(
            {{8, Need::needed}, {1, Need::unknown}, {1, Need::not_needed}});
    const std::string rings = *rc::gen::element<std::string>(
        "  - { name: a, count: 7 }\n",
        "  - { name: a, percent: 13 }\n  - { name: b, percent: 30 }\n",
        "  - { name: a, group: op }\n  - { name: b, count: 3 }\n", "");
    const Definition definition = define(rings + "  - { name: rest, rest: true }\n");
    const Plan plan = make_plan(definition, entry(), hosts, {}, plan_time);
    std::multiset<std::string> planned(plan.not_needed.begin(), plan.not_needed.end());
    for (const PlannedRing& ring : plan.rings)
        for (const PlannedHost& host : ring.hosts) planned.insert(host.name);
    std::multiset<std::string> all;
    for (const HostFacts& host : hosts) all.insert(host.name);
    RC_ASSERT(planned == all);
    std::reverse(hosts.begin(), hosts.end());
    const Plan again = make_plan(definition, entry(), hosts, {}, plan_time);
    RC_ASSERT(again.digest == plan.digest);
    RC_ASSERT(to_text(to_json(again, plan_time)) == to_text(to_json(plan, plan_time)));
}

}  // namespace
}  // namespace patchlab::rollout
