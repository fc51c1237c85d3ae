// SPDX-License-Identifier: Apache-2.0
//
// A rollout of "hello 2.0" over 1.0 on hosts of a script, driven in this process: every drive() is
// a new engine on the same store, as a new process would be. Catalog and audit trail are played;
// they say what the test tells them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "orchestrator/governance/governance.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"
#include "orchestrator/rollout/engine/engine.hpp"
#include "orchestrator/rollout/simulate/simulated_fleet.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::rollout {

/// Thrown where a real process would be killed: nothing in the engine may catch it.
struct Killed {};

class PlayedAuthority final : public Authority {
  public:
    explicit PlayedAuthority(store::Database& database) : database_(database) {}
    std::vector<catalog::Refusal> verify(const std::string&) override {
        ++verified;
        return verified > refuse_after
                   ? std::vector<catalog::Refusal>{{"evidence/run.json",
                                                    "has other bytes than were signed"}}
                   : std::vector<catalog::Refusal>{};
    }
    std::string not_offered(const std::string&) override { return withdrawn; }
    std::string quarantine(const governance::Actor&, const std::string&,
                           const std::string& reason) override {
        quarantined.push_back(reason);
        return "the entry is in quarantine";
    }
    std::string recall(const governance::Actor&, const std::string&,
                       const std::string& reason) override {
        recalled.push_back(reason);
        return "the entry is recalled";
    }
    void offer(const governance::Actor&, const std::string&, const std::string& channel) override {
        offered.push_back(channel);
        if (on_offer) on_offer();
    }
    void record(const governance::Actor&, const std::string& action, const std::string&,
                const Json&, const std::function<void()>& change) override {
        database_.transaction(change);
        recorded.push_back(action);
    }
    int verified = 0;
    int refuse_after = 1'000'000;
    std::string withdrawn;
    std::vector<std::string> quarantined, recalled, offered, recorded;
    std::function<void()> on_offer;

  private:
    store::Database& database_;
};

class HeardNotices final : public notify::NoticeSink {
  public:
    void send(const notify::Notice& notice) override {
        heard.push_back(std::string(name(notice.kind)) +
                        (notice.ring.empty() ? "" : " " + notice.ring));
    }
    std::vector<std::string> heard;
};

class SimulatedRollout {
  public:
    /// `hosts`: the script's "hosts"; every host begins with hello 1.0 and needs the entry.
    explicit SimulatedRollout(const Json& hosts,
                              const std::string& rings =
                                  "  - { name: first, count: 2 }\n  - { name: rest, rest: true }\n",
                              const std::string& more = "") {
        // a test's store need not survive a power cut; the program's does
        database_.execute_script("PRAGMA synchronous = OFF");
        write_json(script_, {{"schema", "patchlab/simulation/v1"},
                             {"default", {{"versions", {{"hello", "1.0"}}}}},
                             {"hosts", hosts}});
        goods_.entry.id = "e-20261123-0001";
        goods_.entry.evidence_digest = std::string(64, 'a');
        goods_.entry.packages.push_back({"hello",
                                         "amd64",
                                         "deb",
                                         {"hello_2.0_amd64.deb", "2.0", std::string(64, 'b'), 1},
                                         {{"hello_1.0_amd64.deb", "1.0", std::string(64, 'c'), 1}},
                                         true,
                                         false});
        goods_.forward = {{"hello", "amd64", "deb", "2.0", std::string(64, 'b'), "/new"}};
        goods_.back = {{"hello", "amd64", "deb", "1.0", std::string(64, 'c'), "/old"}};
        start("schema: patchlab/rollout/v1\nname: web\nrings:\n" + rings + more);
    }

    /// Drives with a new engine until it stops by itself.
    RolloutState drive(bool ignore_windows = false) {
        SimulatedFleet fleet(script_);
        fleet.keep_in(log_);
        SimulatedDeployer deployer(
            fleet, [this](Seconds seconds) { clock.pass(seconds); }, meet);
        Engine engine({store, authority, deployer, notices, clock, clock, goods_, meet},
                      store.get(id));
        return engine.drive(ignore_windows);
    }

    HostRow host(const std::string& wanted) {
        for (const HostRow& row : store.some(key(), {}, 1'000'000))
            if (row.name == wanted) return row;
        ADD_FAILURE() << "no host " << wanted;
        return {};
    }
    std::string state(const std::string& wanted) { return std::string(name(host(wanted).state)); }
    std::vector<HostRow> all() { return store.some(key(), {}, 1'000'000); }
    /// What a simulated host has, and how often an installation changed something there.
    SimulatedState simulated(const std::string& wanted) {
        SimulatedFleet fleet(script_);
        fleet.keep_in(log_);
        return fleet.state(wanted);
    }
    std::int64_t key() { return store.get(id).key; }
    std::string reason() { return store.get(id).reason; }
    std::string ring(int number) {
        return std::string(name(store.rings(key()).at(static_cast<std::size_t>(number)).state));
    }
    /// As Steering does, without people.
    void move(RolloutState to) {
        RolloutRow row = store.get(id);
        store.move(row, to, "a test", clock.now());
    }

  private:
    /// Rollouts, and the audit trail, which says who began one.
    static std::vector<store::Migration> tables() {
        std::vector<store::Migration> all;
        for (const auto& module : {pipeline::migrations(), governance::migrations(), migrations()})
            all.insert(all.end(), module.begin(), module.end());
        return all;
    }

    void start(const std::string& yaml) {
        Diagnostics found;
        const Definition definition = parse_definition(yaml, "rollout.yaml", found);
        for (const Diagnostic& item : found.items) ADD_FAILURE() << item.text();
        SimulatedFleet fleet(script_);
        const Plan plan = make_plan(definition, goods_.entry, fleet.hosts(goods_.entry),
                                    fleet.windows(), clock.now());
        RolloutRow row;
        row.id = id = store.free_id(clock.now());
        row.entry = goods_.entry.id;
        row.name = definition.name;
        row.mode = definition.mode;
        row.source = yaml;
        row.windows = plan.windows;
        row.gate = {{"suites",
                     {{{"name", "base"},
                       {"yaml",
                        "schema: patchlab/suite/v1\nname: base\nchecks:\n  - { name: works, "
                        "service: hello }\n  - { name: quiet, builtin: "
                        "journal-errors }\n"}}}},
                    {"lab_passed", {"base/works", "base/quiet"}}};
        row.hosts = static_cast<std::int64_t>(plan.hosts());
        row.may_fail = static_cast<std::int64_t>(plan.budget());
        row.created = row.changed = to_rfc3339(clock.now());
        database_.transaction([&] { store.add(row, plan); });
    }

    TempFolder folder_{fs::temp_directory_path(), "rollout"};
    fs::path script_ = folder_.path() / "script.json", log_ = folder_.path() / "log";
    store::Database database_{folder_.path() / "db", tables()};
    Goods goods_;

  public:
    JumpingClock clock{from_rfc3339("2026-11-25T12:00:00Z")};
    RolloutStore store{database_};
    PlayedAuthority authority{database_};
    HeardNotices notices;
    std::function<void(std::string_view)> meet = [](std::string_view) {};
    std::string id;
};

/// "web-1" … with nothing special about them.
inline Json plain_hosts(int count) {
    Json hosts = Json::object();
    for (int i = 1; i <= count; ++i) hosts["web-" + std::to_string(i)] = Json::object();
    return hosts;
}

}  // namespace patchlab::rollout
