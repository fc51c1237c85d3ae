// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/catalog/snapshot.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/schema.hpp"

namespace patchlab::catalog {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const fs::path golden_file = fs::path(PATCHLAB_GOLDEN) / "channel" / "ring-0.json";
Json golden_channel() { return read_json(golden_file); }

TEST(Snapshot, writes_what_it_read) {
    EXPECT_EQ(to_text(to_json(snapshot_from_json(golden_channel()))), to_text(golden_channel()));
}

TEST(Snapshot, fits_its_published_schema) {
    Diagnostics found;
    const YamlDocument document = parse_yaml(read_file(golden_file), "ring-0.json", found);
    Schema(snapshot_schema()).check(document, found);
    for (const Diagnostic& mistake : found.items) ADD_FAILURE() << mistake.text();
}

TEST(Snapshot, refuses_paths_that_leave_its_folder_and_values_that_are_none) {
    for (const char* path : {"../x", "/etc/passwd", "a/../../x", "", "a//../b", "./x", "pool/"}) {
        Json json = golden_channel();
        json["files"][0]["path"] = path;
        EXPECT_THROW(snapshot_from_json(json), Error) << path;
    }
    for (const auto& [member, key, value] :
         {std::tuple<const char*, const char*, Json>{"files", "sha256", "abc"},
          {"files", "bytes", -1},
          {"packages", "sha256", "abc"},
          {"packages", "role", "gift"},
          {"packages", "bytes", -1},
          {"entries", "state", "fine"},
          {"entries", "sha256", ""}}) {
        Json json = golden_channel();
        json[member][0][key] = value;
        EXPECT_THROW(snapshot_from_json(json), Error) << member << " " << key;
    }
    Json json = golden_channel();
    json["channel"] = "../ring-0";
    EXPECT_THROW(snapshot_from_json(json), Error);
}

class SealedSnapshot : public testing::Test {
  protected:
    SealedSnapshot() {
        make_folder(folder_.path() / "pool");
        write_file_atomic(folder_.path() / "pool" / "a", "bytes");
        snapshot_ = snapshot_from_json(golden_channel());
        seal_snapshot(snapshot_, folder_.path(), {}, key_);
    }
    std::string problems(const std::string& channel = "ring-0") {
        std::string text;
        for (const Refusal& refusal :
             verify_snapshot(folder_.path(), {{key_.public_key()}, {}}, channel))
            text += refusal.text() + "\n";
        return text;
    }
    SecretKey key_ = SecretKey::generate();
    Snapshot snapshot_;
    TempFolder folder_{fs::temp_directory_path(), "snapshot"};
};

TEST_F(SealedSnapshot, is_whole) {
    EXPECT_EQ(problems(), "");
    EXPECT_EQ(snapshot_.files.size(), 1U);
}

TEST_F(SealedSnapshot, tells_what_was_changed_removed_and_added) {
    write_file_atomic(folder_.path() / "pool" / "b", "more");
    write_file_atomic(folder_.path() / "pool" / "a", "bytez");
    EXPECT_THAT(problems(), testing::AllOf(HasSubstr("pool/a: has other bytes"),
                                           HasSubstr("pool/b: was not part")));
    fs::remove(folder_.path() / "pool" / "a");
    fs::create_symlink("/etc/passwd", folder_.path() / "pool" / "a");
    EXPECT_THAT(problems(), HasSubstr("pool/a: is no regular file"));
}

TEST_F(SealedSnapshot, is_nothing_without_its_signature) {
    EXPECT_THAT(problems("ring-1"), HasSubstr("is of channel 'ring-0'"));
    Json json = read_json(folder_.path() / "snapshot.json");
    json["files"] = Json::array();
    write_json(folder_.path() / "snapshot.json", json);
    EXPECT_EQ(problems(), "snapshot.json: is not what was signed\n");
    fs::remove(folder_.path() / "snapshot.dsse.json");
    EXPECT_THAT(problems(), testing::Not(IsEmpty()));
    EXPECT_THAT(verify_snapshot(folder_.path() / "nowhere", {}, "ring-0"), testing::Not(IsEmpty()));
}

TEST(SnapshotContent, is_the_same_whenever_it_was_made) {
    Snapshot a = snapshot_from_json(golden_channel()), b = a;
    b.id = "20270101T000000Z";
    b.files.clear();
    EXPECT_TRUE(same_content(a, b));
    b.packages.pop_back();
    EXPECT_FALSE(same_content(a, b));
}

}  // namespace
}  // namespace patchlab::catalog
