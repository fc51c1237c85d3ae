// SPDX-License-Identifier: Apache-2.0
//
// The words and exit codes that scripts rely on, tried on the program itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "platform/core/files.hpp"
#include "platform/process/command.hpp"

namespace patchlab {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class CommandLine : public ::testing::Test {
  protected:
    process::CommandResult patchlab(std::vector<std::string> words) {
        process::CommandSpec spec;
        spec.program = PATCHLAB_PROGRAM;
        spec.args = std::move(words);
        spec.environment = {{"PATCHLAB_STATE", (folder.path() / "state").string()}};
        return process::SystemCommandRunner().run(spec);
    }
    TempFolder folder{fs::temp_directory_path(), "patchlab-test"};
};

TEST_F(CommandLine, version_and_help_always_work) {
    EXPECT_EQ(patchlab({"--version"}).out, "patchlab 0.1.0\n");
    for (const std::vector<std::string>& words : {std::vector<std::string>{"--help"},
                                                  {"image", "--help"},
                                                  {"image", "build", "--help"},
                                                  {"help", "run", "start"}}) {
        const auto result = patchlab(words);
        EXPECT_EQ(result.exit_code, 0);
        EXPECT_THAT(result.out, HasSubstr("Usage: patchlab"));
        EXPECT_THAT(result.err, IsEmpty());
    }
    EXPECT_FALSE(fs::exists(folder.path() / "state")) << "help must not create anything";
}

TEST_F(CommandLine, without_words_it_prints_help_and_exits_2) {
    for (const std::vector<std::string>& words : {std::vector<std::string>{}, {"image"}}) {
        const auto result = patchlab(words);
        EXPECT_EQ(result.exit_code, 2);
        EXPECT_THAT(result.out, HasSubstr("Usage: patchlab"));
    }
}

TEST_F(CommandLine, wrong_words_exit_2_with_one_line_and_what_to_do) {
    const auto result = patchlab({"imge"});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_EQ(result.err,
              "patchlab: the command line: there is no command 'imge' (did you mean 'image'?)\n"
              "usage: 'patchlab --help' lists the words it knows\n");
    EXPECT_THAT(patchlab({"image", "shwo", "x"}).err,
                StartsWith("patchlab: image: there is no command 'shwo' (did you mean 'show'?)"));
    EXPECT_THAT(patchlab({"image", "list", "--jsno"}).err,
                HasSubstr("there is no option '--jsno' (did you mean '--json'?)"));
    EXPECT_EQ(patchlab({"image", "list", "extra"}).exit_code, 2);
    EXPECT_EQ(patchlab({"image", "show"}).exit_code, 2);
    EXPECT_FALSE(fs::exists(folder.path() / "state"));
}

TEST_F(CommandLine, takes_an_argument_that_is_called_like_a_noun_as_an_argument) {
    const auto result = patchlab({"image", "show", "lab"});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, HasSubstr("'lab'"));
    EXPECT_THAT(result.err, Not(HasSubstr("Usage")));
}

TEST_F(CommandLine, creates_the_state_folder_traversable_but_closed) {
    ASSERT_EQ(patchlab({"image", "list"}).exit_code, 0);
    struct stat info {};
    ASSERT_EQ(::stat((folder.path() / "state").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 0711U);
}

TEST_F(CommandLine, leaves_the_mode_of_a_folder_that_exists) {
    make_folder(folder.path() / "mine", 0750);
    ASSERT_EQ(patchlab({"image", "list", "--state", (folder.path() / "mine").string()}).exit_code,
              0);
    struct stat info {};
    ::stat((folder.path() / "mine").c_str(), &info);
    EXPECT_EQ(info.st_mode & 07777, 0750U);
}

TEST_F(CommandLine, a_state_folder_that_cannot_be_made_is_a_clear_failure_of_the_host) {
    const auto result = patchlab({"--state", "/proc/nowhere", "image", "list"});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.err,
                StartsWith("patchlab: image list: cannot create the state folder /proc/nowhere: "));
    EXPECT_THAT(result.err, HasSubstr("--state DIR"));
}

TEST_F(CommandLine, output_that_cannot_be_written_is_a_failure_and_a_closed_reader_is_none) {
    const auto shell = [&](const std::string& script) {
        process::CommandSpec spec;
        spec.program = "bash";
        spec.args = {"-c", script, PATCHLAB_PROGRAM};
        return process::SystemCommandRunner().run(spec);
    };
    const auto full = shell("\"$0\" --help > /dev/full");
    EXPECT_EQ(full.exit_code, 3);
    EXPECT_THAT(full.err, HasSubstr("No space left"));
    EXPECT_EQ(shell("set -o pipefail; \"$0\" --help | true").err, "");
}

}  // namespace
}  // namespace patchlab
