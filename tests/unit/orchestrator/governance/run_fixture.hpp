// SPDX-License-Identifier: Apache-2.0
//
// A house with users and with runs that left sealed and signed evidence: alice asks, bob and beth
// are release managers, carol owns systems.
#pragma once

#include "orchestrator/governance/decision.hpp"
#include "orchestrator/governance/policy.hpp"
#include "orchestrator/governance/ruling_store.hpp"
#include "reports/evidence.hpp"
#include "reports/manifest.hpp"
#include "reports/signature.hpp"
#include "tests/unit/orchestrator/governance/house_fixture.hpp"

namespace patchlab::governance {

inline constexpr const char* example_run = "r-20261123-0001";

/// The golden example of a validated run, asked for by alice.
inline Json validated_run() {
    Json run = read_json(fs::path(PATCHLAB_GOLDEN) / "run" / "validated.json");
    run["id"] = example_run;
    run["requester"] = "alice";
    return run;
}

inline Json request_of(const std::string& urgency, const std::string& added) {
    Json patches = Json::array();
    patches.push_back(
        {{"folder", "x"},
         {"patch", {{"id", "nginx_1.22.1-9+deb12u11"}, {"urgency", urgency}, {"added", added}}}});
    return {{"patches", patches}};
}

inline Policy policy_of(const std::string& more,
                        const std::string& approvals = "[{ role: release-manager }]") {
    Diagnostics diagnostics;
    const Policy policy = parse_policy(
        "schema: patchlab/policy/v1\nname: test\napprovals: " + approvals + "\n" + more,
        "test.yaml", diagnostics);
    diagnostics.throw_if_any("the policy of the test");
    return policy;
}

class Runs : public House {
  protected:
    Runs() {
        add_user("root", {Role::admin});
        add_user("alice", {Role::tester, Role::release_manager});
        add_user("bob", {Role::release_manager});
        add_user("beth", {Role::release_manager});
        add_user("carol", {Role::system_owner});
    }
    ~Runs() override { make_writable(folder.path()); }

    static void make_writable(const fs::path& below) {
        std::error_code ignored;
        for (const auto& entry : fs::recursive_directory_iterator(below, ignored))
            if (!entry.is_symlink()) fs::permissions(entry.path(), fs::perms::owner_all, ignored);
    }

    /// Records the run and leaves its evidence, sealed and signed, as the seal stage does.
    fs::path leave(const Json& run = validated_run(),
                   const Json& request = request_of("high", "2026-11-20T12:00:00Z")) {
        const std::string id = run.at("id").get<std::string>();
        pipeline::RunRow row{
            id,          "rehearse", "web-shop",  {},
            "finished",  "done",     "validated", run.at("requester").get<std::string>(),
            house.now(), house.now()};
        pipeline::RunStore(folder.path(), database).record(row);
        const fs::path evidence = house.evidence_of(id);
        make_folder(evidence);
        write_json(evidence / "run.json", run);
        write_json(evidence / "request.json", request);
        reports::seal(evidence);
        reports::sign(evidence, house.keys.current(clock));
        clock.time =
            from_rfc3339(to_rfc3339(SystemClock().now()));  // sealing takes the time of the day
        return evidence;
    }

    void in_force(const std::string& yaml) {
        PolicyStore(house).add({"root", "root"}, yaml, "policy.yaml");
    }

    Ruling say(const std::string& user, RulingWords words) {
        if (words.run.empty()) words.run = example_run;
        return rule(house, {user, "root"}, words);
    }
    Ruling approve(const std::string& user) { return say(user, {}); }
    Ruling reject(const std::string& user, const std::string& reason = "no") {
        return say(user, {RulingKind::reject, "", reason, "", "", "", {}, nullptr});
    }
    Ruling waive(const std::string& user, const std::string& requirement, double days = 7) {
        const TimePoint until =
            clock.now() + std::chrono::duration_cast<TimePoint::duration>(Seconds(days * 86400));
        return say(user, {RulingKind::waive,
                          "",
                          "it can wait",
                          requirement,
                          "",
                          to_rfc3339(until),
                          {},
                          nullptr});
    }
    std::string state_of(const std::string& requirement) {
        const Decision decision = decide(house, example_run);
        const Requirement* found = decision.find(requirement);
        return found ? std::string(name(found->state)) : "none";
    }
    bool promotable() { return decide(house, example_run).satisfied(); }
};

}  // namespace patchlab::governance
