// SPDX-License-Identifier: Apache-2.0
//
// Who may decide what, and that nobody can go round it: neither at the door nor in the store.
#include <gmock/gmock.h>

#include "orchestrator/governance/pinned_users.hpp"
#include "platform/core/digest.hpp"
#include "tests/unit/orchestrator/governance/run_fixture.hpp"

namespace patchlab::governance {
namespace {

using testing::HasSubstr;

using Rulings = Runs;

TEST_F(Rulings, an_approval_by_another_person_makes_a_validated_run_promotable) {
    leave();
    EXPECT_EQ(state_of("approval:release-manager"), "missing");
    const Ruling ruling = approve("bob");
    EXPECT_EQ(ruling.requester, "alice");
    EXPECT_EQ(verify_ruling(ruling.envelope, "it", house.keys.public_keys()).author, "bob");
    EXPECT_TRUE(promotable());
    EXPECT_EQ(house.audit.list().back().event.action, "approve");
    EXPECT_EQ(house.audit.list().back().event.detail.at("document"), ruling.digest());
    EXPECT_TRUE(house.audit.verify().ok());
}

TEST_F(Rulings, who_asked_for_the_run_neither_approves_nor_waives_but_may_reject) {
    leave();
    std::string words;
    EXPECT_EQ(code_of([&] { approve("alice"); }, &words), ErrorCode::not_allowed);
    EXPECT_THAT(words, HasSubstr("asked for run"));
    EXPECT_EQ(code_of([&] { waive("alice", "drill"); }), ErrorCode::not_allowed);
    EXPECT_EQ(reject("alice").kind, RulingKind::reject);
    EXPECT_EQ(state_of("rejection:alice"), "failed");
}

TEST_F(Rulings, the_store_itself_refuses_the_requester_whatever_the_door_does) {
    leave();
    const auto insert = [&](const std::string& author, const std::string& kind) {
        database.execute(
            "INSERT INTO governance_rulings VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM "
            "governance_rulings), ?, 'd', ?, ?, 't', 'e')",
            {std::string(example_run), kind, author});
    };
    std::string words;
    for (const char* kind : {"approve", "waive"}) {
        EXPECT_EQ(code_of([&] { insert("alice", kind); }, &words), ErrorCode::conflict);
        EXPECT_THAT(words, HasSubstr("separation of duties"));
        EXPECT_EQ(code_of([&] { insert("ALICE", kind); }), ErrorCode::conflict);
    }
    EXPECT_EQ(code_of([&] { insert("nobody", "approve"); }), ErrorCode::conflict);
    EXPECT_EQ(code_of([&] { database.execute("UPDATE runs SET requester = 'bob'"); }),
              ErrorCode::conflict);
    insert("bob", "approve");
    EXPECT_EQ(code_of([&] { database.execute("UPDATE governance_rulings SET author = 'beth'"); }),
              ErrorCode::conflict);
    EXPECT_EQ(code_of([&] { database.execute("DELETE FROM governance_rulings"); }),
              ErrorCode::conflict);
    EXPECT_EQ(code_of([&] {
                  database.execute(
                      "INSERT OR REPLACE INTO governance_rulings VALUES (1, ?, 'd', 'approve', "
                      "'beth', 't', 'e')",
                      {std::string(example_run)});
              }),
              ErrorCode::conflict);
    EXPECT_EQ(code_of([&] { decide(house, example_run); }), ErrorCode::invalid)
        << "a row without a signed document is no ruling";
}

TEST_F(Rulings, take_the_role_and_an_active_user) {
    leave();
    add_user("vic", {Role::viewer, Role::tester, Role::admin});
    EXPECT_EQ(code_of([&] { approve("vic"); }), ErrorCode::not_allowed);
    EXPECT_EQ(code_of([&] { reject("vic"); }), ErrorCode::not_allowed);
    EXPECT_EQ(code_of([&] { approve("nobody"); }), ErrorCode::not_found);
    house.users.remove("bob", house.now());
    EXPECT_EQ(code_of([&] { approve("bob"); }), ErrorCode::not_allowed);
    add_user("both", {Role::release_manager, Role::system_owner});
    EXPECT_EQ(code_of([&] { approve("both"); }), ErrorCode::usage);
    EXPECT_EQ(
        say("both", {RulingKind::approve, "", "", "", "", "", Role::system_owner, nullptr}).role,
        Role::system_owner);
    EXPECT_EQ(state_of("approval:release-manager"), "missing") << "one person has one voice";
}

TEST_F(Rulings,
       the_newest_word_of_a_person_counts_and_a_rejection_stands_against_approvals_of_others) {
    leave();
    approve("bob");
    reject("beth", "the front page is slow");
    EXPECT_FALSE(promotable());
    EXPECT_EQ(state_of("rejection:beth"), "failed");
    approve("beth");
    EXPECT_TRUE(promotable());
    reject("bob");
    EXPECT_FALSE(promotable());
}

TEST_F(Rulings, nobody_approves_what_the_policy_does_not_let_through) {
    Json run = validated_run();
    run["drill"] = nullptr;
    leave(run);
    std::string words;
    EXPECT_EQ(code_of([&] { approve("bob"); }, &words), ErrorCode::not_allowed);
    EXPECT_THAT(words, HasSubstr("drill (missing)"));
    waive("beth", "drill");
    EXPECT_EQ(state_of("drill"), "waived");
    approve("bob");
    EXPECT_TRUE(promotable());
    clock.pass(8);
    EXPECT_EQ(state_of("drill"), "expired");
    EXPECT_FALSE(promotable());
}

TEST_F(Rulings, an_inconclusive_run_is_never_promotable_whatever_anybody_says) {
    Json run = validated_run();
    run["verdict"] = "inconclusive";
    leave(run);
    EXPECT_EQ(code_of([&] { waive("bob", "verdict"); }), ErrorCode::not_allowed);
    EXPECT_EQ(code_of([&] { approve("bob"); }), ErrorCode::not_allowed);
}

TEST_F(Rulings, a_run_that_needs_a_review_takes_a_system_owner_besides) {
    Json run = validated_run();
    run["verdict"] = "needs-review";
    leave(run);
    approve("bob");
    EXPECT_EQ(state_of("approval:system-owner"), "missing");
    approve("carol");
    EXPECT_TRUE(promotable());
}

TEST_F(Rulings, what_time_heals_may_be_approved_before) {
    in_force(
        "schema: patchlab/policy/v1\nname: slow\nrelease-age: 3000\napprovals: [{ role: "
        "release-manager }]\n");
    leave();
    approve("bob");
    EXPECT_EQ(state_of("release-age"), "failed");
    clock.pass(3001);
    EXPECT_TRUE(promotable());
}

TEST_F(Rulings, waivers_name_what_is_open_end_in_time_and_need_an_owner) {
    Json run = validated_run();
    run["drill"] = nullptr;
    leave(run);
    EXPECT_EQ(code_of([&] { waive("bob", "no-such-thing"); }), ErrorCode::invalid);
    EXPECT_EQ(code_of([&] { waive("bob", "approval:release-manager"); }), ErrorCode::not_allowed);
    EXPECT_EQ(code_of([&] { waive("bob", "real-machines"); }), ErrorCode::not_allowed);
    EXPECT_EQ(code_of([&] { waive("bob", "evidence-age"); }), ErrorCode::conflict) << "it holds";
    EXPECT_EQ(code_of([&] { waive("bob", "drill", 31); }), ErrorCode::not_allowed);
    EXPECT_EQ(code_of([&] { waive("bob", "drill", -1); }), ErrorCode::invalid);
    EXPECT_EQ(code_of([&] {
                  say("bob", {RulingKind::waive, "", "", "drill", "", "2099-01-01", {}, nullptr});
              }),
              ErrorCode::usage)
        << "without a reason";
    EXPECT_EQ(code_of([&] {
                  say("bob", {RulingKind::waive,
                              "",
                              "x",
                              "drill",
                              "nobody",
                              to_rfc3339(clock.now() + std::chrono::hours(1)),
                              {},
                              nullptr});
              }),
              ErrorCode::not_found);
    EXPECT_EQ(waive("carol", "drill").owner, "carol");
}

TEST_F(Rulings, a_waiver_counts_only_as_far_as_the_policy_in_force_takes_it) {
    Json run = validated_run();
    run["drill"] = nullptr;
    leave(run);
    waive("carol", "drill");
    approve("bob");
    EXPECT_TRUE(promotable());
    const std::string head =
        "schema: patchlab/policy/v1\nname: n\ndrill: restore\napprovals: [{ role: release-manager "
        "}]\n";
    in_force(head + "waivers: { longest-days: 3 }\n");
    EXPECT_EQ(state_of("drill"), "missing");
    in_force(head + "waivers: { roles: [release-manager] }\n");
    EXPECT_EQ(state_of("drill"), "missing");
    in_force(head + "waivers: { never: [drill] }\n");
    EXPECT_EQ(state_of("drill"), "missing");
    in_force(head);
    EXPECT_EQ(state_of("drill"), "waived");
}

TEST_F(Rulings, a_policy_may_want_several_people_and_keys_that_they_keep) {
    in_force(
        "schema: patchlab/policy/v1\nname: n\napprovals: [{ role: release-manager, count: 2, "
        "own-key: true }]\n");
    leave();
    approve("bob");
    EXPECT_EQ(state_of("approval:release-manager"), "missing");
    const SecretKey of_bob = SecretKey::generate(), of_beth = SecretKey::generate();
    house.users.register_key("bob", of_bob.public_key(), house.now());
    house.users.register_key("beth", of_beth.public_key(), house.now());
    EXPECT_EQ(code_of([&] { approve("bob"); }), ErrorCode::not_allowed)
        << "patchlab has no key of his any more";
    EXPECT_EQ(code_of([&] {
                  say("bob", {RulingKind::approve, "", "", "", "", "", {}, &of_beth});
              }),
              ErrorCode::not_allowed);
    say("bob", {RulingKind::approve, "", "", "", "", "", {}, &of_bob});
    EXPECT_FALSE(promotable());
    say("beth", {RulingKind::approve, "", "", "", "", "", {}, &of_beth});
    EXPECT_TRUE(promotable());
}

TEST_F(Rulings, are_signed_where_the_key_is_and_taken_only_as_they_were_drafted) {
    leave();
    const SecretKey own = SecretKey::generate(), other = SecretKey::generate();
    const Actor bob{"bob", "root"};
    RulingWords words;
    words.run = example_run;
    words.reason = "read it";
    EXPECT_EQ(code_of([&] { draft_ruling(house, bob, words); }), ErrorCode::not_allowed)
        << "patchlab keeps his key";
    house.users.register_key("bob", own.public_key(), house.now());
    const auto signed_with = [&](const std::string& text, const SecretKey& key) {
        Envelope envelope{std::string(statement_payload_type), text, {}};
        envelope.sign(key);
        return to_text(envelope);
    };
    const auto refused = [&](const std::string& text, const std::string& reason) {
        RulingWords given = words;
        given.signed_text = text;
        given.reason = reason;
        return code_of([&] { rule(house, bob, given); });
    };
    const std::string draft = draft_ruling(house, bob, words);
    EXPECT_EQ(refused(draft, "read it"), ErrorCode::invalid) << "nobody signed it";
    EXPECT_EQ(refused(signed_with(draft, other), "read it"), ErrorCode::not_allowed);
    Envelope two = parse_envelope(signed_with(draft, own), "draft");
    two.sign(other);
    EXPECT_EQ(refused(to_text(two), "read it"), ErrorCode::not_allowed);
    EXPECT_EQ(refused(signed_with(draft, own), "something else"), ErrorCode::conflict);
    approve("beth");
    EXPECT_EQ(refused(signed_with(draft, own), "read it"), ErrorCode::conflict)
        << "somebody decided meanwhile";
    const std::string late = draft_ruling(house, bob, words);
    clock.time += std::chrono::minutes(16);
    EXPECT_EQ(refused(signed_with(late, own), "read it"), ErrorCode::conflict);
    words.signed_text = signed_with(draft_ruling(house, bob, words), own);
    const Ruling ruling = rule(house, bob, words);
    EXPECT_EQ(ruling.custody, KeyCustody::own);
    EXPECT_EQ(rulings_of(house, example_run, ruling.evidence_digest).back().digest(),
              ruling.digest());
    EXPECT_EQ(refused(words.signed_text, "read it"), ErrorCode::conflict) << "only once";
}

TEST_F(Rulings, from_the_account_that_asked_are_warned_about_or_stop_the_run_as_the_policy_has_it) {
    Json request = request_of("high", "2026-11-20T12:00:00Z");
    request["requester_account"] = {{"os_user", "root"}, {"uid", 0}, {"login", "on-behalf"}};
    leave(validated_run(), request);
    const auto approve_from = [&](const std::string& user, const std::string& account) {
        rule(house, {user, account, 0, account == user ? "os-account" : "on-behalf"},
             {RulingKind::approve, example_run, "", "", "", "", {}, nullptr});
    };
    approve_from("bob", "root");
    EXPECT_TRUE(promotable());
    const Decision decision = decide(house, example_run);
    ASSERT_EQ(decision.warnings.size(), 1U);
    EXPECT_THAT(decision.warnings.front(), HasSubstr("acted from one account"));
    EXPECT_THAT(decision.find("approval:release-manager")->detail, HasSubstr("bob (acting: root)"));
    EXPECT_EQ(decision_from_json(to_json(decision)).warnings, decision.warnings);

    in_force(
        "schema: patchlab/policy/v1\nname: n\ndistinct-accounts: true\napprovals: [{ role: "
        "release-manager }]\n");
    EXPECT_EQ(state_of("distinct-accounts"), "failed");
    EXPECT_FALSE(promotable());
    approve_from("bob", "bob");
    EXPECT_EQ(state_of("distinct-accounts"), "passed");
    EXPECT_TRUE(promotable());
    EXPECT_TRUE(decide(house, example_run).warnings.empty());
    approve_from("beth", "bob");
    EXPECT_EQ(state_of("distinct-accounts"), "failed") << "two approvals from one account";
}

TEST_F(Rulings, from_an_account_that_is_not_known_are_not_distinct) {
    leave();
    in_force(
        "schema: patchlab/policy/v1\nname: n\ndistinct-accounts: true\napprovals: [{ role: "
        "release-manager }]\n");
    EXPECT_EQ(state_of("distinct-accounts"), "missing");
    approve("bob");
    EXPECT_EQ(state_of("distinct-accounts"), "missing") << "the evidence names no account";
    EXPECT_EQ(code_of([&] { waive("carol", "distinct-accounts"); }), ErrorCode::not_allowed);
}

TEST_F(Rulings, over_evidence_that_was_changed_or_put_there_are_refused) {
    const fs::path evidence = leave();
    approve("bob");
    make_writable(folder.path());
    fs::permissions(evidence, fs::perms::owner_all);
    write_file_atomic(evidence / "added", "x");
    EXPECT_EQ(state_of("evidence"), "failed");
    EXPECT_EQ(code_of([&] { approve("beth"); }), ErrorCode::refused);
    fs::remove(evidence / "added");
    EXPECT_TRUE(promotable());
    fs::remove(evidence / reports::signature_file);
    EXPECT_EQ(state_of("signature"), "missing");
    EXPECT_EQ(code_of([&] { approve("beth"); }), ErrorCode::refused);
}

TEST_F(Rulings, anything_rerun_needs_an_approval_of_its_own) {
    const fs::path evidence = leave();
    approve("bob");
    make_writable(folder.path());
    remove_tree(evidence);
    make_folder(evidence);
    Json again = validated_run();
    again["summary"] = "another trial";
    write_json(evidence / "run.json", again);
    write_json(evidence / "request.json", request_of("high", "2026-11-20T12:00:00Z"));
    reports::seal(evidence);
    reports::sign(evidence, house.keys.current(clock));
    EXPECT_EQ(state_of("signature"), "passed");
    EXPECT_EQ(state_of("approval:release-manager"), "missing");
}

TEST_F(Rulings, the_evidence_of_another_run_or_another_requester_is_no_evidence) {
    const fs::path evidence = leave();
    Json other = validated_run();
    other["id"] = "r-20261123-0002";
    other["requester"] = "beth";
    const fs::path others = leave(other);
    make_writable(folder.path());
    fs::permissions(evidence, fs::perms::owner_all);
    remove_tree(evidence);
    fs::permissions(others, fs::perms::owner_all);
    fs::rename(others, evidence);
    EXPECT_EQ(state_of("evidence"), "failed");
    EXPECT_EQ(code_of([&] { approve("bob"); }), ErrorCode::refused);
}

TEST_F(Rulings, one_that_was_taken_out_of_the_store_is_missed) {
    leave();
    approve("bob");
    reject("beth");
    database.execute_script("DROP TRIGGER governance_rulings_remain");
    database.execute("DELETE FROM governance_rulings WHERE author = 'beth'");
    EXPECT_EQ(code_of([&] { decide(house, example_run); }), ErrorCode::refused);
}

TEST_F(Rulings, stay_good_after_all_keys_were_rotated) {
    leave();
    approve("bob");
    house.keys.rotate(clock);
    house.users.make_key("bob", house.now());
    EXPECT_TRUE(promotable());
}

TEST_F(Rulings, signed_by_the_installation_alone_or_by_another_key_are_refused) {
    leave();
    const SecretKey installation = house.keys.current(clock), stranger = SecretKey::generate();
    Ruling forged = approve("bob");
    const Ruling alone = sign_ruling(forged, installation, installation);
    EXPECT_EQ(code_of([&] { verify_ruling(alone.envelope, "it", {installation.public_key()}); }),
              ErrorCode::refused);
    const Ruling uncountersigned = sign_ruling(forged, stranger, SecretKey::generate());
    EXPECT_EQ(code_of([&] {
                  verify_ruling(uncountersigned.envelope, "it", {installation.public_key()});
              }),
              ErrorCode::refused);
    Envelope envelope = parse_envelope(forged.envelope, "it");
    envelope.signatures.erase(envelope.signatures.begin());
    EXPECT_EQ(code_of([&] { verify_ruling(to_text(envelope), "it", {installation.public_key()}); }),
              ErrorCode::refused)
        << "bob's own signature is gone";
}

TEST_F(Rulings, by_a_key_that_verifiers_never_pinned_for_its_author_are_refused) {
    leave();
    const Ruling approval = approve("bob");
    const SecretKey installation = house.keys.current(clock);
    const std::vector<PublicKey> keys{installation.public_key()};
    const std::string document = users_document(house);
    const PinnedUsers users = open_users(document, "users", keys);
    expect_pinned(approval, "it", users);

    std::string words;
    const auto refusal = [&](const Ruling& ruling) {
        EXPECT_EQ(code_of([&] { expect_pinned(ruling, "it", users); }, &words), ErrorCode::refused);
        return words;
    };
    const SecretKey stranger = SecretKey::generate();
    const Ruling forged = sign_ruling(approval, stranger, installation);
    EXPECT_EQ(verify_ruling(forged.envelope, "it", keys).author, "bob")
        << "the document vouches for itself";
    EXPECT_THAT(refusal(forged), HasSubstr("is none of those that bob had"));
    Ruling other = approval;
    other.author = "nobody";
    EXPECT_THAT(refusal(other), HasSubstr("was no user"));
    other = approval;
    other.custody = KeyCustody::own;
    EXPECT_THAT(refusal(other), HasSubstr("unlike what it says"));
    other = approval;
    other.time = "2020-01-01T00:00:00Z";
    EXPECT_THAT(refusal(other), HasSubstr("was not the one in use"));
    EXPECT_EQ(code_of([&] { open_users(document, "users", {stranger.public_key()}); }),
              ErrorCode::refused);
    EXPECT_EQ(code_of([&] { open_users(approval.envelope, "users", keys); }), ErrorCode::invalid);
}

TEST_F(Rulings, a_policy_put_into_the_store_by_hand_is_refused) {
    leave();
    EXPECT_EQ(code_of([&] {
                  PolicyStore(house).add({"bob", "bob"}, builtin_policy("strict"), "strict");
              }),
              ErrorCode::not_allowed);
    database.execute("INSERT INTO governance_policies VALUES (1, 'lax', ?, ?, 't', 'eve')",
                     {sha256_hex("lax"), std::string("lax")});
    EXPECT_EQ(code_of([&] { decide(house, example_run); }), ErrorCode::refused);
}

}  // namespace
}  // namespace patchlab::governance
