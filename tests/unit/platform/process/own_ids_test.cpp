// SPDX-License-Identifier: Apache-2.0
#include "platform/process/own_ids.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/process/command.hpp"

namespace patchlab::process {
namespace {

namespace fs = std::filesystem;

class OwnIdsTest : public testing::Test {
  protected:
    void SetUp() override {
        if (::geteuid() != 0) GTEST_SKIP() << "only root may give ids away";
        // closed above: what the namespace's root reaches, it reaches by descriptor or not at all
        ::chmod(folder_.path().c_str(), 0711);
        fs::create_directory(place_);
        ASSERT_EQ(::chown(place_.c_str(), ids_.first, ids_.first), 0);
    }
    struct stat info_of(const std::string& name) {
        struct stat info {};
        EXPECT_EQ(::lstat((place_ / name).c_str(), &info), 0) << name;
        return info;
    }
    void make(const std::string& name) { std::ofstream(place_ / name) << "x"; }

    TempFolder folder_{"/tmp", "own-ids"};
    fs::path place_ = folder_.path() / "place";
    OwnIds ids_;
};

TEST_F(OwnIdsTest, is_root_in_there_and_nobody_out_here) {
    std::ofstream(folder_.path() / "secret") << "s";
    ::chmod((folder_.path() / "secret").c_str(), 0600);
    run_with_own_ids(ids_, [&] {
        if (::geteuid() != 0) throw Error(ErrorCode::internal, "it is not root");
        make("made");
        if (std::ifstream(folder_.path() / "secret"))
            throw Error(ErrorCode::internal, "it reads a file of root's");
        if (::mkdir((folder_.path() / "more").c_str(), 0755) == 0)
            throw Error(ErrorCode::internal, "it writes in a folder of root's");
        if (::kill(::getppid(), 0) == 0) throw Error(ErrorCode::internal, "it reaches root's");
    });
    EXPECT_EQ(info_of("made").st_uid, ids_.first);
}

TEST_F(OwnIdsTest, hands_an_error_on_and_notices_a_violent_end) {
    try {
        run_with_own_ids(ids_, [] { throw Error(ErrorCode::invalid, "no such suite", "look"); });
        FAIL() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::invalid);
        EXPECT_STREQ(error.what(), "no such suite");
        EXPECT_EQ(error.advice(), "look");
    }
    EXPECT_THROW(run_with_own_ids(ids_, [] { std::raise(SIGKILL); }), Error);
}

TEST_F(OwnIdsTest, gives_files_to_the_ids_they_were_meant_for) {
    run_with_own_ids(ids_, [&] {
        make("program");
        make("of-a-group");
        make("other");
        fs::create_directory(place_ / "folder");
        make("folder/inside");
        fs::create_hard_link(place_ / "other", place_ / "folder/other-name");
        fs::create_symlink("/etc/passwd", place_ / "link");
        if (::chown((place_ / "of-a-group").c_str(), 33, 42) != 0 ||
            ::chmod((place_ / "of-a-group").c_str(), 02755) != 0 ||
            ::chmod((place_ / "program").c_str(), 0755) != 0)
            throw Error(ErrorCode::internal, "a mode cannot be set");
        SystemCommandRunner runner;
        CommandSpec spec;
        spec.program = "setcap";
        spec.args = {"cap_net_raw=ep", (place_ / "program").string()};
        spec.purpose = "setting a capability";
        runner.require(spec);
    });
    struct stat passwd {};
    ASSERT_EQ(::stat("/etc/passwd", &passwd), 0);
    give_to_meant_ids(place_, ids_);

    EXPECT_EQ(info_of("").st_uid, 0U);
    EXPECT_EQ(info_of("folder/inside").st_uid, 0U);
    EXPECT_EQ(info_of("other").st_gid, 0U);
    EXPECT_EQ(info_of("folder/other-name").st_nlink, 2U);
    EXPECT_EQ(info_of("link").st_uid, 0U);
    EXPECT_EQ(info_of("of-a-group").st_uid, 33U);
    EXPECT_EQ(info_of("of-a-group").st_gid, 42U);
    EXPECT_EQ(info_of("of-a-group").st_mode & 07777, 02755U);
    std::array<char, 64> noted{};
    const ssize_t size = ::lgetxattr((place_ / "program").c_str(), "security.capability",
                                     noted.data(), noted.size());
    EXPECT_EQ(size, 20) << "a capability that counts for everybody is shorter";
    EXPECT_EQ(static_cast<unsigned char>(noted[4 + 1]), 0x20U) << "CAP_NET_RAW is bit 13";
    struct stat later {};
    ASSERT_EQ(::stat("/etc/passwd", &later), 0);
    EXPECT_EQ(later.st_ctim.tv_sec, passwd.st_ctim.tv_sec) << "a link was followed";
}

}  // namespace
}  // namespace patchlab::process
