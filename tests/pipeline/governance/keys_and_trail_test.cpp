// SPDX-License-Identifier: Apache-2.0
//
// Signed evidence, users, and the audit trail through the program itself; and what a hand in the
// files or in the store cannot do unseen.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/store/database.hpp"
#include "tests/support/program.hpp"

namespace patchlab::tests {
namespace {

using testing::HasSubstr;

TEST(Evidence, is_signed_by_the_installation_and_verified_with_its_public_key_alone) {
    PlayedLab lab;
    ASSERT_EQ(lab.rehearse().exit_code, 0);
    const fs::path evidence = lab.state() / lab.newest().at("evidence").get<std::string>();
    const std::string key = (lab.state() / "patchlab.pub").string();
    ASSERT_EQ(lab.run({"key", "export", "-o", key}).exit_code, 0);

    const TempFolder elsewhere(fs::temp_directory_path(), "elsewhere");
    const fs::path copy = elsewhere.path() / "evidence";
    fs::copy(evidence, copy, fs::copy_options::recursive);
    for (const auto& entry : fs::recursive_directory_iterator(copy))
        fs::permissions(entry.path(), fs::perms::owner_all);
    fs::permissions(copy, fs::perms::owner_all);
    const process::CommandResult good =
        lab.run({"evidence", "verify", copy.string(), "--key", key, "--json"});
    EXPECT_EQ(good.exit_code, 0) << good.out;
    EXPECT_EQ(parse_json(good.out, "verify").at("signature").at("state"), "good");
    const process::CommandResult own = lab.run({"evidence", "verify", copy.string()});
    EXPECT_EQ(own.exit_code, 0) << own.out;
    EXPECT_THAT(own.out, HasSubstr("of this installation"));
    PlayedLab no_key;
    remove_tree(no_key.state() / "keys");  // every played lab is a copy of one, with its keys
    const process::CommandResult keyless = no_key.run({"evidence", "verify", copy.string()});
    EXPECT_EQ(keyless.exit_code, 0) << keyless.out;
    EXPECT_THAT(keyless.out, HasSubstr("signature not checked"));

    fs::remove(copy / "evidence.dsse.json");
    EXPECT_EQ(lab.run({"evidence", "verify", copy.string(), "--key", key}).exit_code, 1);
    EXPECT_EQ(lab.run({"evidence", "verify", copy.string()}).exit_code, 1)
        << "evidence is signed, so a signature that is not there was removed";
    EXPECT_EQ(lab.run({"evidence", "verify", copy.string(), "--no-signature"}).exit_code, 0);
    fs::copy(evidence / "evidence.dsse.json", copy);
    EXPECT_EQ(lab.run({"evidence", "verify", copy.string(), "--key", key}).exit_code, 0);
    PlayedLab other;
    remove_tree(other.state() / "keys");
    ASSERT_EQ(other.run({"key", "export", "-o", key}).exit_code, 0);
    EXPECT_EQ(lab.run({"evidence", "verify", copy.string(), "--key", key}).exit_code, 1);
    EXPECT_EQ(
        lab.run({"evidence", "verify", copy.string(), "--key", (lab.state() / "none").string()})
            .exit_code,
        2);
}

TEST(Evidence, of_a_run_is_asked_for_by_its_name) {
    PlayedLab lab;
    ASSERT_EQ(lab.rehearse().exit_code, 0);
    const process::CommandResult found = lab.run({"evidence", "verify", lab.newest_id(), "--json"});
    EXPECT_EQ(found.exit_code, 0) << found.err;
    const Json signature = parse_json(found.out, "verify").at("signature");
    EXPECT_EQ(signature.at("state"), "good");
    EXPECT_EQ(signature.at("keys"), "installation");
    EXPECT_EQ(lab.run({"evidence", "verify", "r-20000101-0001"}).exit_code, 2);
}

TEST(Evidence, stays_verifiable_after_the_key_was_rotated) {
    PlayedLab lab;
    ASSERT_EQ(lab.rehearse().exit_code, 0);
    const fs::path evidence = lab.state() / lab.newest().at("evidence").get<std::string>();
    ASSERT_EQ(lab.run({"key", "rotate"}).exit_code, 0);
    const std::string key = (lab.state() / "patchlab.pub").string();
    ASSERT_EQ(lab.run({"key", "export", "-o", key}).exit_code, 0);
    EXPECT_EQ(lab.run({"evidence", "verify", evidence.string(), "--key", key}).exit_code, 0);
    EXPECT_EQ(parse_json(lab.run({"key", "list", "--json"}).out, "keys").at("keys").size(), 2U);
    EXPECT_EQ(lab.run({"audit", "verify"}).exit_code, 0);
    for (const auto& entry : fs::recursive_directory_iterator(lab.state() / "keys"))
        if (entry.path().extension() == ".key") {
            EXPECT_EQ(entry.status().permissions(), fs::perms::owner_read | fs::perms::owner_write)
                << entry.path();
        }
}

TEST(Users, on_a_new_state_the_first_to_act_is_the_administrator_and_says_who_the_others_are) {
    PlayedLab lab;
    ASSERT_EQ(lab.run({"user", "add", "vic", "--role", "viewer"}).exit_code, 0);
    EXPECT_EQ(lab.run({"--as", "vic", "user", "add", "eve", "--role", "admin"}).exit_code, 4);
    EXPECT_EQ(lab.rehearse({{"PATCHLAB_USER", "vic"}}).exit_code, 4);
    EXPECT_FALSE(fs::exists(lab.state() / "runs")) << "nothing was started";
    EXPECT_EQ(lab.run({"user", "add", "vic", "--role", "viewer"}).exit_code, 2);
    EXPECT_EQ(lab.run({"user", "add", "eve", "--role", "boss"}).exit_code, 2);
    const Json users = parse_json(lab.run({"user", "list", "--json"}).out, "users").at("users");
    EXPECT_EQ(users.size(), 2U);
    ASSERT_EQ(lab.run({"user", "remove", "vic"}).exit_code, 0);
    EXPECT_FALSE(parse_json(lab.run({"user", "show", "vic", "--json"}).out, "user")
                     .at("active")
                     .get<bool>());
    EXPECT_EQ(lab.run({"--as", "vic", "user", "list"}).exit_code, 0) << "reading takes no user";
}

TEST(Trail, tells_who_did_what_and_finds_a_hand_in_the_store) {
    PlayedLab lab;
    const std::string run = lab.approved_run();
    const Json rows = parse_json(lab.run({"audit", "list", "--json"}).out, "audit").at("rows");
    std::string actions;
    for (const Json& row : rows)
        actions +=
            row.at("user").get<std::string>() + ":" + row.at("action").get<std::string>() + " ";
    EXPECT_THAT(actions, HasSubstr("tess:run-started bob:approve "));
    EXPECT_EQ(rows.back().at("subject"), run);
    EXPECT_EQ(lab.run({"audit", "verify"}).exit_code, 0);
    const std::string head = (lab.state() / "head").string();
    ASSERT_EQ(lab.run({"audit", "head", "-o", head}).exit_code, 0);
    EXPECT_EQ(lab.run({"audit", "verify", "--head", head}).exit_code, 0);
    EXPECT_EQ(lab.run({"audit", "verify", "--against", head}).exit_code, 0);
    {
        store::Database database(lab.state() / "patchlab.db", {});
        database.execute_script("DROP TRIGGER governance_audit_remains");
        database.execute("DELETE FROM governance_audit WHERE action = 'approve'");
    }
    const process::CommandResult found = lab.run({"audit", "verify", "--json"});
    EXPECT_EQ(found.exit_code, 1);
    EXPECT_THAT(found.out, HasSubstr("newest rows are gone"));
}

}  // namespace
}  // namespace patchlab::tests
