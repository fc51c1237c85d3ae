// SPDX-License-Identifier: Apache-2.0
//
// rollout_bench HOSTS: plans a rollout of so many simulated hosts, drives it from the first ring to
// the last with the real engine and store (every state on disk before it is acted upon), and asks
// for its status. Prints one line of JSON. Catalog and audit trail are played.
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "orchestrator/rollout/engine/engine.hpp"
#include "orchestrator/rollout/simulate/simulated_fleet.hpp"
#include "orchestrator/rollout/store/view.hpp"
#include "platform/core/files.hpp"

namespace patchlab::rollout {
namespace {

class PlayedAuthority final : public Authority {
  public:
    explicit PlayedAuthority(store::Database& database) : database_(database) {}
    std::vector<catalog::Refusal> verify(const std::string&) override { return {}; }
    std::string not_offered(const std::string&) override { return ""; }
    std::string quarantine(const governance::Actor&, const std::string&,
                           const std::string&) override {
        return "";
    }
    std::string recall(const governance::Actor&, const std::string&, const std::string&) override {
        return "";
    }
    void offer(const governance::Actor&, const std::string&, const std::string&) override {}
    void record(const governance::Actor&, const std::string&, const std::string&, const Json&,
                const std::function<void()>& change) override {
        database_.transaction(change);
    }

  private:
    store::Database& database_;
};

class NoNotices final : public notify::NoticeSink {
  public:
    void send(const notify::Notice&) override {}
};

Goods goods() {
    Goods goods;
    goods.entry.id = "e-20261123-0001";
    goods.entry.evidence_digest = std::string(64, 'a');
    goods.entry.packages.push_back({"nginx",
                                    "amd64",
                                    "deb",
                                    {"nginx_2.deb", "2", std::string(64, 'b'), 1},
                                    {{"nginx_1.deb", "1", std::string(64, 'c'), 1}},
                                    true,
                                    false});
    goods.forward = {{"nginx", "amd64", "deb", "2", std::string(64, 'b'), "/new"}};
    goods.back = {{"nginx", "amd64", "deb", "1", std::string(64, 'c'), "/old"}};
    return goods;
}

std::string definition_text() {
    return "schema: patchlab/rollout/v1\nname: fleet\nconcurrency: 500\nfailure-budget: { percent: "
           "1 }\nrings:\n"
           "  - { name: canary, count: 10, soak: 1h }\n  - { name: early, percent: 10, soak: 1d "
           "}\n  - { name: rest, rest: true, window: "
           "night }\n"
           "windows:\n  night: { zone: Europe/Zurich, from: \"22:00\", to: \"04:00\" }\n";
}

/// The peak of this process, in MB.
double peak() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

Json measure(std::int64_t count) {
    const TempFolder folder(fs::temp_directory_path(), "rollout-bench");
    const auto share = [&](std::int64_t percent) { return count * percent / 100; };
    const Json versions{{"nginx", "1"}};
    write_json(folder.path() / "script.json",
               {{"schema", "patchlab/simulation/v1"},
                {"windows",
                 {{"late", {{"zone", "America/New_York"}, {"from", "20:00"}, {"to", "23:00"}}}}},
                {"default", {{"versions", versions}}},
                {"generate",
                 {{{"prefix", "op-"}, {"count", count - share(30) - share(10) - share(5)}},
                  {{"prefix", "bc-"}, {"count", share(30)}, {"criticality", "business-critical"}},
                  {{"prefix", "mc-"},
                   {"count", share(10)},
                   {"criticality", "mission-critical"},
                   {"window", "late"}},
                  {{"prefix", "off-"}, {"count", share(5)}, {"off", 2}}}}});
    SimulatedFleet fleet(folder.path() / "script.json");
    fleet.keep_in(folder.path() / "log");
    store::Database database(folder.path() / "db", migrations());
    RolloutStore store(database);
    JumpingClock clock(from_rfc3339("2026-11-25T12:00:00Z"));
    Diagnostics found;
    const Definition definition = parse_definition(definition_text(), "bench.yaml", found);
    found.throw_if_any("reading the definition");

    const auto hosts = fleet.hosts(goods().entry);
    Stopwatch planning;
    Plan plan = make_plan(definition, goods().entry, hosts, fleet.windows(), clock.now());
    const double plan_seconds = planning.seconds();

    Stopwatch storing;
    RolloutRow row;
    row.id = store.free_id(clock.now());
    row.entry = goods().entry.id;
    row.name = definition.name;
    row.source = definition.source;
    row.windows = plan.windows;
    row.gate = {{"suites",
                 {{{"name", "base"},
                   {"yaml",
                    "schema: patchlab/suite/v1\nname: base\nchecks:\n  - { name: works, service: "
                    "nginx }\n  - { name: answers, tcp: { "
                    "port: 80 } }\n"}}}},
                {"lab_passed", {"base/works", "base/answers"}}};
    row.hosts = static_cast<std::int64_t>(plan.hosts());
    row.may_fail = static_cast<std::int64_t>(plan.budget());
    row.created = row.changed = to_rfc3339(clock.now());
    database.transaction([&] { store.add(row, plan); });
    const double store_seconds = storing.seconds();
    plan = {};

    PlayedAuthority authority(database);
    NoNotices notices;
    SimulatedDeployer deployer(fleet, [&](Seconds seconds) { clock.pass(seconds); });
    Stopwatch driving;
    const RolloutState end =
        Engine({store, authority, deployer, notices, clock, clock, goods()}, store.get(row.id))
            .drive();
    const double drive_seconds = driving.seconds();

    Json status;
    double status_seconds =
        1e9;  // the best of five: other work on this machine only ever makes it slower
    for (int i = 0; i < 5; ++i) {
        Stopwatch asking;
        status = status_json(store, store.get(row.id), false);
        status_seconds = std::min(status_seconds, asking.seconds());
    }
    return {{"hosts", count},
            {"state", name(end)},
            {"plan_seconds", plan_seconds},
            {"store_seconds", store_seconds},
            {"drive_seconds", drive_seconds},
            {"status_seconds", status_seconds},
            {"counts", status.at("counts")},
            {"peak_mb", peak()}};
}

}  // namespace
}  // namespace patchlab::rollout

int main(int argc, char** argv) {
    if (argc != 2 || std::atoll(argv[1]) < 10) {
        std::cerr << "usage: rollout_bench HOSTS   (10 or more)\n";
        return 2;
    }
    try {
        std::cout << patchlab::to_line(patchlab::rollout::measure(std::atoll(argv[1]))) << "\n";
    } catch (const std::exception& error) {
        std::cerr << "rollout_bench: " << error.what() << "\n";
        return 3;
    }
    return 0;
}
