// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "orchestrator/intake/patch.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::intake {
namespace {

using ::testing::HasSubstr;

class PatchStoreTest : public ::testing::Test {
  protected:
    TempFolder state_{fs::temp_directory_path(), "patchlab-test"};
    store::Database database_{state_.path() / "db", migrations()};
    PatchStore store_{state_.path(), database_};

    std::pair<Patch, fs::path> made(const std::string& version, const std::string& content,
                                    const std::string& added = "2026-01-01T00:00:00Z") {
        const fs::path folder = state_.path() / "tmp" / random_hex(4);
        make_folder(folder / "new");
        make_folder(folder / "old");
        write_file_atomic(folder / "new" / "web_x_amd64.deb", content);
        write_file_atomic(folder / "old" / "web_o_amd64.deb", "old");
        Patch patch;
        patch.source = "web";
        patch.version = version;
        patch.id = patch_id(patch.source, version);
        patch.urgency = "high";
        patch.advisories = {"CVE-2026-1234"};
        patch.changelog = "web (2) sid; urgency=high\n";
        patch.reboot_why = "why";
        patch.verified = true;
        patch.added = added;
        PatchPackage package;
        package.name = "web";
        package.architecture = "amd64";
        package.from = "1-1";
        package.to = version;
        package.file = "web_x_amd64.deb";
        package.sha256 = sha256_hex(content);
        package.old_file = "web_o_amd64.deb";
        package.old_sha256 = sha256_hex("old");
        package.bytes = content.size();
        package.source = "web";
        package.source_version = version;
        patch.packages = {package};
        return {patch, folder};
    }
    Patch add(const std::string& version, const std::string& content,
              const std::string& added = "2026-01-01T00:00:00Z") {
        const auto [patch, folder] = made(version, content, added);
        return store_.add(patch, folder);
    }
};

TEST_F(PatchStoreTest, gives_back_what_was_added_newest_first_and_read_only) {
    add("2-1", "two");
    const Patch newer = add("5:3-1", "three", "2026-02-01T00:00:00Z");
    EXPECT_EQ(newer.id, "web_3-1");
    const auto list = store_.list();
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[0].id, "web_3-1");
    EXPECT_EQ(to_json(list[0]), to_json(newer));
    struct stat info {};
    ASSERT_EQ(::stat((newer.folder / "new" / "web_x_amd64.deb").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0444U);
}

TEST_F(PatchStoreTest, takes_the_same_patch_twice_but_not_another_under_its_name) {
    const Patch first = add("2-1", "two");
    EXPECT_EQ(add("2-1", "two", "2030-01-01T00:00:00Z").added, first.added);
    const auto [other, folder] = made("2-1", "forged");
    EXPECT_THROW(store_.add(other, folder), Error);
    EXPECT_NE(store_.free_id(other), "web_2-1");
    EXPECT_EQ(read_file(first.folder / "new" / "web_x_amd64.deb"), "two");
}

TEST_F(PatchStoreTest, refuses_a_folder_that_does_not_hold_what_the_patch_says) {
    auto [patch, folder] = made("2-1", "two");
    write_file_atomic(folder / "new" / "web_x_amd64.deb", "altered");
    EXPECT_THROW(store_.add(patch, folder), Error);
    EXPECT_FALSE(store_.has("web_2-1"));
}

TEST_F(PatchStoreTest, refuses_to_remove_a_patch_that_a_run_still_uses) {
    const Patch patch = add("2-1", "two");
    store_.add_user(patch.id, "run r-1");
    store_.add_user(patch.id, "run r-1");
    try {
        store_.remove(patch.id);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::conflict);
        EXPECT_THAT(error.what(), HasSubstr("run r-1"));
    }
    EXPECT_TRUE(fs::exists(patch.folder));
    store_.remove_user("run r-1");
    store_.remove(patch.id);
    EXPECT_FALSE(fs::exists(patch.folder));
    EXPECT_THROW(store_.get(patch.id), Error);
}

TEST_F(PatchStoreTest, refuses_a_document_that_points_outside_of_its_folder) {
    const Json good = to_json(made("2-1", "two").first);
    EXPECT_NO_THROW(patch_from_json(good));
    for (const auto& [key, value] :
         std::vector<std::pair<std::string, std::string>>{{"file", "../../x.deb"},
                                                          {"old_file", "/etc/passwd"},
                                                          {"name", "-o"},
                                                          {"to", "1;id"},
                                                          {"sha256", "zz"},
                                                          {"architecture", "any"}}) {
        Json bad = good;
        bad["packages"][0][key] = value;
        EXPECT_THROW(patch_from_json(bad), Error) << key;
    }
    Json bad = good;
    bad["id"] = "../x";
    EXPECT_THROW(patch_from_json(bad), Error);
    bad = good;
    bad["packages"] = Json::array();
    EXPECT_THROW(patch_from_json(bad), Error);
}

}  // namespace
}  // namespace patchlab::intake
