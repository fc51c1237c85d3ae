// SPDX-License-Identifier: Apache-2.0
#include "platform/virt/machine_files.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "platform/core/files.hpp"

namespace patchlab::virt {
namespace {

TEST(limit_log, cuts_a_console_that_floods_and_keeps_its_beginning) {
    const TempFolder folder("/tmp", "log-limit");
    const auto log = folder.path() / "log";
    write_file_atomic(log, "first words" + std::string(17U << 20, 'x'));
    limit_log(log);
    const std::string text = read_file(log);
    EXPECT_LT(text.size(), 9U << 20);
    EXPECT_EQ(text.substr(0, 11), "first words");
    EXPECT_NE(text.find("a part is missing here"), std::string::npos);
}

TEST(limit_log, leaves_a_small_console_and_other_files_alone) {
    const TempFolder folder("/tmp", "log-limit");
    const auto log = folder.path() / "log";
    write_file_atomic(log, "short");
    limit_log(log);
    EXPECT_EQ(read_file(log), "short");
    const auto victim = folder.path() / "victim";
    write_file_atomic(victim, std::string(17U << 20, 'x'));
    std::filesystem::create_symlink(victim, folder.path() / "link");
    limit_log(folder.path() / "link");
    EXPECT_EQ(std::filesystem::file_size(victim), 17U << 20);
}

TEST(create_memory_file, refuses_more_than_the_disk_has_room_for) {
    const TempFolder folder("/tmp", "memory");
    MachineSpec spec;
    spec.name = "web";
    spec.memory_mib = 1U << 30;  // a petabyte
    spec.memory_file = folder.path() / "ram";
    EXPECT_THROW(create_memory_file(spec, {}), Error);
    EXPECT_FALSE(std::filesystem::exists(*spec.memory_file));
}

TEST(make_reachable, names_the_folder_that_qemus_user_cannot_pass) {
    const TempFolder folder("/tmp", "closed");  // 0700
    try {
        make_reachable(folder.path() / "disk.qcow2", QemuUser{true, 64055, 64055, 64055, {}});
        FAIL() << "a closed folder was not noticed";
    } catch (const Error& error) {
        EXPECT_NE(error.message().find(folder.path().string()), std::string::npos);
        EXPECT_NE(error.advice().find("chmod o+x"), std::string::npos);
    }
    ::chmod(folder.path().c_str(), 0711);
    EXPECT_NO_THROW(
        make_reachable(folder.path() / "disk.qcow2", QemuUser{true, 64055, 64055, 64055, {}}));
}

TEST(make_reachable, lets_qemus_group_and_nobody_else_into_the_folders_below_the_state) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root gives files away";
    const TempFolder folder("/tmp", "state");
    ::chmod(folder.path().c_str(), 0711);
    make_folder(folder.path() / "prepared" / "web", 0711);
    make_reachable(folder.path() / "prepared" / "web" / "disk.qcow2",
                   QemuUser{true, 64055, 64055, 64055, folder.path()});
    for (const char* below : {"prepared", "prepared/web"}) {
        struct stat info {};
        ASSERT_EQ(::stat((folder.path() / below).c_str(), &info), 0);
        EXPECT_EQ(info.st_mode & 0777U, 0710U) << below;
        EXPECT_EQ(info.st_gid, 64055U) << below;
        EXPECT_EQ(info.st_uid, 0U) << below;
    }
    struct stat state {};
    ASSERT_EQ(::stat(folder.path().c_str(), &state), 0);
    EXPECT_EQ(state.st_mode & 0777U, 0711U) << "hosts read the catalog's channels below it";
}

TEST(take_back, gives_what_qemu_reads_to_its_group_and_never_to_kvm) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root gives files away";
    const TempFolder folder("/tmp", "state");
    const auto disk = folder.path() / "disk.qcow2";
    write_file_atomic(disk, "secret", 0600);
    take_back(disk, QemuUser{true, 64055, 107, 64055, {}}, 0440);
    struct stat info {};
    ASSERT_EQ(::stat(disk.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0440U);
    EXPECT_EQ(info.st_gid, 64055U);
}

}  // namespace
}  // namespace patchlab::virt
