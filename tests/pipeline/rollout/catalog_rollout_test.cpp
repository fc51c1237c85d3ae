// SPDX-License-Identifier: Apache-2.0
//
// Rollouts of real catalog entries: what was signed is verified before every ring, and what fails
// in production leaves the channels.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "orchestrator/rollout/engine/engine.hpp"
#include "orchestrator/rollout/engine/steering.hpp"
#include "orchestrator/rollout/gate/gate_suites.hpp"
#include "orchestrator/rollout/simulate/simulated_fleet.hpp"
#include "platform/core/error.hpp"
#include "tests/support/catalog.hpp"

namespace patchlab::tests {
namespace {

using namespace patchlab::rollout;
using testing::Contains;
using testing::HasSubstr;

/// Lets the clock of the whole state jump to what is waited for.
class SetWaiter final : public Waiter {
  public:
    explicit SetWaiter(SetClock& clock) : clock_(clock) {}
    void wait_until(TimePoint time) override {
        if (time > clock_.now()) clock_.advance(time - clock_.now());
    }

  private:
    SetClock& clock_;
};

class Silent final : public notify::NoticeSink {
  public:
    void send(const notify::Notice&) override {}
};

class CatalogRollout : public testing::Test {
  protected:
    CatalogRollout() { entry_ = state_.make({{"hello", {"1.0"}, "2.0"}}); }

    fs::path script(const Json& hosts) {
        const fs::path file = folder_.path() / "script.json";
        write_json(file, {{"schema", "patchlab/simulation/v1"},
                          {"default", {{"versions", {{"hello", "1.0"}}}}},
                          {"hosts", hosts}});
        return file;
    }
    static Json hosts(int count) {
        Json all = Json::object();
        for (int i = 1; i <= count; ++i) all["web-" + std::to_string(i)] = Json::object();
        return all;
    }
    Steering steering() { return {state_.house(), store_, authority_, state_.clock}; }

    Plan plan(const Json& all, const std::string& more) {
        Diagnostics found;
        Definition definition = parse_definition(
            "schema: patchlab/rollout/v1\nname: web\nrings:\n  - { name: first, count: 1, soak: 1h "
            "}\n  - { name: rest, rest: true }\n" +
                more,
            "web.yaml", found);
        found.throw_if_any("reading the definition");
        SimulatedFleet fleet(script(all));
        const catalog::Entry entry = catalog_.entries().get(entry_);
        return make_plan(definition, entry, fleet.hosts(entry), fleet.windows(),
                         state_.clock.now());
    }
    std::string start(const Json& all, const std::string& more = "") {
        const Plan made = plan(all, more);
        const Json gate = freeze_gate(made.definition, catalog_.entries().get(entry_),
                                      catalog_.entries().folder(entry_), state_.database());
        return steering().start(rhea_, made, gate, script(all)).id;
    }
    RolloutState drive(
        const std::string& id,
        std::function<void(std::string_view)> meet = [](std::string_view) {}) {
        const RolloutFolder folder(state_.state(), id);
        const FileLock lock = folder.take();
        SimulatedFleet fleet(folder.simulation());
        fleet.keep_in(folder.simulated());
        SimulatedDeployer deployer(
            fleet, [this](Seconds by) { state_.clock.advance(by); }, meet);
        Engine engine({store_, authority_, deployer, silent_, state_.clock, waiter_,
                       goods_of(catalog_, entry_), meet},
                      store_.get(id));
        return engine.drive();
    }
    std::vector<std::string> actions() {
        std::vector<std::string> all;
        for (const governance::AuditRow& row : state_.house().audit.list())
            all.push_back(row.event.action);
        return all;
    }
    std::vector<std::string> states(const std::string& id) {
        std::vector<std::string> all;
        for (const HostRow& host : store_.some(store_.get(id).key, {}, 1000))
            all.push_back(std::string(name(host.state)));
        return all;
    }
    ErrorCode refused(const std::function<void()>& work) {
        try {
            work();
        } catch (const Error& error) {
            why_ = error.what();
            return error.code();
        }
        ADD_FAILURE() << "nothing was refused";
        return ErrorCode::internal;
    }

