// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/catalog/entry_store.hpp"

#include <gtest/gtest.h>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::catalog {
namespace {

const TimePoint noon = from_rfc3339("2026-11-23T12:00:00Z");

class EntryStoreTest : public ::testing::Test {
  protected:
    /// Adds an entry made of `run`; gives its id.
    std::string add(const std::string& run) {
        Entry entry =
            entry_from_json(read_json(fs::path(PATCHLAB_GOLDEN) / "entry" / "nginx.json"));
        entry.id = store_.free_id(noon);
        entry.run = run;
        const fs::path folder = folder_.path() / "part";
        make_folder(folder / "new");
        write_json(folder / "entry.json", to_json(entry));
        write_file_atomic(folder / "new" / "a.deb", "bytes");
        store_.add(entry, folder, noon);
        return entry.id;
    }

    TempFolder folder_{fs::temp_directory_path(), "entries"};
    store::Database database_{folder_.path() / "db", migrations()};
    EntryStore store_{folder_.path(), database_};
};

TEST_F(EntryStoreTest, keeps_an_entry_as_it_was_given_and_read_only) {
    const std::string id = add("r-1");
    EXPECT_EQ(id, "e-20261123-0001");
    EXPECT_EQ(store_.get(id).run, "r-1");
    EXPECT_EQ(store_.of_run("r-1"), id);
    EXPECT_EQ(store_.of_run("r-2"), "");
    EXPECT_EQ(
        fs::status(store_.folder(id) / "new" / "a.deb").permissions() & fs::perms::owner_write,
        fs::perms::none);
    EXPECT_EQ(add("r-2"), "e-20261123-0002");
    EXPECT_EQ(store_.list().front().run, "r-2");
}

TEST_F(EntryStoreTest, makes_no_second_entry_of_one_run) {
    add("r-1");
    EXPECT_THROW(add("r-1"), Error);
}

TEST_F(EntryStoreTest, never_offers_again_what_was_taken_back) {
    const std::string id = add("r-1");
    store_.set_state(id, EntryState::quarantined, "ring 1 failed", noon);
    EXPECT_EQ(store_.status(id).reason, "ring 1 failed");
    EXPECT_THROW(store_.set_state(id, EntryState::offered, "", noon), Error);
    store_.set_state(id, EntryState::withdrawn, "for good", noon);
    EXPECT_EQ(store_.status(id).state, EntryState::withdrawn);
}

TEST_F(EntryStoreTest, offers_a_recalled_entry_again_and_never_makes_less_of_a_quarantine) {
    const std::string id = add("r-1");
    store_.set_state(id, EntryState::recalled, "a drill", noon);
    EXPECT_EQ(store_.taken_back(), std::vector<std::string>{id});
    store_.set_state(id, EntryState::offered, "", noon);
    EXPECT_TRUE(store_.taken_back().empty());
    store_.set_state(id, EntryState::recalled, "a drill", noon);
    store_.set_state(id, EntryState::quarantined, "it broke", noon);
    EXPECT_THROW(store_.set_state(id, EntryState::recalled, "a drill", noon), Error);
}

/// The tables of an older version are made anew, with everything in them.
TEST(EntryTables, of_an_older_version_keep_their_entries_and_channels) {
    const TempFolder folder(fs::temp_directory_path(), "tables");
    std::vector<store::Migration> older = migrations();
    ASSERT_EQ(older.size(), 3U);
    older.pop_back();
    {
        store::Database database(folder.path() / "patchlab.db", older);
        database.execute(
            "INSERT INTO catalog_entries (id, run, created, state, changed) VALUES "
            "('e-1', 'r-1', 'then', 'quarantined', 'then')");
        database.execute(
            "INSERT INTO catalog_channel_entries (sequence, channel, entry, added) "
            "VALUES (7, 'ring-0', 'e-1', 'then')");
    }
    store::Database database(folder.path() / "patchlab.db", migrations());
    EntryStore store(folder.path(), database);
    EXPECT_EQ(store.status("e-1").state, EntryState::quarantined);
    EXPECT_EQ(store.in_channel("ring-0"), std::vector<std::string>{"e-1"});
    store.add_to_channel("e-1", "ring-1", noon);
    EXPECT_EQ(
        database.query_one("SELECT sequence FROM catalog_channel_entries WHERE channel = 'ring-1'")
            ->integer("sequence"),
        8);
    EXPECT_THROW(store.add_to_channel("e-2", "ring-0", noon), Error) << "there is no such entry";
}

TEST_F(EntryStoreTest, remembers_the_order_in_which_entries_came_into_a_channel) {
    const std::string first = add("r-1");
    const std::string second = add("r-2");
    store_.add_to_channel(second, "ring-0", noon);
    store_.add_to_channel(first, "ring-0", noon);
    store_.add_to_channel(second, "ring-0", noon);
    EXPECT_EQ(store_.in_channel("ring-0"), (std::vector<std::string>{second, first}));
    EXPECT_EQ(store_.channels(), std::vector<std::string>{"ring-0"});
    EXPECT_EQ(store_.status(first).channels, std::vector<std::string>{"ring-0"});
}

TEST_F(EntryStoreTest, names_what_is_not_there) {
    try {
        store_.get("e-1");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::not_found);
    }
}

}  // namespace
}  // namespace patchlab::catalog
