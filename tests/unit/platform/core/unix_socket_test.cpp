// SPDX-License-Identifier: Apache-2.0
#include "platform/core/unix_socket.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>

#include "platform/core/error.hpp"

namespace patchlab {
namespace {

class UnixSocket : public testing::Test {
  protected:
    fs::path path() const { return folder_.path() / "socket"; }
    ErrorCode code_of_listening(const fs::path& path) const {
        try {
            listen_at_path(path);
        } catch (const Error& error) {
            return error.code();
        }
        return ErrorCode::internal;
    }
    TempFolder folder_{"/tmp", "unix-socket"};
};

TEST_F(UnixSocket, is_for_its_owner_and_its_group_and_takes_who_connects) {
    const UniqueFd listener = listen_at_path(path());
    struct stat info {};
    ASSERT_EQ(::stat(path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0660U);
    EXPECT_TRUE(connect_to_path(path()));
}

TEST_F(UnixSocket, that_nobody_listens_at_any_more_is_replaced) {
    listen_at_path(path());  // and ends
    EXPECT_FALSE(connect_to_path(path()));
    EXPECT_EQ(errno, ECONNREFUSED);
    const UniqueFd again = listen_at_path(path());
    EXPECT_TRUE(connect_to_path(path()));
}

TEST_F(UnixSocket, takes_no_other_ones_place_and_no_file_s) {
    const UniqueFd first = listen_at_path(path());
    EXPECT_EQ(code_of_listening(path()), ErrorCode::conflict);
    EXPECT_TRUE(connect_to_path(path())) << "the first one is still there";
    write_file_atomic(folder_.path() / "file", "mine");
    EXPECT_EQ(code_of_listening(folder_.path() / "file"), ErrorCode::conflict);
    EXPECT_EQ(read_file(folder_.path() / "file"), "mine");
    EXPECT_EQ(code_of_listening(folder_.path() / std::string(200, 'x')), ErrorCode::usage);
}

}  // namespace
}  // namespace patchlab
