// SPDX-License-Identifier: Apache-2.0
#include "platform/store/database.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::store {
namespace {

using ::testing::HasSubstr;

const Migration hosts_1{
    "hosts", 1, "CREATE TABLE host (name TEXT PRIMARY KEY, size INTEGER, load REAL) STRICT;"};
const Migration hosts_2{
    "hosts", 2,
    "CREATE TABLE tag (host TEXT NOT NULL REFERENCES host(name), word TEXT NOT NULL);"
    "CREATE INDEX tag_word ON tag(word);"};
const Migration runs_1{"runs", 1, "CREATE TABLE run (id TEXT PRIMARY KEY);"};

class Store : public ::testing::Test {
  protected:
    Database open(const std::vector<Migration>& migrations = {hosts_1, hosts_2}) {
        return Database(file, migrations);
    }
    std::int64_t hosts(Database& database) {
        return database.query_one("SELECT count(*) AS n FROM host")->integer("n");
    }

    /// Expects an Error of this kind that says `words`.
    template <typename Work>
    void expect_error(ErrorCode code, const std::string& words, Work&& work) {
        try {
            work();
            ADD_FAILURE() << "no error, expected: " << words;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), code) << error.what();
            EXPECT_THAT(error.what(), HasSubstr(words));
        }
    }

    TempFolder folder{fs::temp_directory_path(), "patchlab-test"};
    fs::path file = folder.path() / "patchlab.db";
};

TEST_F(Store, keeps_what_was_recorded_and_tells_null_from_empty) {
    {
        Database database = open();
        EXPECT_EQ(
            database.execute("INSERT INTO host VALUES (?, ?, ?), ('b', NULL, 2.0)",
                             {std::string("a'; DROP TABLE host; --"), std::int64_t{1} << 40, 0.5}),
            2);
    }
    Database database = open();
    const std::vector<Row> rows = database.query("SELECT * FROM host ORDER BY name");
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].text("name"), "a'; DROP TABLE host; --");
    EXPECT_EQ(rows[0].integer("size"), std::int64_t{1} << 40);
    EXPECT_EQ(rows[0].real("load"), 0.5);
    EXPECT_EQ(rows[1].integer_or_null("size"), std::nullopt);
    EXPECT_EQ(rows[1].real("load"), 2.0);
    EXPECT_EQ(database.query_one("SELECT * FROM host WHERE name = 'c'"), std::nullopt);
    expect_error(ErrorCode::internal, "no column 'nane'", [&] { rows[0].text("nane"); });
    expect_error(ErrorCode::internal, "another type", [&] { rows[0].integer("name"); });
    expect_error(ErrorCode::internal, "another type", [&] { rows[1].integer("size"); });
}

TEST_F(Store, a_prepared_statement_runs_many_times_and_hands_out_one_row_after_the_other) {
    Database database = open();
    Statement put = database.prepare("INSERT INTO host (name, size) VALUES (?, ?)");
    database.transaction([&] {
        for (std::int64_t i = 0; i < 3; ++i)
            EXPECT_EQ(put.execute({"h" + std::to_string(i), i}), 1);
    });
    expect_error(ErrorCode::conflict, "refuses", [&] {
        put.execute({std::string("h1"), nullptr});
    });
    EXPECT_EQ(put.execute({std::string("h3"), nullptr}), 1)
        << "usable again after an error, without the old parameters";
    Statement get = database.prepare("SELECT name, size FROM host WHERE size >= ? ORDER BY name");
    for (int round = 0; round < 2; ++round) {
        std::string names;
        get.query({std::int64_t{1}}, [&](const Row& row) { names += row.text("name"); });
        EXPECT_EQ(names, "h1h2");
    }
    EXPECT_THROW(
        get.query({std::int64_t{0}}, [](const Row&) { throw Error(ErrorCode::refused, "enough"); }),
        Error);
    database.transaction([&] { put.execute({std::string("h4"), nullptr}); });
    EXPECT_EQ(hosts(database), 5);
}

