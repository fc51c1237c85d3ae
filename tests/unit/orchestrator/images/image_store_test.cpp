// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "orchestrator/images/image.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::images {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ImageStoreTest : public ::testing::Test {
  protected:
    Image add(const std::string& name, const std::string& content, bool replace = false) {
        const fs::path file = folder_.path() / "new.qcow2";
        write_file_atomic(file, content);
        make_folder(folder_.path() / "new.debs");
        write_file_atomic(folder_.path() / "new.debs" / "a_1_all.deb", "deb");
        Image image;
        image.name = name;
        image.virtual_bytes = 3ULL << 30;
        image.created = "2026-11-23T06:00:00Z";
        image.origin = "built";
        image.os.distro = "debian";
        image.os.filesystems = {{"/", "ext4"}};
        image.os.packages = {{"nginx", "1.22.1-9", "amd64"}};
        image.deviations = {{"redis", "1", "2"}};
        image.warnings = {"no guest agent"};
        return store_.add(image, file, "Package: nginx\n", replace, folder_.path() / "new.debs");
    }
    fs::path file_of(const std::string& content) const {
        return folder_.path() / "images" / (sha256_hex(content) + ".qcow2");
    }

    TempFolder folder_{fs::temp_directory_path(), "image-store"};
    store::Database database_{folder_.path() / "patchlab.db", migrations()};
    ImageStore store_{folder_.path(), database_};
};

TEST_F(ImageStoreTest, an_image_is_named_by_its_content_read_only_and_reads_back_whole) {
    add("web", "disk");
    const Image image = store_.get("web");
    EXPECT_EQ(image.digest, sha256_hex("disk"));
    EXPECT_EQ(image.file, file_of("disk"));
    EXPECT_EQ(fs::status(image.file).permissions(), static_cast<fs::perms>(0440));
    EXPECT_EQ(image.file_bytes, 4U);
    EXPECT_EQ(image.os.packages.at(0).version, "1.22.1-9");
    EXPECT_EQ(image.os.filesystems.at(0).second, "ext4");
    EXPECT_EQ(image.deviations.at(0).got, "2");
    EXPECT_THAT(image.warnings, ElementsAre("no guest agent"));
    EXPECT_EQ(store_.package_database(image), "Package: nginx\n");
    EXPECT_TRUE(fs::exists(package_pool(image) / "a_1_all.deb"));
    EXPECT_FALSE(to_json(image, false).contains("packages"));
}

TEST_F(ImageStoreTest, a_name_does_not_come_to_mean_another_content_unless_asked) {
    add("web", "one");
    EXPECT_THROW(add("web", "two"), Error);
    EXPECT_EQ(store_.get("web").digest, sha256_hex("one"));
    EXPECT_FALSE(fs::exists(file_of("two"))) << "the refused content is not kept";
    add("web", "one");  // the same again is no change
    add("web", "two", true);
    EXPECT_EQ(store_.get("web").digest, sha256_hex("two"));
    EXPECT_FALSE(fs::exists(file_of("one")));
}

TEST_F(ImageStoreTest, refuses_to_remove_an_image_that_a_lab_still_uses) {
    const auto digest = add("web", "disk").digest;
    store_.add_reference(digest, "lab web-shop");
    try {
        store_.remove("web");
        FAIL() << "removed";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::conflict);
        EXPECT_THAT(error.what(), HasSubstr("lab web-shop"));
    }
    EXPECT_TRUE(fs::exists(file_of("disk")));
    store_.remove_reference("lab web-shop");
    store_.remove("web");
    EXPECT_FALSE(fs::exists(file_of("disk")));
    EXPECT_FALSE(store_.find("web"));
}

TEST_F(ImageStoreTest, a_replaced_image_stays_as_long_as_somebody_uses_it) {
    store_.add_reference(add("web", "one").digest, "run r-1");
    add("web", "two", true);
    EXPECT_TRUE(fs::exists(file_of("one")));
    store_.remove_reference("run r-1");
    EXPECT_THAT(store_.collect(), ElementsAre(sha256_hex("one")));
    EXPECT_FALSE(fs::exists(file_of("one")));
    EXPECT_TRUE(fs::exists(file_of("two")));
}

TEST_F(ImageStoreTest, two_names_may_lead_to_one_content) {
    add("a", "disk");
    add("b", "disk");
    store_.remove("a");
    EXPECT_EQ(store_.get("b").name, "b");
    EXPECT_TRUE(fs::exists(file_of("disk")));
}

TEST_F(ImageStoreTest, references_join_a_transaction_of_the_caller) {
    const auto digest = add("web", "disk").digest;
    EXPECT_THROW(database_.transaction([&] {
        store_.add_reference(digest, "lab x");
        throw Error(ErrorCode::invalid, "no");
    }),
                 Error);
    EXPECT_TRUE(store_.references(digest).empty());
    EXPECT_THROW(store_.add_reference(sha256_hex("unknown"), "lab x"), Error);
}

TEST_F(ImageStoreTest, an_unknown_name_is_answered_with_the_known_ones) {
    add("web", "disk");
    try {
        store_.get("wep");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::not_found);
        EXPECT_THAT(error.advice(), HasSubstr("web"));
    }
}

TEST(ImageName, holds_nothing_a_path_or_a_shell_could_stumble_over) {
    for (const char* good : {"web", "debian-12-web", "a.b_c", "9"})
        EXPECT_NO_THROW(check_image_name(good)) << good;
    for (const char* bad : {"", "-web", ".", "../x", "Web", "a b", "a/b",
                            "w\xc3\xa9"
                            "b"})
        EXPECT_THROW(check_image_name(bad), Error) << bad;
}

}  // namespace
}  // namespace patchlab::images
