// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/catalog/object_store.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::catalog {
namespace {

class ObjectStoreTest : public ::testing::Test {
  protected:
    fs::path file(const std::string& bytes) {
        write_file_atomic(folder_.path() / "file", bytes);
        return folder_.path() / "file";
    }
    TempFolder folder_{fs::temp_directory_path(), "objects"};
    ObjectStore store_{folder_.path()};
};

TEST_F(ObjectStoreTest, keeps_bytes_under_their_digest_and_read_only) {
    const std::string digest = sha256_hex("bytes");
    store_.put(file("bytes"), digest);
    EXPECT_EQ(store_.problem(digest, 5), "");
    EXPECT_EQ(read_file(store_.path(digest)), "bytes");
    EXPECT_EQ(fs::status(store_.path(digest)).permissions(),
              fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read);
    file("changed later");
    EXPECT_EQ(read_file(store_.path(digest)), "bytes");
}

TEST_F(ObjectStoreTest, refuses_bytes_that_are_not_what_they_are_called) {
    const std::string digest = sha256_hex("bytes");
    try {
        store_.put(file("other"), digest);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::refused);
    }
    EXPECT_EQ(store_.problem(digest, 5), "is missing");
}

TEST_F(ObjectStoreTest, finds_damage_and_mends_it_with_good_bytes) {
    const std::string digest = sha256_hex("bytes");
    store_.put(file("bytes"), digest);
    write_file_atomic(store_.path(digest), "bytez");
    EXPECT_NE(store_.problem(digest, 5), "");
    EXPECT_NE(store_.problem(digest, 6), "");
    store_.put(file("bytes"), digest);
    EXPECT_EQ(store_.problem(digest, 5), "");
}

TEST_F(ObjectStoreTest, a_link_is_not_the_file_it_names) {
    const std::string digest = sha256_hex("bytes");
    fs::create_symlink(file("bytes"), folder_.path() / "link");
    EXPECT_EQ(file_problem(folder_.path() / "link", digest, 5), "is no regular file");
    EXPECT_EQ(file_problem(folder_.path() / "file", digest, 5), "");
}

TEST_F(ObjectStoreTest, places_an_object_without_a_second_copy) {
    const std::string digest = sha256_hex("bytes");
    store_.put(file("bytes"), digest);
    store_.place(digest, folder_.path() / "placed");
    EXPECT_EQ(fs::hard_link_count(folder_.path() / "placed"), 2U);
    EXPECT_THROW(store_.place(sha256_hex("nothing"), folder_.path() / "nothing"), Error);
}

}  // namespace
}  // namespace patchlab::catalog