TEST_F(Store, is_readable_by_its_owner_alone) {
    Database database = open();
    database.execute("INSERT INTO host (name) VALUES ('a')");
    for (const char* suffix : {"", "-wal", "-shm"}) {
        struct stat info {};
        ASSERT_EQ(::stat((file.string() + suffix).c_str(), &info), 0) << suffix;
        EXPECT_EQ(info.st_mode & 0777, 0600U) << suffix;
    }
}

TEST_F(Store, waits_for_the_disk_and_guards_references) {
    Database database = open();
    EXPECT_EQ(database.query_one("PRAGMA journal_mode")->text("journal_mode"), "wal");
    EXPECT_EQ(database.query_one("PRAGMA synchronous")->integer("synchronous"), 2);  // FULL
    EXPECT_EQ(database.query_one("PRAGMA busy_timeout")->integer("timeout"), 30'000);
    expect_error(ErrorCode::conflict, "FOREIGN KEY",
                 [&] { database.execute("INSERT INTO tag VALUES ('nobody', 'x')"); });
}

TEST_F(Store, a_broken_constraint_is_a_conflict_and_bad_sql_a_bug) {
    Database database = open();
    database.execute("INSERT INTO host (name) VALUES ('a')");
    expect_error(ErrorCode::conflict, "UNIQUE",
                 [&] { database.execute("INSERT INTO host (name) VALUES ('a')"); });
    expect_error(ErrorCode::internal, "syntax", [&] { database.execute("INSRT"); });
}

TEST_F(Store, what_comes_after_a_commit_runs_once_and_only_when_there_was_one) {
    Database database = open();
    int ran = 0;
    database.transaction([&] {
        database.after_commit([&] { ++ran; });
        EXPECT_EQ(ran, 0);
    });
    EXPECT_EQ(ran, 1);
    try {
        database.transaction([&] {
            database.after_commit([&] { ++ran; });
            throw std::runtime_error("no");
        });
    } catch (const std::runtime_error&) {
    }
    database.transaction([] {});
    EXPECT_EQ(ran, 1);
    expect_error(ErrorCode::internal, "outside of a transaction",
                 [&] { database.after_commit([] {}); });
    EXPECT_THROW(database.transaction([&] {
        database.execute("INSERT INTO host (name) VALUES ('kept')");
        database.after_commit([] { throw std::runtime_error("late"); });
    }),
                 std::runtime_error);
    EXPECT_EQ(database.query("SELECT * FROM host WHERE name = 'kept'").size(), 1U);
}

TEST_F(Store, a_transaction_that_throws_leaves_no_trace) {
    Database database = open();
    expect_error(ErrorCode::lab, "power", [&] {
        database.transaction([&] {
            database.execute("INSERT INTO host (name) VALUES ('a')");
            throw Error(ErrorCode::lab, "power");
        });
    });
    EXPECT_EQ(hosts(database), 0);
    database.transaction([&] { database.execute("INSERT INTO host (name) VALUES ('b')"); });
    EXPECT_EQ(hosts(database), 1);
    expect_error(ErrorCode::internal, "inside a transaction",
                 [&] { database.transaction([&] { database.transaction([] {}); }); });
    EXPECT_EQ(hosts(database), 1);
}

TEST_F(Store, migrations_replayed_one_release_at_a_time_give_the_same_schema_as_a_fresh_one) {
    { open({hosts_1}); }
    { open({hosts_1, runs_1}); }
    Database replayed = open({hosts_1, hosts_2, runs_1});
    Database fresh(folder.path() / "fresh.db", {hosts_1, hosts_2, runs_1});
    EXPECT_EQ(replayed.schema_text(), fresh.schema_text());
    EXPECT_THAT(fresh.schema_text(), HasSubstr("tag_word"));
}

TEST_F(Store, refuses_a_landed_migration_that_was_edited) {
    { open({hosts_1}); }
    Migration edited = hosts_1;
    edited.sql =
        "CREATE TABLE host (name TEXT PRIMARY KEY, size INTEGER, load REAL, extra TEXT) STRICT;";
    expect_error(ErrorCode::internal, "migration hosts/1 was altered", [&] { open({edited}); });
}

TEST_F(Store, refuses_migrations_with_a_gap) {
    expect_error(ErrorCode::internal, "hosts/2 is out of sequence", [&] { open({hosts_2}); });
}

TEST_F(Store, refuses_a_store_that_a_newer_program_wrote) {
    { open({hosts_1, hosts_2}); }
    expect_error(ErrorCode::lab, "newer patchlab", [&] { open({hosts_1}); });
}

TEST_F(Store, a_migration_that_fails_leaves_the_store_as_it_was) {
    {
        Database database = open({hosts_1});
        database.execute("INSERT INTO host (name) VALUES ('a')");
    }
    const Migration broken{
        "hosts", 2, "CREATE TABLE half (x); DELETE FROM host; INSERT INTO nowhere VALUES (1);"};
    expect_error(ErrorCode::internal, "migration hosts/2", [&] { open({hosts_1, broken}); });
    Database database = open({hosts_1});
    EXPECT_EQ(hosts(database), 1);
    EXPECT_EQ(database.schema_text().find("half"), std::string::npos);
}

TEST_F(Store, a_damaged_file_is_named_as_such_and_not_replaced) {
    const std::string garbage(8192, 'x');
    write_file_atomic(file, garbage);
    expect_error(ErrorCode::lab, "damaged", [&] { open(); });
    EXPECT_EQ(read_file(file), garbage);
}

TEST_F(Store, a_folder_that_is_not_there_is_named) {
    expect_error(ErrorCode::lab, "No such file or directory",
                 [&] { Database(folder.path() / "no" / "x.db", {}); });
}

TEST_F(Store, several_processes_may_create_and_write_it_at_once) {
    std::array<pid_t, 4> children{};
    for (std::size_t i = 0; i < children.size(); ++i) {
        children[i] = ::fork();
        if (children[i] != 0) continue;
        int code = 1;
        try {
            Database database = open();
            for (int n = 0; n < 25; ++n)
                database.transaction([&] {
                    const std::int64_t next = hosts(database);
                    database.execute("INSERT INTO host (name) VALUES (?)", {std::to_string(next)});
                });
            code = 0;
        } catch (const std::exception&) {
        }
        ::_exit(code);
    }
    for (const pid_t child : children) {
        int status = -1;
        ::waitpid(child, &status, 0);
        EXPECT_EQ(status, 0);
    }
    Database database = open();
    EXPECT_EQ(hosts(database), 100);
}

TEST_F(Store, what_was_committed_survives_a_killed_process_and_the_rest_does_not) {
    const pid_t child = ::fork();
    if (child == 0) {
        Database database = open();
        database.execute("INSERT INTO host (name) VALUES ('committed')");
        database.transaction([&] {
            database.execute("INSERT INTO host (name) VALUES ('not committed')");
            ::raise(SIGKILL);
        });
        ::_exit(0);
    }
    ::waitpid(child, nullptr, 0);
    Database database = open();
    EXPECT_EQ(hosts(database), 1);
    EXPECT_TRUE(database.query_one("SELECT * FROM host WHERE name = 'committed'"));
}

TEST_F(Store, has_another_version_after_each_write_of_anybody_and_in_each_connection) {
    Database one = open(), other = open();
    const std::string before = one.version();
    EXPECT_EQ(one.version(), before);
    EXPECT_NE(other.version(), before);
    hosts(one);
    EXPECT_EQ(one.version(), before) << "reading changes nothing";
    one.execute("INSERT INTO host (name) VALUES ('mine')");
    const std::string after_mine = one.version();
    EXPECT_NE(after_mine, before);
    other.execute("INSERT INTO host (name) VALUES ('theirs')");
    EXPECT_NE(one.version(), after_mine);
}

}  // namespace
}  // namespace patchlab::store
