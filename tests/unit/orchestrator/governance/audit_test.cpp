// SPDX-License-Identifier: Apache-2.0
//
// The trail must find whatever somebody with a hand in the database did to it. That hand is played
// here: it drops the triggers first.
#include "orchestrator/governance/audit.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <thread>

#include "platform/core/attestation.hpp"
#include "platform/core/digest.hpp"
#include "tests/unit/orchestrator/governance/house_fixture.hpp"

namespace patchlab::governance {
namespace {

using testing::HasSubstr;

class Trail : public House {
  protected:
    void SetUp() override {
        for (int i = 1; i <= rows; ++i)
            house.audit.append({{"ada", "root"}, "approve", "r-" + std::to_string(i), {{"n", i}}});
    }
    std::string first_problem() {
        const AuditVerification found = house.audit.verify();
        return found.ok() ? "" : found.problems.front().what;
    }
    static constexpr int rows = 6;
};

TEST_F(Trail, that_nobody_touched_is_intact) {
    const AuditVerification found = house.audit.verify();
    EXPECT_TRUE(found.ok());
    EXPECT_EQ(found.rows, rows);
    EXPECT_EQ(found.head, house.audit.list().back().hash);
}

TEST_F(Trail, refuses_changes_and_deletions_and_rows_out_of_order) {
    EXPECT_EQ(code_of([&] {
                  database.execute("UPDATE governance_audit SET user = 'eve' WHERE seq = 2");
              }),
              ErrorCode::conflict);
    EXPECT_EQ(code_of([&] { database.execute("DELETE FROM governance_audit WHERE seq = 6"); }),
              ErrorCode::conflict);
    for (const char* seq : {"2", "9"})
        EXPECT_EQ(code_of([&] {
                      database.execute(
                          std::string("INSERT OR REPLACE INTO governance_audit SELECT ") + seq +
                          ", time, 'eve', os_user, action, subject, detail, previous, hash FROM "
                          "governance_audit WHERE seq = 2");
                  }),
                  ErrorCode::conflict);
    EXPECT_TRUE(house.audit.verify().ok());
}

TEST_F(Trail, finds_every_altered_column) {
    drop_triggers();
    for (const char* column :
         {"time", "user", "os_user", "action", "subject", "detail", "previous", "hash"}) {
        const std::string name(column);
        const std::string was =
            database.query_one("SELECT " + name + " FROM governance_audit WHERE seq = 3")
                ->text(name);
        database.execute("UPDATE governance_audit SET " + name + " = ? WHERE seq = 3", {was + " "});
        EXPECT_NE(first_problem(), "") << name;
        database.execute("UPDATE governance_audit SET " + name + " = ? WHERE seq = 3", {was});
        EXPECT_EQ(first_problem(), "") << name;
    }
}

TEST_F(Trail, finds_a_removed_row_wherever_it_stood) {
    drop_triggers();
    database.transaction([&] {
        for (int seq = 1; seq <= rows; ++seq) {
            const store::Row row = *database.query_one(
                "SELECT * FROM governance_audit WHERE seq = ?", {std::int64_t{seq}});
            database.execute("DELETE FROM governance_audit WHERE seq = ?", {std::int64_t{seq}});
            EXPECT_NE(first_problem(), "") << seq;
            std::vector<store::Value> values;
            for (const auto& [name, value] : row.columns) values.push_back(value);
            database.execute("INSERT INTO governance_audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                             values);
        }
    });
    EXPECT_EQ(first_problem(), "");
}

TEST_F(Trail, finds_a_tail_that_was_cut_off_and_a_head_that_went_with_it) {
    drop_triggers();
    database.execute("DELETE FROM governance_audit WHERE seq > 4");
    EXPECT_THAT(first_problem(), HasSubstr("6 were signed, 4 are there"));
    database.execute("DELETE FROM governance_audit_head");
    EXPECT_THAT(first_problem(), HasSubstr("signed head is gone"));
    database.execute("DELETE FROM governance_audit");
    EXPECT_THAT(first_problem(), HasSubstr("all of it is gone: 6 were signed"));
}

TEST_F(Trail, that_was_emptied_with_the_users_is_missed_and_takes_no_first_row) {
    drop_triggers();
    for (const char* table :
         {"governance_audit", "governance_audit_head", "governance_user_keys", "governance_users"})
        database.execute(std::string("DELETE FROM ") + table);
    EXPECT_THAT(first_problem(), HasSubstr("all of it is gone"));
    EXPECT_EQ(code_of([&] { enter(house, ""); }), ErrorCode::refused)
        << "nobody becomes administrator of what is left";
    EXPECT_THAT(first_problem(), HasSubstr("all of it is gone"));
}

TEST_F(Trail, is_never_continued_over_rows_that_are_gone_or_were_never_signed) {
    const std::string then = house.audit.head();
    house.audit.append({{"ada", "root"}, "reject", "r-9", {}});
    drop_triggers();
    const auto append = [&] { house.audit.append({{"ada", "root"}, "approve", "r-8", {}}); };
    std::string words;
    database.execute("DELETE FROM governance_audit WHERE seq = 7");
    EXPECT_EQ(code_of(append, &words), ErrorCode::refused);
    EXPECT_THAT(words, HasSubstr("7 were signed, 6 are there"));
    database.execute("UPDATE governance_audit_head SET envelope = ?", {then});
    EXPECT_EQ(code_of(append, &words), ErrorCode::refused) << "an older head was put back, too";
    EXPECT_THAT(words, HasSubstr("kept beside the database"));
    EXPECT_EQ(house.audit.list().size(), 6U);
    EXPECT_NE(first_problem(), "");
    fs::remove(folder.path() / "audit" / "head.dsse.json");
    EXPECT_EQ(code_of(append, &words), ErrorCode::refused) << "and the file taken away";
    EXPECT_THAT(words, HasSubstr("is gone"));
}

TEST_F(Trail, of_an_earlier_version_without_a_head_beside_the_database_goes_on) {
    const AuditRow last = house.audit.list().back();
    const Statement old{{{"audit-trail", last.hash}},
                        "urn:patchlab:audit-head:v1",
                        {{"seq", last.seq}, {"time", last.time}}};
    database.execute("UPDATE governance_audit_head SET envelope = ?",
                     {sign_statement(old, house.keys.current(clock))});
    remove_tree(folder.path() / "audit");
    EXPECT_EQ(first_problem(), "");
    house.audit.append({{"ada", "root"}, "approve", "r-7", {}});
    EXPECT_EQ(first_problem(), "");
    fs::remove(folder.path() / "audit" / "head.dsse.json");
    EXPECT_THAT(first_problem(), HasSubstr("kept beside the database is gone"));
}

TEST_F(Trail, whose_head_beside_the_database_is_a_row_behind_goes_on) {
    const std::string kept = read_file(folder.path() / "audit" / "head.dsse.json");
    house.audit.append({{"ada", "root"}, "approve", "r-7", {}});
    write_file_atomic(folder.path() / "audit" / "head.dsse.json", kept);  // as a crash leaves it
    EXPECT_EQ(first_problem(), "");
    house.audit.append({{"ada", "root"}, "approve", "r-8", {}});
    EXPECT_EQ(read_file(folder.path() / "audit" / "head.dsse.json"), house.audit.head());
}

TEST_F(Trail, signs_each_head_over_the_one_before_it) {
    const std::string before = house.audit.head();
    house.audit.append({{"ada", "root"}, "approve", "r-7", {}});
    const AuditHead head = open_head(house.audit.head(), house.keys.public_keys());
    EXPECT_EQ(head.seq, 7);
    EXPECT_EQ(head.previous, sha256_hex(before));
}

TEST_F(Trail, publishes_its_head_with_what_leaves_the_host) {
    const fs::path published = folder.path() / "catalog" / "public" / "audit-heads.jsonl";
    EXPECT_FALSE(fs::exists(published));
    house.audit.append({{"ada", "root"}, "publish", "ring-0", {}});
    house.audit.append({{"ada", "root"}, "rollout-started", "ro-1", {}});
    EXPECT_EQ(read_file(published.parent_path() / "audit-head.dsse.json"), house.audit.head());
    EXPECT_TRUE(house.audit.verify(read_file(published)).ok());
    drop_triggers();
    database.execute("DELETE FROM governance_audit WHERE seq = 8");
    const AuditVerification found = house.audit.verify(read_file(published));
    EXPECT_EQ(found.problems.back().seq, 8) << "the published head names it";
}

TEST_F(Trail, put_back_with_its_heads_is_found_by_what_was_published) {
    const std::string then = house.audit.head();
    house.audit.append({{"ada", "root"}, "publish", "ring-0", {}});
    drop_triggers();
    database.execute("DELETE FROM governance_audit WHERE seq = 7");
    database.execute("UPDATE governance_audit_head SET envelope = ?", {then});
    write_file_atomic(folder.path() / "audit" / "head.dsse.json", then);
    EXPECT_THAT(first_problem(), HasSubstr("published head names"));
    append_line_durable(folder.path() / "catalog" / "public" / "audit-heads.jsonl", "{\"seq\":9");
    EXPECT_THAT(first_problem(), HasSubstr("published head names")) << "half a line stops nothing";
}

TEST_F(Trail, that_is_not_intact_stops_every_decision) {
    house.audit.expect_intact();
    drop_triggers();
    database.execute("UPDATE governance_audit SET user = 'eve' WHERE seq = 2");
    std::string words;
    EXPECT_EQ(code_of([&] { house.audit.expect_intact(); }, &words), ErrorCode::refused);
    EXPECT_THAT(words, HasSubstr("row 2 was altered"));
}

TEST_F(Trail, finds_two_rows_that_changed_places) {
    drop_triggers();
    for (const auto& [from, to] : {std::pair{2, 100}, std::pair{3, 2}, std::pair{100, 3}})
        database.execute("UPDATE governance_audit SET seq = ? WHERE seq = ?",
                         {std::int64_t{to}, std::int64_t{from}});
    EXPECT_NE(first_problem(), "");
}

TEST_F(Trail, finds_rows_added_by_somebody_who_can_hash_but_not_sign) {
    const AuditRow last = house.audit.list().back();
    database.execute(
        "INSERT INTO governance_audit VALUES (7, 't', 'eve', 'eve', 'approve', 'r-9', '{}', ?, ?)",
        {last.hash, std::string(64, 'a')});
    EXPECT_NE(first_problem(), "");
}

TEST_F(Trail, that_was_put_back_whole_is_found_with_a_head_kept_elsewhere) {
    const std::string then = house.audit.head();
    house.audit.append({{"ada", "root"}, "reject", "r-9", {}});
    const std::string now = house.audit.head();
    EXPECT_TRUE(house.audit.verify(then).ok());
    drop_triggers();
    database.execute("DELETE FROM governance_audit WHERE seq = 7");
    database.execute("UPDATE governance_audit_head SET envelope = ?", {then});
    EXPECT_FALSE(house.audit.verify().ok()) << "the head beside the database is newer";
    write_file_atomic(folder.path() / "audit" / "head.dsse.json", then);
    EXPECT_TRUE(house.audit.verify().ok()) << "the whole state folder of that time";
    EXPECT_FALSE(house.audit.verify(now).ok());
}

TEST_F(Trail, stays_verifiable_after_the_key_was_rotated) {
    house.keys.rotate(clock);
    EXPECT_TRUE(house.audit.verify().ok());
    house.audit.append({{"ada", "root"}, "key-rotated", "", {}});
    EXPECT_TRUE(house.audit.verify().ok());
}

TEST_F(Trail, makes_up_for_a_change_of_the_key_that_has_no_row) {
    const std::string old = house.keys.current(clock).public_key().id();
    house.keys.rotate(clock);
    house.audit.append({{"ada", "root"}, "approve", "r-7", {}});
    const std::vector<AuditRow> all = house.audit.list();
    ASSERT_EQ(all.size(), 8U);
    EXPECT_EQ(all[6].event.action, "key-rotated");
    EXPECT_EQ(all[6].event.detail.at("retired"), old);
    EXPECT_EQ(first_problem(), "");
}

TEST_F(Trail, is_not_called_broken_because_somebody_appends_meanwhile) {
    std::atomic<bool> done{false};
    std::thread other([&] {
        store::Database same(folder.path() / "patchlab.db", all_migrations());
        Governance there(folder.path(), same, clock);
        for (int i = 0; i < 40; ++i) there.audit.append({{"ben", "root"}, "approve", "r-7", {}});
        done = true;
    });
    std::string found;
    while (!done && found.empty()) found = first_problem();
    other.join();
    EXPECT_EQ(found, "");
    EXPECT_EQ(house.audit.verify().rows, rows + 40);
}

TEST_F(Trail, holds_a_change_and_its_row_or_neither) {
    EXPECT_EQ(code_of([&] {
                  house.audit.append({{"ada", "root"}, "x", "y", {}},
                                     [] { throw Error(ErrorCode::conflict, "no"); });
              }),
              ErrorCode::conflict);
    EXPECT_EQ(house.audit.verify().rows, rows);
}

RC_GTEST_PROP(TrailProperty, holds_whatever_was_said_and_finds_one_more_letter_of_it,
              (std::string subject)) {
    static const TempFolder folder(fs::temp_directory_path(), "trail");
    static SetClock clock;
    static store::Database database(folder.path() / "db", all_migrations());
    static Governance house(folder.path(), database, clock);
    static const bool open = [] {
        database.execute_script("DROP TRIGGER governance_audit_stays");
        return true;
    }();
    RC_ASSERT(open);
    std::erase(subject, '\0');  // the store's texts end there
    const AuditRow row = house.audit.append({{"a", "b"}, "c", subject, {{"said", subject}}});
    RC_ASSERT(house.audit.verify().ok());
    database.execute("UPDATE governance_audit SET subject = subject || 'x' WHERE seq = ?",
                     {row.seq});
    RC_ASSERT(!house.audit.verify().ok());
    database.execute("UPDATE governance_audit SET subject = ? WHERE seq = ?", {subject, row.seq});
}

}  // namespace
}  // namespace patchlab::governance
