// SPDX-License-Identifier: Apache-2.0
#include "platform/process/detached.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/process/command.hpp"

namespace patchlab::process {
namespace {

constexpr const char* own_log = "PATCHLAB_TEST_REPLACED";

/// Whether this program, started once more, ends well.
bool starts_again(const fs::path& log) {
    const pid_t pid = start_detached({"--gtest_list_tests"}, log, "the test's own program");
    int status = -1;
    return ::waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(Detached, is_this_very_program_even_after_its_file_was_replaced) {
    if (const char* log = std::getenv(own_log)) {  // the copy, below
        fs::remove(fs::read_symlink("/proc/self/exe"));
        ASSERT_TRUE(starts_again(log));
        return;
    }
    const TempFolder folder(fs::temp_directory_path(), "detached");
    const fs::path copy = folder.path() / "copy", log = folder.path() / "log";
    fs::copy_file("/proc/self/exe", copy);
    CommandSpec spec;
    spec.program = copy.string();
    spec.purpose = "a program that loses its file";
    spec.args = {"--gtest_filter=Detached.is_this_very_program*"};
    spec.environment = {{own_log, log.string()}};
    const CommandResult ended = SystemCommandRunner().run(spec);
    EXPECT_TRUE(ended.ok()) << ended.out;
    EXPECT_FALSE(fs::exists(copy));
    EXPECT_THAT(read_file(log), ::testing::HasSubstr("is_this_very_program"));
}

TEST(Detached, says_what_could_not_be_started) {
    try {
        start_detached({}, "/nonexistent/log", "the worker");
        FAIL();
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), ::testing::HasSubstr("cannot start the worker: No such file"));
    }
}

}  // namespace
}  // namespace patchlab::process
