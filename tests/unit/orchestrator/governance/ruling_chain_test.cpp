// SPDX-License-Identifier: Apache-2.0
//
// Which word of a person is the newest follows from what was signed, whatever the store says.
#include <gmock/gmock.h>

#include "orchestrator/governance/approved_run.hpp"
#include "tests/unit/orchestrator/governance/run_fixture.hpp"

namespace patchlab::governance {
namespace {

using testing::HasSubstr;

class RulingOrder : public Runs {
  protected:
    /// A ruling as an earlier version wrote it: without number, predecessor and account.
    Ruling old(const std::string& author, RulingKind kind, const std::string& time) {
        Ruling ruling;
        ruling.kind = kind;
        ruling.run = example_run;
        ruling.evidence_digest = facts_of(house, example_run).digest;
        ruling.requester = "alice";
        ruling.verdict = "validated";
        ruling.author = author;
        ruling.time = time;
        ruling.reason = "as then";
        ruling.policy = std::string(64, 'a');
        return sign_ruling(ruling, house.users.kept_key(house.users.get(author)),
                           house.keys.current(clock));
    }
    void record(const Ruling& ruling) {
        house.audit.append(
            {{ruling.author, "root"},
             std::string(name(ruling.kind)),
             ruling.run,
             {{"document", ruling.digest()}}},
            [&] {
                database.execute(
                    "INSERT INTO governance_rulings SELECT coalesce(max(seq), 0) + "
                    "1, ?, ?, ?, ?, ?, ? FROM governance_rulings",
                    {ruling.run, ruling.evidence_digest, std::string(name(ruling.kind)),
                     ruling.author, ruling.time, ruling.envelope});
            });
    }
    std::string refusal_of(const std::vector<Ruling>& rulings) {
        std::string words;
        EXPECT_EQ(code_of([&] { expect_chain(rulings); }, &words), ErrorCode::refused);
        return words;
    }
};

TEST_F(RulingOrder, is_signed_as_a_number_and_the_digest_of_the_one_before) {
    leave();
    const Ruling first = approve("bob"), second = reject("beth"), third = approve("beth");
    EXPECT_EQ(first.number, 1);
    EXPECT_EQ(first.previous, "");
    EXPECT_EQ(third.number, 3);
    EXPECT_EQ(third.previous, second.digest());
    const Ruling read = verify_ruling(third.envelope, "it", house.keys.public_keys());
    EXPECT_EQ(read.number, 3);
    EXPECT_EQ(read.previous, second.digest());
    EXPECT_EQ(read.account.os_user, "root");
}

TEST_F(RulingOrder, that_was_exchanged_in_the_store_turns_no_rejection_into_an_approval) {
    leave();
    approve("bob");
    reject("bob");
    EXPECT_FALSE(promotable());
    drop_triggers();
    database.execute("UPDATE governance_rulings SET seq = seq + 1000");
    database.execute(
        "UPDATE governance_rulings SET seq = CASE kind WHEN 'reject' THEN 1 ELSE 2 END");
    EXPECT_TRUE(house.audit.verify().ok()) << "the trail was not touched";
    std::string words;
    EXPECT_EQ(code_of([&] { decide(house, example_run); }, &words), ErrorCode::refused);
    EXPECT_THAT(words, HasSubstr("another place"));
    EXPECT_EQ(code_of([&] { approved_run(house, example_run); }), ErrorCode::refused);
}

TEST_F(RulingOrder, without_its_row_in_the_trail_is_refused) {
    leave();
    approve("bob");
    const Ruling more = old("beth", RulingKind::approve, house.now());
    database.execute("INSERT INTO governance_rulings SELECT 2, ?, ?, 'approve', 'beth', ?, ?",
                     {more.run, more.evidence_digest, more.time, more.envelope});
    EXPECT_EQ(code_of([&] { decide(house, example_run); }), ErrorCode::refused);
}

TEST_F(RulingOrder, with_gaps_twins_another_predecessor_or_times_that_go_back_is_refused) {
    leave();
    const std::vector<Ruling> given{approve("bob"), reject("beth"), approve("beth")};
    expect_chain(given);
    EXPECT_THAT(refusal_of({given[0], given[2]}), HasSubstr("number 2 is not there"));
    EXPECT_THAT(refusal_of({given[1], given[2]}), HasSubstr("number 1 is not there"));
    EXPECT_THAT(refusal_of({given[0], given[1], given[1]}), HasSubstr("given already"));
    EXPECT_THAT(refusal_of({given[1], given[0], given[2]}), HasSubstr("number 1 is not there"));
    std::vector<Ruling> other = given;
    other[2].previous = given[0].digest();
    EXPECT_THAT(refusal_of(other), HasSubstr("another decision than the one before"));
    other = given;
    other[2].time = "2026-01-01T00:00:00Z";
    EXPECT_THAT(refusal_of(other), HasSubstr("older than the one before"));
    EXPECT_EQ(code_of([&] {
                  evaluate(policy_of(""), facts_of(house, example_run), {given[0], given[2]},
                           clock.now());
              }),
              ErrorCode::refused)
        << "an evaluation asks by itself";
}

TEST_F(RulingOrder, of_earlier_versions_is_that_of_their_times_and_goes_on_with_numbers) {
    leave();
    const Ruling first = old("bob", RulingKind::approve, "2026-11-01T10:00:00Z");
    const Ruling second = old("beth", RulingKind::reject, "2026-11-01T11:00:00Z");
    record(first);
    record(second);
    EXPECT_EQ(state_of("rejection:beth"), "failed");
    EXPECT_EQ(state_of("approval:release-manager"), "passed");
    const Ruling third = approve("beth");
    EXPECT_EQ(third.number, 3);
    EXPECT_EQ(third.previous, second.digest());
    EXPECT_TRUE(promotable());
    EXPECT_THAT(refusal_of({second, first}), HasSubstr("older than the one before"));
    EXPECT_THAT(refusal_of({first, first}), HasSubstr("is there twice"));
    const Ruling late = old("bob", RulingKind::approve, "2099-01-01T00:00:00Z");
    EXPECT_THAT(refusal_of({first, second, third, late}), HasSubstr("has no number"));
}

TEST_F(RulingOrder, that_nobody_can_know_leaves_the_rejection) {
    leave();
    const Ruling no = old("bob", RulingKind::reject, "2026-11-01T10:00:00Z");
    const Ruling yes = old("bob", RulingKind::approve, "2026-11-01T10:00:00Z");
    EXPECT_FALSE(replaces(yes, no)) << "both of one second, and unnumbered";
    record(no);
    record(yes);
    EXPECT_EQ(state_of("rejection:bob"), "failed");
    approve("bob");
    EXPECT_TRUE(promotable());
}

TEST_F(RulingOrder, needs_a_clock_that_does_not_go_back) {
    leave();
    approve("bob");
    clock.pass(-1);
    std::string words;
    EXPECT_EQ(code_of([&] { reject("beth"); }, &words), ErrorCode::lab);
    EXPECT_THAT(words, HasSubstr("the clock of this host"));
}

TEST_F(RulingOrder, holds_in_the_documents_that_travel) {
    const fs::path evidence = leave(), documents = folder.path() / "approvals";
    approve("bob");
    reject("beth");
    approve("beth");
    ApprovedRun forged = approved_run(house, example_run);
    std::swap(forged.rulings[1], forged.rulings[2]);
    std::swap(forged.decision.rulings[1], forged.decision.rulings[2]);
    const Statement statement{{{reports::manifest_file, forged.facts.digest}},
                              "urn:patchlab:decision:v1",
                              to_json(forged.decision)};
    forged.decision_envelope = sign_statement(statement, house.keys.current(clock));
    write_approval(forged, documents);
    std::string words;
    EXPECT_EQ(
        code_of([&] { read_approval(documents, evidence, house.keys.public_keys(), clock.now()); },
                &words),
        ErrorCode::refused);
    EXPECT_THAT(words, HasSubstr("order in which they were given"));
}

}  // namespace
}  // namespace patchlab::governance
