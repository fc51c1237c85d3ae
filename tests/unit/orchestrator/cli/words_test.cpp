// SPDX-License-Identifier: Apache-2.0
//
// The words and exit codes that scripts rely on, tried on the program itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "platform/process/command.hpp"

namespace patchlab {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class CommandLine : public ::testing::Test {
  protected:
    process::CommandResult patchlab(std::vector<std::string> words,
                                    const std::map<std::string, std::string>& environment = {}) {
        process::CommandSpec spec;
        spec.program = PATCHLAB_PROGRAM;
        spec.args = std::move(words);
        spec.environment = {{"PATCHLAB_STATE", (folder.path() / "state").string()}};
        for (const auto& [name, value] : environment) spec.environment[name] = value;
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
    ASSERT_EQ(patchlab({"init"}).exit_code, 0);
    const auto result = patchlab({"image", "show", "lab"});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, HasSubstr("'lab'"));
    EXPECT_THAT(result.err, Not(HasSubstr("Usage")));
}

TEST_F(CommandLine, reading_makes_no_state_and_a_mistyped_folder_is_an_error) {
    for (const std::vector<std::string>& words : {std::vector<std::string>{"run", "list"},
                                                  {"audit", "verify"},
                                                  {"catalog", "verify"},
                                                  {"key", "export"},
                                                  {"approve", "r-20260101-0001"},
                                                  {"catalog", "list", "--state", "offered"}}) {
        const auto result = patchlab(words);
        EXPECT_EQ(result.exit_code, 2) << words.front();
        EXPECT_THAT(result.out, IsEmpty());
        EXPECT_THAT(result.err, HasSubstr("there is no patchlab state in "));
        EXPECT_THAT(result.err, HasSubstr("patchlab init"));
    }
    EXPECT_FALSE(fs::exists(folder.path() / "state"));
    make_folder(folder.path() / "empty", 0755);
    EXPECT_EQ(patchlab({"-C", (folder.path() / "empty").string(), "run", "list"}).exit_code, 2);
    EXPECT_TRUE(fs::is_empty(folder.path() / "empty"));
}

TEST_F(CommandLine, creates_the_state_folder_traversable_but_closed) {
    ASSERT_EQ(patchlab({"init"}).exit_code, 0);
    ASSERT_EQ(patchlab({"image", "list"}).exit_code, 0);
    struct stat info {};
    ASSERT_EQ(::stat((folder.path() / "state").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 0711U);
}

TEST_F(CommandLine, leaves_the_mode_of_a_folder_that_exists) {
    make_folder(folder.path() / "mine", 0750);
    ASSERT_EQ(patchlab({"init", "--state", (folder.path() / "mine").string()}).exit_code, 0);
    // the old name of --state-dir is still one, also where lists have a filter of that name
    const std::string mine = (folder.path() / "mine").string();
    EXPECT_EQ(patchlab({"--state", mine, "run", "list"}).exit_code, 0);
    EXPECT_EQ(patchlab({"run", "list", "--state", mine}).exit_code, 0);
    struct stat info {};
    ::stat((folder.path() / "mine").c_str(), &info);
    EXPECT_EQ(info.st_mode & 07777, 0750U);
}

TEST_F(CommandLine, a_state_folder_that_cannot_be_made_is_a_clear_failure_of_the_host) {
    const auto result = patchlab({"--state", "/proc/nowhere", "init"});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.err,
                StartsWith("patchlab: init: cannot create the state folder /proc/nowhere: "));
    EXPECT_THAT(result.err, HasSubstr("--state-dir DIR"));
}

TEST_F(CommandLine, an_error_is_a_document_where_a_document_was_asked_for) {
    const auto failed = patchlab({"run", "list", "--json"});
    EXPECT_EQ(failed.exit_code, 2);
    const Json error = parse_json(failed.err, "stderr");
    EXPECT_EQ(error.at("schema"), "patchlab/error/v1");
    EXPECT_EQ(error.at("exit"), 2);
    EXPECT_THAT(error.at("message").get<std::string>(), StartsWith("run list: "));
    EXPECT_EQ(parse_json(patchlab({"run", "lisst", "--json"}).err, "stderr").at("code"), "usage");
    EXPECT_EQ(parse_json(patchlab({"run", "show", "--json"}).err, "stderr").at("code"), "usage");
    EXPECT_EQ(parse_json(patchlab({"run", "list", "--json", "--bogus"}).err, "stderr").at("code"),
              "usage");
    EXPECT_EQ(parse_json(patchlab({"run", "list", "--bogus", "--json"}).err, "stderr").at("code"),
              "usage");
}

TEST_F(CommandLine, options_take_durations_as_definitions_do) {
    const auto result =
        patchlab({"run", "start", "--lab", "x", "--patch", "y", "--apply-deadline", "soon"});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, HasSubstr("'soon' is not a duration such as 90s, 15m, 2h or 7d"));
}

TEST_F(CommandLine, a_configuration_file_holds_what_nobody_said_otherwise) {
    const fs::path file = folder.path() / "patchlab.yaml";
    const fs::path place = folder.path() / "elsewhere";
    write_file_atomic(file, "schema: patchlab/config/v1\nstate-dir: " + place.string() + "\n");
    const std::map<std::string, std::string> configured{{"PATCHLAB_CONFIG", file.string()},
                                                        {"PATCHLAB_STATE", ""}};
    EXPECT_EQ(patchlab({"init"}, configured).exit_code, 0);
    EXPECT_TRUE(fs::exists(place / "patchlab.db"));
    EXPECT_THAT(patchlab({"config", "show", "--origin"}, configured).out,
                HasSubstr(file.string() + ":2"));
    write_file_atomic(file, "schema: patchlab/config/v1\nstate-dri: /x\n");
    const auto wrong = patchlab({"run", "list"}, configured);
    EXPECT_EQ(wrong.exit_code, 2);
    EXPECT_THAT(wrong.err, HasSubstr(file.string() + ":2: /state-dri: there is no key"));
}

TEST_F(CommandLine, every_verb_says_where_the_state_is_named_and_what_exit_codes_mean) {
    const auto help = patchlab({"run", "list", "--help"}).out;
    EXPECT_THAT(help, HasSubstr("-C DIR"));
    EXPECT_THAT(help, HasSubstr("exit codes"));
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
