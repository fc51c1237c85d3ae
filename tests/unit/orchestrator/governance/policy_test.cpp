// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/policy.hpp"

#include <gmock/gmock.h>

#include "platform/core/digest.hpp"
#include "platform/core/files.hpp"
#include "tests/golden/definition_golden.hpp"

namespace patchlab::governance {
namespace {

std::string number(double value) {
    std::string text = std::to_string(value);
    text.erase(text.find_last_not_of('0') + 1);
    return text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
}

std::string describe(const std::string& of, const Demands& demands) {
    std::string out = of + ": drill " + std::string(name(demands.drill));
    for (const std::string& suite : demands.suites) out += ", suite " + suite;
    for (const std::string& check : demands.checks) out += ", check " + check;
    if (demands.release_age) {
        out += ", release " + number(demands.release_age->days) + " days old";
        for (const auto& [urgency, days] : demands.release_age->by_urgency)
            out += ", " + urgency + " " + number(days);
    }
    for (const ApprovalDemand& approval : demands.approvals)
        out += ", " + std::to_string(approval.count) + " " + std::string(name(approval.role)) +
               (approval.own_key ? " with own key" : "");
    return out + "\n";
}

std::string describe(const Policy& policy) {
    std::string out = "policy " + policy.name + "\nverdicts";
    for (const std::string& verdict : policy.verdicts) out += " " + verdict;
    out += std::string("\nplayed runs ") + (policy.played_runs ? "accepted" : "refused") + "\n";
    out += describe("all", policy.all) + describe("needs-review", policy.needs_review);
    for (const auto& [level, demands] : policy.criticality) out += describe(level, demands);
    if (policy.evidence_days)
        out += "evidence at most " + number(*policy.evidence_days) + " days old\n";
    for (const Freeze& freeze : policy.freezes) {
        out += "freeze " + freeze.from + " to " + freeze.until + ": " + freeze.reason;
        for (const std::string& urgency : freeze.except_urgency) out += ", but not " + urgency;
        out += "\n";
    }
    out += "waivers of at most " + std::to_string(policy.waivers.longest_days) + " days by";
    for (const Role role : policy.waivers.roles) out += " " + std::string(name(role));
    for (const std::string& never : policy.waivers.never) out += ", never " + never;
    return out + "\n";
}

TEST(PolicyGolden, says_what_it_said_before) {
    golden::compare_folder(
        PATCHLAB_GOLDEN "/policy",
        [](const std::string& yaml, const std::string& file, Diagnostics& diagnostics) {
            const Policy policy = parse_policy(yaml, file, diagnostics);
            return diagnostics.ok() ? describe(policy) : "";
        });
}

TEST(BuiltinPolicy, every_one_that_ships_is_well_defined_under_its_own_name) {
    EXPECT_THAT(builtin_policy_names(), testing::ElementsAre("default", "strict"));
    for (const std::string& name : builtin_policy_names()) {
        Diagnostics diagnostics;
        const Policy policy = parse_policy(builtin_policy(name), name, diagnostics);
        EXPECT_TRUE(diagnostics.ok())
            << name << ": " << (diagnostics.ok() ? "" : diagnostics.items.front().text());
        EXPECT_EQ(policy.name, name);
        EXPECT_EQ(policy.digest, sha256_hex(policy.source));
        EXPECT_FALSE(policy.played_runs) << name;
        EXPECT_FALSE(policy.verdicts.contains("inconclusive")) << name;
    }
}

}  // namespace
}  // namespace patchlab::governance
