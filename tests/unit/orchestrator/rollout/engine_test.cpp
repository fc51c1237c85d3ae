// SPDX-License-Identifier: Apache-2.0
//
// Whole rollouts on hosts of a script.
#include <gmock/gmock.h>

#include "orchestrator/rollout/store/view.hpp"
#include "tests/unit/orchestrator/rollout/simulated_rollout.hpp"

namespace patchlab::rollout {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Json fails_here{{"checks", {{"base/works", {{"patched", "fail"}}}}}};

/// The host that a plan of these hosts reaches first.
std::string first_of(int count) { return SimulatedRollout(plain_hosts(count)).all().front().name; }
std::string last_of(int count) { return SimulatedRollout(plain_hosts(count)).all().back().name; }

Json with(Json hosts, const std::string& name, const Json& what) {
    hosts[name] = what;
    return hosts;
}

TEST(Engine, brings_a_good_patch_to_every_ring) {
    SimulatedRollout rollout(plain_hosts(7));
    EXPECT_EQ(rollout.drive(), RolloutState::finished);
    for (const HostRow& host : rollout.all()) {
        EXPECT_EQ(host.state, HostState::done) << host.name << host.detail;
        EXPECT_TRUE(host.proven);
        EXPECT_EQ(rollout.simulated(host.name).versions.at("hello"), "2.0");
        EXPECT_EQ(rollout.simulated(host.name).installs, 1);
    }
    EXPECT_THAT(rollout.notices.heard,
                ElementsAre("ring-started first", "ring-finished first", "ring-started rest",
                            "ring-finished rest", "finished"));
    EXPECT_GE(rollout.authority.verified, 3) << "before it begins, and before each ring";
    EXPECT_THAT(rollout.authority.recorded, ElementsAre("rollout-finished"));
}

TEST(Engine, a_ring_that_fails_halts_goes_back_and_quarantines_the_entry) {
    const std::string bad = first_of(7);
    SimulatedRollout rollout(with(plain_hosts(7), bad, fails_here));
    EXPECT_EQ(rollout.drive(), RolloutState::halted);
    EXPECT_THAT(rollout.reason(), HasSubstr("lab and production disagree"));
    EXPECT_EQ(rollout.state(bad), "backed-out");
    EXPECT_EQ(rollout.simulated(bad).versions.at("hello"), "1.0");
    EXPECT_EQ(rollout.authority.quarantined.size(), 1U);
    EXPECT_EQ(rollout.ring(0), "failed");
    EXPECT_EQ(rollout.ring(1), "waiting");
    int done = 0, left = 0;
    for (const HostRow& host : rollout.all()) {
        done += host.state == HostState::done;
        left += host.state == HostState::not_reached;
    }
    EXPECT_EQ(done, 1) << "the good host of the ring stays";
    EXPECT_EQ(left, 5);
    EXPECT_THAT(rollout.notices.heard, Contains("halted"));
    EXPECT_THAT(rollout.authority.recorded, Contains("rollout-halted"));
    EXPECT_EQ(rollout.drive(), RolloutState::halted) << "sticky";
}

TEST(Engine, an_installation_that_fails_counts_against_the_budget) {
    const std::string bad = first_of(7);
    for (const char* how : {"fail", "wrong-version"}) {
        SimulatedRollout strict(with(plain_hosts(7), bad, {{"steps", {{"install", how}}}}));
        EXPECT_EQ(strict.drive(), RolloutState::halted) << how;
        EXPECT_THAT(strict.authority.quarantined, IsEmpty()) << "the lab did not judge that";
        EXPECT_EQ(strict.state(bad), "backed-out");
        SimulatedRollout mild(with(plain_hosts(7), bad, {{"steps", {{"install", how}}}}),
                              "  - { name: first, count: 2 }\n  - { name: rest, rest: true }\n",
                              "failure-budget: { hosts: 1 }\n");
        EXPECT_EQ(mild.drive(), RolloutState::finished) << how;
        EXPECT_EQ(mild.state(bad), "backed-out");
        EXPECT_THAT(mild.reason(), HasSubstr("1 failed host"));
    }
}

TEST(Engine, a_disagreement_may_be_left_to_the_budget) {
    const std::string bad = first_of(7);
    SimulatedRollout rollout(with(plain_hosts(7), bad, fails_here),
                             "  - { name: first, count: 2 }\n  - { name: rest, rest: true }\n",
                             "failure-budget: { hosts: 1 }\ngate: { disagreement: budget }\n");
    EXPECT_EQ(rollout.drive(), RolloutState::finished);
    EXPECT_EQ(rollout.state(bad), "backed-out");
    EXPECT_THAT(rollout.authority.quarantined, IsEmpty());
}

TEST(Engine, a_host_that_cannot_go_back_is_reported) {
    const std::string bad = first_of(3);
    SimulatedRollout rollout(with(
        plain_hosts(3), bad,
        {{"checks", {{"base/works", {{"patched", "fail"}}}}}, {"steps", {{"back-out", "fail"}}}}));
    EXPECT_EQ(rollout.drive(), RolloutState::halted);
    EXPECT_EQ(rollout.state(bad), "back-out-failed");
    EXPECT_THAT(rollout.host(bad).detail, HasSubstr("the way back failed"));
}

TEST(Engine,
     a_host_that_falls_silent_after_the_installation_is_lost_and_one_that_is_seen_again_is_judged) {
    const std::string host = first_of(3);
    SimulatedRollout seen(with(plain_hosts(3), host, {{"steps", {{"install", "unknown"}}}}));
    EXPECT_EQ(seen.drive(), RolloutState::finished);
    EXPECT_EQ(seen.state(host), "done");
    EXPECT_EQ(seen.simulated(host).installs, 1);
}

TEST(Engine, leaves_out_what_is_unhealthy_newer_or_has_no_way_back) {
    Json hosts = plain_hosts(6);
    hosts["ill"] = {{"checks", {{"base/works", {{"before", "fail"}}}}}};
    hosts["newer"] = {{"versions", {{"hello", "3.0"}}}};
    hosts["odd"] = {{"versions", {{"hello", "0.5"}}}};
    hosts["has-it"] = {{"versions", {{"hello", "2.0"}}}};
    SimulatedRollout rollout(hosts, "  - { name: all, rest: true }\n");
    EXPECT_EQ(rollout.drive(), RolloutState::finished);
    for (const char* name : {"ill", "newer", "odd"}) {
        EXPECT_EQ(rollout.state(name), "skipped");
        EXPECT_EQ(rollout.simulated(name).installs, 0);
    }
    EXPECT_EQ(rollout.state("has-it"), "not-needed");
    EXPECT_THAT(rollout.host("ill").detail, HasSubstr("base/works fails before the patch"));
}

TEST(Engine, hosts_that_are_off_are_caught_up_after_the_last_ring) {
    const std::string host = last_of(6);
    SimulatedRollout rollout(with(plain_hosts(6), host, {{"off", 3}}),
                             "  - { name: first, count: 2 }\n  - { name: rest, rest: true }\n",
                             "catch-up: { for: 1d, every: 1h }\n");
    const TimePoint began = rollout.clock.now();
    EXPECT_EQ(rollout.drive(), RolloutState::finished);
    EXPECT_EQ(rollout.state(host), "done");
    EXPECT_GE(rollout.clock.now() - began, std::chrono::hours(3));
}

TEST(Engine, hosts_that_stay_off_are_missed_and_neither_a_failure_nor_a_proof) {
    const std::string host = last_of(6);
    SimulatedRollout rollout(with(plain_hosts(6), host, {{"off", 1000}}),
                             "  - { name: first, count: 2 }\n  - { name: rest, rest: true }\n",
                             "catch-up: { for: 1d, every: 1h }\n");
    EXPECT_EQ(rollout.drive(), RolloutState::finished);
    EXPECT_EQ(rollout.state(host), "missed");
    EXPECT_FALSE(rollout.host(host).failed);
}

TEST(Engine, a_ring_whose_hosts_are_off_proves_nothing) {
    Json hosts = plain_hosts(4);
    for (auto& [name, host] : hosts.items()) host["off"] = 1000;
    SimulatedRollout rollout(hosts,
                             "  - { name: first, count: 2 }\n  - { name: rest, rest: true }\n",
                             "catch-up: { for: 1d, every: 1h }\n");
    EXPECT_EQ(rollout.drive(), RolloutState::halted);
    EXPECT_THAT(rollout.reason(), HasSubstr("proves too little: 0 of 2 hosts"));
    EXPECT_THAT(rollout.authority.quarantined, IsEmpty());
}

TEST(Engine, waits_for_the_window_of_the_ring) {
    SimulatedRollout rollout(plain_hosts(3), "  - { name: all, rest: true, window: night }\n",
                             "windows:\n  night: { zone: UTC, from: \"22:00\", to: \"23:00\" }\n");
    EXPECT_EQ(rollout.drive(), RolloutState::finished);
    for (const HostRow& host : rollout.all())
        EXPECT_THAT(to_rfc3339(from_epoch(host.changed)), testing::StartsWith("2026-11-25T22:00"));
}

TEST(Engine, starts_nothing_that_would_not_fit_into_the_window) {
    // two batches at five minutes a step do not fit between 22:00 and 22:30 with ten minutes to
    // install and ten to go back
    Json hosts = plain_hosts(2);
    for (auto& [name, host] : hosts.items()) host["seconds"] = 420;
    SimulatedRollout rollout(hosts,
                             "  - { name: all, rest: true, window: night, concurrency: 1 }\n",
                             "windows:\n  night: { zone: UTC, from: \"22:00\", to: \"22:30\" }\n");
    EXPECT_EQ(rollout.drive(), RolloutState::finished);
    std::set<std::string> days;
    for (const HostRow& host : rollout.all())
        days.insert(to_rfc3339(from_epoch(host.changed)).substr(0, 10));
    EXPECT_THAT(days, ElementsAre("2026-11-25", "2026-11-26"));
}

TEST(Engine, soaks_and_finds_what_breaks_later) {
    const std::string bad = first_of(5);
    const Json late{{"checks", {{"base/works", {{"watched", "fail"}}}}}};
    SimulatedRollout rollout(
        with(plain_hosts(5), bad, late),
        "  - { name: first, count: 2, soak: 2h }\n  - { name: rest, rest: true }\n");
    const TimePoint began = rollout.clock.now();
    EXPECT_EQ(rollout.drive(), RolloutState::halted);
    EXPECT_GE(rollout.clock.now() - began, std::chrono::hours(2));
    EXPECT_EQ(rollout.state(bad), "backed-out");
    EXPECT_THAT(rollout.host(bad).detail, HasSubstr("while it was watched"));
    EXPECT_EQ(rollout.authority.quarantined.size(), 1U);
}

TEST(Engine, a_broken_chain_between_rings_halts_with_the_reasons) {
    SimulatedRollout rollout(plain_hosts(5));
    rollout.authority.refuse_after = 2;  // at the start and before the first ring it is whole
    EXPECT_EQ(rollout.drive(), RolloutState::halted);
    EXPECT_THAT(rollout.reason(), HasSubstr("evidence/run.json: has other bytes than were signed"));
    EXPECT_EQ(rollout.ring(0), "passed");
    int touched = 0;
    for (const HostRow& host : rollout.all()) touched += rollout.simulated(host.name).installs;
    EXPECT_EQ(touched, 2);
}

TEST(Engine, an_entry_that_is_withdrawn_stops_before_the_next_batch) {
    SimulatedRollout rollout(plain_hosts(6), "  - { name: all, rest: true, concurrency: 1 }\n");
    int batches = 0;
    rollout.meet = [&](std::string_view point) {
        if (point == "judged" && ++batches == 2)
            rollout.authority.withdrawn = "entry 'e' is withdrawn: the shop is down";
    };
    EXPECT_EQ(rollout.drive(), RolloutState::halted);
    EXPECT_THAT(rollout.reason(), HasSubstr("withdrawn"));
    int touched = 0;
    for (const HostRow& host : rollout.all()) touched += rollout.simulated(host.name).installs;
    EXPECT_EQ(touched, 2);
}

TEST(Engine, pauses_between_two_batches_and_goes_on) {
    SimulatedRollout rollout(plain_hosts(6), "  - { name: all, rest: true, concurrency: 2 }\n");
    rollout.meet = [&](std::string_view point) {
        if (point == "installing" && rollout.store.events(rollout.key()).empty()) return;
        if (point == "judged" && !rollout.store.asked(rollout.key()))
            rollout.store.ask(rollout.key(), {"pause", "rhea", "root", ""});
    };
    EXPECT_EQ(rollout.drive(), RolloutState::paused);
    EXPECT_EQ(rollout.reason(), "paused by rhea");
    int done = 0;
    for (const HostRow& host : rollout.all()) done += host.state == HostState::done;
    EXPECT_EQ(done, 2);
    rollout.meet = [](std::string_view) {};
    EXPECT_EQ(rollout.drive(), RolloutState::paused) << "until a person says so";
    rollout.move(RolloutState::running);
    EXPECT_EQ(rollout.drive(), RolloutState::finished);
}

TEST(Engine, an_abort_leaves_the_patched_hosts_and_reaches_no_other) {
    SimulatedRollout rollout(plain_hosts(6), "  - { name: all, rest: true, concurrency: 2 }\n");
    rollout.meet = [&](std::string_view point) {
        if (point == "judged") rollout.store.ask(rollout.key(), {"abort", "rhea", "root", ""});
    };
    EXPECT_EQ(rollout.drive(), RolloutState::aborted);
    int done = 0, left = 0;
    for (const HostRow& host : rollout.all()) {
        done += host.state == HostState::done;
        left += host.state == HostState::not_reached;
    }
    EXPECT_EQ(done, 2);
    EXPECT_EQ(left, 4);
}

TEST(Engine, backs_out_every_patched_host_the_last_ring_first) {
    SimulatedRollout rollout(plain_hosts(5));
    ASSERT_EQ(rollout.drive(), RolloutState::finished);
    rollout.move(RolloutState::backing_out);
    rollout.store.move_all(rollout.key(), {HostState::done}, HostState::backing_out, "",
                           rollout.clock.now());
    EXPECT_EQ(rollout.drive(), RolloutState::backed_out);
    for (const HostRow& host : rollout.all()) {
        EXPECT_EQ(host.state, HostState::backed_out);
        EXPECT_EQ(rollout.simulated(host.name).versions.at("hello"), "1.0");
    }
    std::vector<std::string> rings;
    for (const EventRow& event : rollout.store.events(rollout.key()))
        if (event.kind == "ring-backing-out") rings.push_back(event.ring);
    EXPECT_THAT(rings, ElementsAre("rest", "first"));
}

TEST(Engine, the_way_back_is_not_blamed_for_what_came_between_the_patch_and_it) {
    const auto backed_out = [](const char* journal_at, const char* host) {
        SimulatedRollout rollout(with(
            plain_hosts(3), host,
            {{"checks",
              {{"base/quiet", {{"patched", "pass"}, {journal_at, "fail"}, {"back", "fail"}}}}}}));
        EXPECT_EQ(rollout.drive(), RolloutState::finished);
        rollout.move(RolloutState::backing_out);
        rollout.store.move_all(rollout.key(), {HostState::done}, HostState::backing_out, "",
                               rollout.clock.now());
        EXPECT_EQ(rollout.drive(), RolloutState::backed_out);
        return rollout.state(host);
    };
    EXPECT_EQ(backed_out("watched", "web-2"), "backed-out")
        << "it stood in the journal before the way back began";
    EXPECT_EQ(backed_out("back", "web-2"), "back-out-failed") << "it is new";
}

TEST(Engine, pulling_hosts_that_take_it_are_judged_and_the_next_ring_is_offered_it) {
    Json hosts = plain_hosts(3);
    for (auto& [name, host] : hosts.items())
        host["pulls"] = {{"versions", {{"hello", "2.0"}}}, {"take_at", 3}};
    SimulatedRollout rollout(hosts,
                             "  - { name: first, count: 1 }\n  - { name: rest, rest: true }\n",
                             "mode: pull\ncatch-up: { for: 1d, every: 1h }\n");
    EXPECT_EQ(rollout.drive(), RolloutState::finished) << rollout.reason();
    EXPECT_THAT(rollout.authority.offered, ElementsAre("ring-0", "ring-1"));
    for (const HostRow& host : rollout.all()) {
        EXPECT_EQ(host.state, HostState::done);
        EXPECT_TRUE(host.proven);
        EXPECT_EQ(host.attempts, 0) << "the deployer installed nothing";
    }
}

TEST(Engine, pulling_hosts_go_back_with_their_channel) {
    Json hosts = plain_hosts(3);
    for (auto& [name, host] : hosts.items())
        host = {{"pulls", {{"versions", {{"hello", "2.0"}}}, {"take_at", 2}, {"return_at", 4}}},
                {"checks", {{"base/works", {{"patched", "fail"}}}}}};
    SimulatedRollout rollout(hosts,
                             "  - { name: first, count: 1 }\n  - { name: rest, rest: true }\n",
                             "mode: pull\ncatch-up: { for: 1d, every: 1h }\n");
    EXPECT_EQ(rollout.drive(), RolloutState::halted);
    EXPECT_EQ(rollout.authority.quarantined.size(), 1U);
    EXPECT_EQ(rollout.all().front().state, HostState::backed_out) << rollout.all().front().detail;
}

TEST(Engine, a_rollout_that_went_well_recalls_its_entry_when_it_goes_back) {
    Json hosts = plain_hosts(2);
    for (auto& [name, host] : hosts.items())
        host = {{"pulls", {{"versions", {{"hello", "2.0"}}}, {"take_at", 2}, {"return_at", 6}}}};
    SimulatedRollout rollout(hosts, "  - { name: all, rest: true }\n",
                             "mode: pull\ncatch-up: { for: 1d, every: 1h }\n");
    ASSERT_EQ(rollout.drive(), RolloutState::finished) << rollout.reason();
    RolloutRow row = rollout.store.get(rollout.id);
    rollout.store.move(row, RolloutState::backing_out, "backed out by rhea: a drill",
                       rollout.clock.now());
    rollout.store.database().transaction([&] {
        rollout.store.move_all(row.key, {HostState::done}, HostState::backing_out, "",
                               rollout.clock.now());
    });
    EXPECT_EQ(rollout.drive(), RolloutState::backed_out);
    EXPECT_THAT(rollout.authority.quarantined, IsEmpty()) << "nothing speaks against the entry";
    ASSERT_EQ(rollout.authority.recalled.size(), 1U);
    EXPECT_THAT(rollout.authority.recalled[0], HasSubstr("a drill"));
}

TEST(Engine, a_host_that_only_reports_is_done_and_proves_nothing) {
    Json hosts = plain_hosts(3);
    hosts["web-1"] = {{"pulls", {{"versions", {{"hello", "2.0"}}}, {"take_at", 2}}}};
    hosts["web-2"] = {{"pulls", {{"versions", {{"hello", "2.0"}}}, {"take_at", 2}}}};
    hosts["web-3"] = {{"steps", {{"inspect", "unreachable"}}}};
    SimulatedRollout rollout(hosts, "  - { name: all, rest: true }\n",
                             "mode: pull\ncatch-up: { for: 3h, every: 1h }\n");
    const auto report = [&](const std::string& version) {
        rollout.store.put_report({"web-3",
                                  "boot",
                                  "2026-11-25T12:00:00Z",
                                  {{"hello", version}, {"other", "1"}},
                                  "2026-11-25T12:00:00Z"});
    };
    report("1.0");
    rollout.authority.on_offer = [&] { report("2.0"); };
    EXPECT_EQ(rollout.drive(), RolloutState::finished) << rollout.reason();
    EXPECT_EQ(rollout.state("web-3"), "done");
    EXPECT_FALSE(rollout.host("web-3").proven);
    EXPECT_THAT(*rollout.host("web-3").before, ElementsAre(testing::Pair("hello", "1.0")));
}

TEST(Engine, a_host_that_only_reports_is_back_when_a_new_report_says_so) {
    for (const bool says_so : {true, false}) {
        Json hosts = plain_hosts(2);
        hosts["web-1"] = {
            {"pulls", {{"versions", {{"hello", "2.0"}}}, {"take_at", 2}, {"return_at", 4}}}};
        hosts["web-2"] = {{"steps", {{"inspect", "unreachable"}}}};
        SimulatedRollout rollout(hosts, "  - { name: all, rest: true }\n",
                                 "mode: pull\ncatch-up: { for: 3h, every: 1h }\n");
        const auto report = [&](const std::string& version) {
            rollout.store.put_report({"web-2",
                                      "boot",
                                      to_rfc3339(rollout.clock.now()),
                                      {{"hello", version}},
                                      to_rfc3339(rollout.clock.now())});
        };
        report("1.0");
        rollout.authority.on_offer = [&] { report("2.0"); };
        ASSERT_EQ(rollout.drive(), RolloutState::finished) << rollout.reason();
        rollout.clock.pass(Seconds(60));
        if (!says_so)
            report("1.0");  // and falls silent: what it said before it was asked to go back is no
                            // answer
        rollout.clock.pass(Seconds(60));
        rollout.move(RolloutState::backing_out);
        rollout.store.move_all(rollout.key(), {HostState::done}, HostState::backing_out, "",
                               rollout.clock.now());
        rollout.clock.pass(Seconds(60));
        if (says_so) report("1.0");
        EXPECT_EQ(rollout.drive(), RolloutState::backed_out);
        EXPECT_EQ(rollout.state("web-2"), says_so ? "backed-out" : "back-out-failed")
            << rollout.host("web-2").detail;
        EXPECT_FALSE(rollout.host("web-2").proven);
    }
}

TEST(Engine, what_was_seen_of_a_host_counts_more_than_its_report) {
    SimulatedRollout rollout(plain_hosts(2), "  - { name: all, rest: true }\n",
                             "mode: pull\ncatch-up: { for: 3h, every: 1h }\n");
    rollout.store.put_report(
        {"web-1", "boot", "2026-11-25T12:00:00Z", {{"hello", "2.0"}}, "2026-11-25T12:00:00Z"});
    rollout.drive();
    EXPECT_EQ(rollout.state("web-1"), "missed");
}

TEST(Engine, pulling_hosts_follow_their_channel_and_are_judged_when_they_have_it) {
    SimulatedRollout rollout(plain_hosts(3), "  - { name: all, rest: true, channel: ring-9 }\n",
                             "mode: pull\ncatch-up: { for: 1d, every: 1h }\n");
    rollout.authority.on_offer = [&] {
        // as stock apt would by night: they take it by themselves
        for (const HostRow& host : rollout.all())
            EXPECT_EQ(host.state, HostState::following)
                << "the way it was is recorded before the channel offers it";
    };
    EXPECT_EQ(rollout.drive(), RolloutState::halted) << "nobody takes it: the ring proves nothing";
    EXPECT_THAT(rollout.authority.offered, ElementsAre("ring-9"));
    for (const HostRow& host : rollout.all()) EXPECT_EQ(host.state, HostState::missed);
}

TEST(Engine, status_counts_without_naming_every_host) {
    const std::string bad = first_of(7);
    SimulatedRollout rollout(with(plain_hosts(7), bad, fails_here));
    rollout.drive();
    const Json status = status_json(rollout.store, rollout.store.get(rollout.id), false);
    EXPECT_EQ(status.at("schema"), "patchlab/rollout-status/v1");
    EXPECT_EQ(status.begin().key(), "schema");
    EXPECT_EQ(std::next(status.begin(), 2).key(), "reason") << "why it halted comes first";
    EXPECT_EQ(status.at("counts").at("not-reached"), 5);
    EXPECT_EQ(status.at("attention").at(0).at("name"), bad);
    EXPECT_THAT(status.at("attention").at(0).at("reasons").at(0).get<std::string>(),
                HasSubstr("check-failed: base/works"));
    EXPECT_FALSE(status.contains("all_hosts"));
    EXPECT_EQ(
        status_json(rollout.store, rollout.store.get(rollout.id), true).at("all_hosts").size(), 7U);
}

TEST(Engine, a_report_shows_as_many_hosts_as_are_asked_for) {
    SimulatedRollout rollout(plain_hosts(7));
    rollout.drive();
    const RolloutRow row = rollout.store.get(rollout.id);
    const Json whole = report_json(rollout.store, row);
    ASSERT_EQ(whole.at("all_hosts").size(), 7U);
    const Json page = report_json(rollout.store, row, {2, 3, 100});
    ASSERT_EQ(page.at("all_hosts").size(), 3U);
    EXPECT_EQ(page.at("all_hosts").at(0), whole.at("all_hosts").at(2));
    std::vector<std::string> of_rings, of_all;
    for (const Json& ring : page.at("rings"))
        for (const Json& host : ring.at("first_hosts"))
            of_rings.push_back(ring.at("name").get<std::string>() + " " +
                               host.at("name").get<std::string>());
    for (const Json& host : whole.at("all_hosts"))
        of_all.push_back(host.at("ring").get<std::string>() + " " +
                         host.at("name").get<std::string>());
    EXPECT_EQ(of_rings, of_all);
    EXPECT_FALSE(whole.at("rings").at(0).contains("first_hosts"));
}

TEST(Engine, a_move_that_is_not_in_the_table_is_refused_by_the_store) {
    SimulatedRollout rollout(plain_hosts(2));
    std::vector<HostRow> hosts = rollout.all();
    hosts[0].state = HostState::done;
    EXPECT_THROW(rollout.store.save(rollout.key(), hosts, rollout.clock.now()), Error);
    RolloutRow row = rollout.store.get(rollout.id), other = row;
    rollout.store.move(row, RolloutState::running, "", rollout.clock.now());
    EXPECT_THROW(rollout.store.move(other, RolloutState::running, "", rollout.clock.now()), Error)
        << "another process was there first";
}

}  // namespace
}  // namespace patchlab::rollout
