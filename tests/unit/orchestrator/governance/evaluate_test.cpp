// SPDX-License-Identifier: Apache-2.0
//
// Each requirement by itself, answered from facts alone.
#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "platform/core/schema.hpp"
#include "tests/unit/orchestrator/governance/run_fixture.hpp"

namespace patchlab::governance {
namespace {

using testing::HasSubstr;

const TimePoint noon = from_rfc3339("2026-11-23T12:00:00Z");

EvidenceFacts facts_from(const Json& run) {
    EvidenceFacts facts;
    facts.digest = std::string(64, 'd');
    facts.signer = std::string(64, 'e');
    facts.sealed = "2026-11-23T06:00:00Z";
    facts.run = reports::parse_run_document(run);
    facts.releases = {{"nginx_1.22.1-9+deb12u11", "high", "2026-11-20T12:00:00Z"}};
    return facts;
}

EvidenceFacts good_facts() { return facts_from(validated_run()); }

std::string state_in(const Decision& decision, const std::string& id) {
    const Requirement* found = decision.find(id);
    return found ? std::string(name(found->state)) : "none";
}

std::string answer(const std::string& policy, const EvidenceFacts& facts, const std::string& id) {
    return state_in(evaluate(policy_of(policy), facts, {}, noon), id);
}

Json with_check(const char* suite, const char* name, const Json& after,
                const char* machine = "web") {
    Json run = validated_run();
    run["checks"].push_back({{"machine", machine},
                             {"suite", suite},
                             {"name", name},
                             {"before", "pass"},
                             {"after", after}});
    return run;
}

TEST(Requirements, evidence_that_is_not_there_or_not_intact_leaves_nothing_else_to_look_at) {
    EvidenceFacts facts;
    EXPECT_EQ(answer("", facts, "evidence"), "missing");
    facts = good_facts();
    facts.seal_problem = "run.json: changed";
    const Decision decision = evaluate(policy_of(""), facts, {}, noon);
    EXPECT_EQ(state_in(decision, "evidence"), "failed");
    EXPECT_EQ(decision.requirements.size(), 1U);
    EXPECT_FALSE(decision.satisfied());
    EXPECT_FALSE(Decision{}.satisfied());
}

TEST(Requirements, the_evidence_must_be_signed_name_its_requester_and_come_from_real_machines) {
    EvidenceFacts facts = good_facts();
    facts.signer.clear();
    EXPECT_EQ(answer("", facts, "signature"), "missing");
    facts.signature_problem = "wrong";
    EXPECT_EQ(answer("", facts, "signature"), "failed");
    facts = good_facts();
    facts.run.requester.clear();
    EXPECT_EQ(answer("", facts, "requester"), "missing");
    facts = good_facts();
    facts.run.backend = "fake";
    EXPECT_EQ(answer("", facts, "real-machines"), "failed");
    EXPECT_EQ(answer("played-runs: accepted", facts, "real-machines"), "passed");
    facts.run.backend.clear();
    EXPECT_EQ(answer("played-runs: accepted", facts, "real-machines"), "missing");
}

TEST(Requirements, only_verdicts_that_the_policy_names_count_and_inconclusive_never_does) {
    EvidenceFacts facts = good_facts();
    EXPECT_EQ(answer("", facts, "verdict"), "passed");
    facts.run.verdict = reports::Verdict::needs_review;
    EXPECT_EQ(answer("", facts, "verdict"), "failed");
    EXPECT_EQ(answer("verdicts: [validated, needs-review]", facts, "verdict"), "passed");
    facts.run.verdict = reports::Verdict::rejected;
    EXPECT_EQ(answer("verdicts: [validated, needs-review]", facts, "verdict"), "failed");
    for (const auto& nothing_known :
         {std::optional(reports::Verdict::inconclusive), std::optional<reports::Verdict>()}) {
        facts.run.verdict = nothing_known;
        EXPECT_EQ(answer("verdicts: [validated, needs-review, rejected]", facts, "verdict"),
                  "missing");
        EXPECT_FALSE(waivable(policy_of(""), facts, "verdict"));
    }
}

TEST(Requirements, a_suite_must_have_run_and_every_check_of_it_must_pass) {
    EXPECT_EQ(answer("suites: [extra]", good_facts(), "suite:extra"), "missing");
    EXPECT_EQ(
        answer("suites: [extra]", facts_from(with_check("extra", "x", "pass")), "suite:extra"),
        "passed");
    EXPECT_EQ(
        answer("suites: [extra]", facts_from(with_check("extra", "x", "fail")), "suite:extra"),
        "failed");
    for (const Json& silence : {Json("unknown"), Json(nullptr), Json("skip")})
        EXPECT_EQ(
            answer("suites: [extra]", facts_from(with_check("extra", "x", silence)), "suite:extra"),
            "missing")
            << silence;
    Json both = with_check("extra", "x", "pass");
    both["checks"].push_back({{"machine", "web"},
                              {"suite", "extra"},
                              {"name", "y"},
                              {"before", "fail"},
                              {"after", "fail"}});
    EXPECT_EQ(answer("suites: [extra]", facts_from(both), "suite:extra"), "failed")
        << "an old failure is no pass";
}

TEST(Requirements, a_check_is_named_by_suite_and_name) {
    const EvidenceFacts facts = facts_from(with_check("extra", "a/b c", "pass"));
    EXPECT_EQ(answer("checks: [\"extra/a/b c\"]", facts, "check:extra/a/b c"), "passed");
    EXPECT_EQ(answer("checks: [extra/a]", facts, "check:extra/a"), "missing");
}

TEST(Requirements, what_a_criticality_demands_is_looked_for_on_machines_of_it) {
    const std::string policy =
        "criticality: { mission-critical: { suites: [extra], drill: restore }, business-critical: "
        "{ suites: [other] } }";
    EXPECT_EQ(answer(policy, facts_from(with_check("extra", "x", "pass")),
                     "suite:extra@mission-critical"),
              "passed");
    EXPECT_EQ(answer(policy, facts_from(with_check("extra", "x", "pass", "another")),
                     "suite:extra@mission-critical"),
              "missing");
    EXPECT_EQ(answer(policy, good_facts(), "suite:other@business-critical"), "none")
        << "no such machine is in the lab";
    EXPECT_EQ(answer(policy, good_facts(), "drill"), "passed");
    EvidenceFacts facts = good_facts();
    facts.run.machines.front().criticality = "business-critical";
    EXPECT_EQ(answer(policy, facts, "drill"), "none");
}

TEST(Requirements, the_way_back_must_have_been_practised_with_nothing_left_different) {
    Json run = validated_run();
    EXPECT_EQ(answer("", facts_from(run), "drill"), "none");
    run["drill"] = nullptr;
    EXPECT_EQ(answer("drill: restore", facts_from(run), "drill"), "missing");
    run["drill"] = {{"restored", true}, {"difference", 0}};
    EXPECT_EQ(answer("drill: restore", facts_from(run), "drill"), "passed");
    EXPECT_EQ(answer("drill: downgrade", facts_from(run), "drill"), "missing");
    run["drill"] = {{"restored", true}, {"difference", 1}};
    EXPECT_EQ(answer("drill: restore", facts_from(run), "drill"), "failed");
    run["drill"] = {{"restored", false}, {"difference", 0}};
    EXPECT_EQ(answer("drill: restore", facts_from(run), "drill"), "failed");
    for (const auto& [possible, restored, difference, state] : {std::tuple{true, true, 0, "passed"},
                                                                {false, false, 0, "failed"},
                                                                {true, false, 0, "failed"},
                                                                {true, true, 2, "failed"}}) {
        run["drill"] = {
            {"restored", true},
            {"difference", 0},
            {"downgrade",
             {{"possible", possible}, {"restored", restored}, {"difference", difference}}}};
        EXPECT_EQ(answer("drill: downgrade", facts_from(run), "drill"), state);
    }
}

TEST(Requirements, a_release_must_have_been_known_long_enough_and_urgency_shortens_it) {
    const EvidenceFacts facts = good_facts();  // high, three days old
    EXPECT_EQ(answer("release-age: 3", facts, "release-age"), "passed");
    EXPECT_EQ(answer("release-age: 3.1", facts, "release-age"), "failed");
    EXPECT_EQ(answer("release-age: { days: 7, urgency: { high: 3 } }", facts, "release-age"),
              "passed");
    EXPECT_EQ(answer("release-age: { days: 7, urgency: { emergency: 0 } }", facts, "release-age"),
              "failed");
    EXPECT_EQ(answer("release-age: 1\ncriticality: { mission-critical: { release-age: 5 } }", facts,
                     "release-age"),
              "failed")
        << "the stricter one holds";
    EvidenceFacts unknown = facts;
    unknown.releases.front().seen = "";
    EXPECT_EQ(answer("release-age: 1", unknown, "release-age"), "missing");
    unknown.releases.clear();
    EXPECT_EQ(answer("release-age: 1", unknown, "release-age"), "missing");
    EvidenceFacts two = facts;
    two.releases.push_back({"other", "high", "2026-11-23T11:00:00Z"});
    EXPECT_EQ(answer("release-age: 1", two, "release-age"), "failed");
}

/// The patch of the facts, due at worst and for certain.
EvidenceFacts due_facts(const std::string& due, const std::string& certain,
                        const std::string& table = "bod-26-04") {
    EvidenceFacts facts = good_facts();
    facts.dues = {{facts.releases.front().patch, table, due, certain, "3 days, CVE-2026-1001"}};
    return facts;
}

TEST(Requirements, a_date_that_is_certain_shortens_the_wait_for_the_release_age) {
    const std::string policy = "release-age: { days: 7, due-within: [{ days: 3, age: 1 }] }";
    const auto of = [&](const EvidenceFacts& facts) {
        return answer(policy, facts, "release-age");
    };
    EXPECT_EQ(of(good_facts()), "failed");
    EXPECT_EQ(of(due_facts("2026-11-25T00:00:00Z", "2026-11-25T00:00:00Z")), "passed");
    EXPECT_EQ(of(due_facts("2026-11-20T00:00:00Z", "2026-11-20T00:00:00Z")), "passed") << "overdue";
    EXPECT_EQ(of(due_facts("2026-11-30T00:00:00Z", "2026-11-30T00:00:00Z")), "failed");
    EXPECT_EQ(of(due_facts("2026-11-25T00:00:00Z", "")), "failed") << "assumed is not certain";
    EXPECT_EQ(of(due_facts("2026-11-25T00:00:00Z", "2026-11-25T00:00:00Z", "ssvc-deployer")),
              "failed")
        << "the policy ranks by another table";
    EXPECT_EQ(answer(policy + "\nranking: ssvc-deployer",
                     due_facts("2026-11-25T00:00:00Z", "2026-11-25T00:00:00Z", "ssvc-deployer"),
                     "release-age"),
              "passed");
}

TEST(Requirements, a_release_age_that_ends_after_the_due_date_is_reported_as_a_conflict) {
    const auto warnings = [](const std::string& policy, const EvidenceFacts& facts) {
        std::string text;
        for (const std::string& one : evaluate(policy_of(policy), facts, {}, noon).warnings)
            text += one + "\n";
        return text;
    };
    const EvidenceFacts facts = due_facts("2026-11-24T00:00:00Z", "");
    EXPECT_THAT(warnings("release-age: 7", facts),
                HasSubstr("ends on 2026-11-27, but nginx_1.22.1-9+deb12u11 is due on 2026-11-24 "
                          "(3 days, CVE-2026-1001)"));
    EXPECT_EQ(warnings("release-age: 2", facts), "");
    EXPECT_EQ(warnings("", facts), "");
    EXPECT_EQ(warnings("release-age: 7", good_facts()), "") << "nothing is known of a date";
}

TEST(Requirements, a_freeze_lets_through_what_is_certain_to_be_due) {
    const std::string policy =
        "freezes: [{ from: 2026-11-20, until: 2026-11-30, reason: fair, except-due-within: 3 }]";
    const auto of = [&](const EvidenceFacts& facts) { return answer(policy, facts, "freeze"); };
    EXPECT_EQ(of(good_facts()), "failed");
    EXPECT_EQ(of(due_facts("2026-11-25T00:00:00Z", "2026-11-25T00:00:00Z")), "passed");
    EXPECT_EQ(of(due_facts("2026-11-25T00:00:00Z", "")), "failed");
    EvidenceFacts two = due_facts("2026-11-25T00:00:00Z", "2026-11-25T00:00:00Z");
    two.releases.push_back({"slow_1", "low", "2026-01-01T00:00:00Z"});
    EXPECT_EQ(of(two), "failed") << "a slow patch does not travel with it";
}

TEST(Requirements, old_evidence_has_expired_and_evidence_of_tomorrow_is_wrong) {
    EvidenceFacts facts = good_facts();
    EXPECT_EQ(answer("evidence-age: { days: 1 }", facts, "evidence-age"), "passed");
    EXPECT_EQ(answer("evidence-age: { days: 0.2 }", facts, "evidence-age"), "expired");
    facts.sealed = "2026-11-24T06:00:00Z";
    EXPECT_EQ(answer("evidence-age: { days: 30 }", facts, "evidence-age"), "failed");
    facts.sealed = "";
    EXPECT_EQ(answer("evidence-age: { days: 30 }", facts, "evidence-age"), "missing");
}

TEST(Requirements, nothing_is_promoted_in_a_freeze_but_what_is_urgent_enough_as_a_whole) {
    const auto freeze = [](const std::string& from, const std::string& until,
                           const std::string& but = "") {
        return "freezes: [{ from: " + from + ", until: " + until + ", reason: audit" + but + " }]";
    };
    EvidenceFacts facts = good_facts();
    EXPECT_EQ(answer(freeze("2026-11-23", "2026-11-23"), facts, "freeze"), "failed");
    EXPECT_EQ(answer(freeze("2026-11-24", "2026-12-23"), facts, "freeze"), "passed");
    EXPECT_EQ(answer(freeze("2026-11-01", "2026-11-22"), facts, "freeze"), "passed");
    EXPECT_EQ(
        answer(freeze("2026-11-01", "2026-12-22", ", except-urgency: [high]"), facts, "freeze"),
        "passed");
    facts.releases.push_back({"other", "low", "2026-11-20T12:00:00Z"});
    EXPECT_EQ(
        answer(freeze("2026-11-01", "2026-12-22", ", except-urgency: [high]"), facts, "freeze"),
        "failed");
    facts.releases.clear();
    EXPECT_EQ(
        answer(freeze("2026-11-01", "2026-12-22", ", except-urgency: [high]"), facts, "freeze"),
        "failed");
}

TEST(Decisions, obey_the_published_schema_and_are_read_back) {
    EvidenceFacts facts = good_facts();
    facts.run.drill.reset();
    const Decision decision =
        evaluate(policy_of("drill: restore\nsuites: [base]"), facts, {}, noon);
    EXPECT_EQ(decision.summary(),
              "may not be promoted: drill (missing), approval:release-manager (missing)");
    const Json json = to_json(decision);
    Diagnostics diagnostics;
    Schema(decision_schema()).check({"decision", json, {}}, diagnostics);
    EXPECT_TRUE(diagnostics.ok()) << diagnostics.items.front().text();
    EXPECT_EQ(to_json(decision_from_json(json)), json);
    Json lie = json;
    lie["satisfied"] = true;
    EXPECT_EQ(code_of([&] { decision_from_json(lie); }), ErrorCode::invalid);
}

TEST(Decisions, what_proves_who_and_what_is_never_waived) {
    const Policy policy = policy_of("waivers: { never: [drill, \"suite:base\"] }");
    const EvidenceFacts facts = good_facts();
    for (const char* never :
         {"evidence", "signature", "requester", "real-machines", "approval:release-manager",
          "rejection:bob", "drill", "suite:base", "suite:base@mission-critical", ""})
        EXPECT_FALSE(waivable(policy, facts, never)) << never;
    for (const char* may :
         {"verdict", "release-age", "evidence-age", "freeze", "suite:nginx", "check:base/x"})
        EXPECT_TRUE(waivable(policy, facts, may)) << may;
}

/// Whatever a run document leaves out, a decision without anybody's approval is never satisfied,
/// and nothing in it is a pass by omission.
RC_GTEST_PROP(DecisionProperty, leaving_anything_out_never_satisfies_a_requirement, ()) {
    static const Json whole = validated_run();
    static const Policy policy = policy_of(
        "suites: [base, nginx]\ndrill: downgrade\nrelease-age: 1\nevidence-age: { days: 3 }");
    static const Decision best = evaluate(policy, good_facts(), {}, noon);
    Json run = whole;
    std::vector<std::string> keys;
    for (const auto& [key, value] : run.items())
        if (key != "schema" && key != "id" && key != "lab") keys.push_back(key);
    for (const std::string& key :
         *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(keys)))
        run.erase(key);
    EvidenceFacts facts = facts_from(run);
    if (*rc::gen::arbitrary<bool>()) facts.releases.clear();
    if (*rc::gen::arbitrary<bool>()) facts.sealed.clear();
    const Decision decision = evaluate(policy, facts, {}, noon);
    RC_ASSERT(!decision.satisfied());
    for (const Requirement& requirement : decision.requirements)
        if (requirement.satisfied())
            RC_ASSERT(best.find(requirement.id) != nullptr &&
                      best.find(requirement.id)->satisfied());
}

}  // namespace
}  // namespace patchlab::governance