    ApprovedCatalog state_;
    TempFolder folder_{fs::temp_directory_path(), "rollout"};
    catalog::NoInventory nobody_;
    catalog::Catalog catalog_{state_.house(), state_.runner(), nobody_};
    RolloutStore store_{state_.database()};
    CatalogAuthority authority_{catalog_, state_.house()};
    SetWaiter waiter_{state_.clock};
    Silent silent_;
    governance::Actor rhea_ = ApprovedCatalog::actor("rhea");
    std::string entry_, why_;
};

TEST_F(CatalogRollout, a_proven_entry_reaches_every_ring_and_the_trail_tells_who_started_it) {
    const std::string id = start(hosts(4));
    EXPECT_THAT(id, testing::MatchesRegex("ro-[0-9]{8}-0001"));
    EXPECT_EQ(drive(id), RolloutState::finished) << store_.get(id).reason;
    EXPECT_THAT(states(id), testing::Each("done"));
    EXPECT_THAT(actions(), Contains("rollout-started"));
    EXPECT_THAT(actions(), Contains("rollout-finished"));
    EXPECT_TRUE(state_.house().audit.verify().ok());
}

TEST_F(CatalogRollout, only_a_release_manager_steers) {
    const Plan made = plan(hosts(2), "");
    const Json gate = freeze_gate(made.definition, catalog_.entries().get(entry_),
                                  catalog_.entries().folder(entry_), state_.database());
    for (const char* user : {"tess", "vera", "sam", "root"}) {
        EXPECT_EQ(refused([&] {
                      steering().start(ApprovedCatalog::actor(user), made, gate, script(hosts(2)));
                  }),
                  ErrorCode::not_allowed)
            << user;
        EXPECT_EQ(refused([&] { steering().abort(ApprovedCatalog::actor(user), "any"); }),
                  ErrorCode::not_allowed)
            << user;
    }
}

TEST_F(CatalogRollout, lab_and_production_disagree_and_the_entry_leaves_every_channel) {
    catalog_.promote(rhea_, entry_, "ring-0");
    catalog_.publish(rhea_, "ring-0");
    state_.clock.advance(Seconds(60));
    Json all = hosts(4);
    for (auto& [name, host] : all.items())
        host = {{"checks", {{"base/system is running", {{"patched", "fail"}}}}}};
    const std::string id = start(all);
    EXPECT_EQ(drive(id), RolloutState::halted);
    EXPECT_EQ(catalog_.entries().status(entry_).state, catalog::EntryState::quarantined);
    EXPECT_THAT(catalog_.entries().status(entry_).reason, HasSubstr(id));
    EXPECT_THAT(states(id), testing::UnorderedElementsAre("backed-out", "not-reached",
                                                          "not-reached", "not-reached"));
    EXPECT_THAT(actions(), Contains("rollout-halted"));
    EXPECT_THAT(actions(), Contains("quarantine"));
    EXPECT_EQ(refused([&] { start(hosts(2)); }), ErrorCode::refused);
    EXPECT_THAT(why_, HasSubstr("quarantined"));
}

TEST_F(CatalogRollout, whatever_is_tampered_with_between_two_rings_stops_the_second) {
    for (const char* file : {"evidence/run.json", "entry.json", "new", "approvals"}) {
        fs::path victim = catalog_.entries().folder(entry_) / file;
        if (fs::is_directory(victim))
            for (const auto& item : fs::recursive_directory_iterator(victim))
                if (item.is_regular_file()) victim = item.path();
        const std::string id = start(hosts(3));
        std::string original;
        EXPECT_EQ(drive(id,
                        [&](std::string_view point) {
                            if (point != "ring-passed" || !original.empty()) return;
                            original = read_file(victim);
                            tamper(victim, flip_a_bit);
                        }),
                  RolloutState::halted)
            << file;
        EXPECT_THAT(store_.get(id).reason, HasSubstr("may not be deployed any more")) << file;
        EXPECT_THAT(states(id), testing::UnorderedElementsAre("done", "not-reached", "not-reached"))
            << file;
        tamper(victim, [&](std::string& bytes) { bytes = original; });
        EXPECT_TRUE(catalog_.verify(entry_).empty());
    }
}

TEST_F(CatalogRollout, an_entry_that_a_person_withdraws_goes_no_further) {
    const std::string id = start(hosts(3));
    bool said = false;
    EXPECT_EQ(drive(id,
                    [&](std::string_view point) {
                        if (point == "ring-passed" && !std::exchange(said, true))
                            catalog_.withdraw(ApprovedCatalog::actor("sam"), entry_,
                                              "the shop is down");
                    }),
              RolloutState::halted);
    EXPECT_THAT(store_.get(id).reason, HasSubstr("the shop is down"));
}

TEST_F(CatalogRollout, is_paused_while_it_is_driven_and_resumed_afterwards) {
    const std::string id = start(hosts(4));
    bool asked = false;
    EXPECT_EQ(drive(id,
                    [&](std::string_view point) {
                        if (point == "soaking" && !std::exchange(asked, true)) {
                            EXPECT_THAT(steering().pause(rhea_, id), HasSubstr("pauses after"));
                        }
                    }),
              RolloutState::paused);
    EXPECT_EQ(refused([&] { steering().start(rhea_, plan(hosts(2), ""), {}, script(hosts(2))); }),
              ErrorCode::conflict)
        << "one rollout of an entry at a time";
    steering().resume(ApprovedCatalog::actor("ross"), id);
    EXPECT_EQ(drive(id), RolloutState::finished);
    EXPECT_EQ(store_.get(id).actor, "ross");
    EXPECT_EQ(refused([&] { steering().resume(rhea_, id); }), ErrorCode::refused);
}

TEST_F(CatalogRollout, is_driven_by_one_process_at_a_time) {
    const std::string id = start(hosts(2));
    const FileLock lock = RolloutFolder(state_.state(), id).take();
    EXPECT_EQ(refused([&] { RolloutFolder(state_.state(), id).take(); }), ErrorCode::conflict);
    EXPECT_EQ(refused([&] { steering().resume(rhea_, id); }), ErrorCode::conflict);
}

TEST_F(CatalogRollout, goes_back_when_asked_although_the_chain_is_broken) {
    const std::string id = start(hosts(3));
    ASSERT_EQ(drive(id), RolloutState::finished);
    tamper(catalog_.entries().folder(entry_) / "evidence" / "run.json", flip_a_bit);
    steering().back_out(rhea_, id, "too slow");
    EXPECT_EQ(drive(id), RolloutState::backed_out);
    EXPECT_THAT(states(id), testing::Each("backed-out"));
}

TEST_F(CatalogRollout, in_mode_pull_each_ring_publishes_its_channel) {
    const std::string id = start(hosts(2), "mode: pull\ncatch-up: { for: 2h, every: 1h }\n");
    store_.put_report(
        {"web-1", "b", "2026-11-25T00:00:00Z", {{"hello", "2.0"}}, "2026-11-25T00:00:00Z"});
    EXPECT_EQ(drive(id), RolloutState::halted) << "simulated hosts take nothing by themselves";
    EXPECT_EQ(catalog_.entries().in_channel("ring-0").size(), 1U);
    EXPECT_NE(catalog_.channel("ring-0").snapshot, "");
    EXPECT_EQ(catalog_.entries().in_channel("ring-1").size(), 0U)
        << "the second ring was never reached";
}

}  // namespace
}  // namespace patchlab::tests
