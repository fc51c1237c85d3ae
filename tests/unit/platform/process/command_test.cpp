// SPDX-License-Identifier: Apache-2.0
#include "platform/process/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::process {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

CommandSpec shell(const std::string& script) {
    CommandSpec spec;
    spec.program = "sh";
    spec.args = {"-c", script};
    spec.purpose = "testing";
    spec.deadline = Seconds(20);
    return spec;
}

bool alive(pid_t pid) {
    // a zombie that waits for its new parent counts as gone
    const auto stat = read_file_if_any("/proc/" + std::to_string(pid) + "/stat");
    return stat && stat->find(") Z ") == std::string::npos;
}

bool ends_within(pid_t pid, Seconds time) {
    for (const Deadline end(time); !end.passed();)
        if (!alive(pid)) return true;
    return !alive(pid);
}

TEST(SystemCommandRunner, keeps_both_streams_and_the_exit_code_apart) {
    const CommandResult result = SystemCommandRunner().run(shell("echo out; echo err >&2; exit 7"));
    EXPECT_EQ(result.exit_code, 7);
    EXPECT_EQ(result.out, "out\n");
    EXPECT_EQ(result.err, "err\n");
    EXPECT_FALSE(result.ok());
}

TEST(SystemCommandRunner, feeds_more_than_a_pipe_holds_while_both_streams_are_full) {
    CommandSpec spec = shell("tee /dev/stderr");
    spec.input.assign(3U << 20, 'x');
    const CommandResult result = SystemCommandRunner().run(spec);
    EXPECT_EQ(result.out, spec.input);
    EXPECT_EQ(result.err, spec.input);
}

TEST(SystemCommandRunner, is_not_hurt_by_a_command_that_does_not_read_its_input) {
    CommandSpec spec = shell("exec 0<&-; exit 0");
    spec.input.assign(1U << 20, 'x');
    EXPECT_TRUE(SystemCommandRunner().run(spec).ok());
}

TEST(SystemCommandRunner, gives_an_empty_input_when_there_is_none) {
    EXPECT_EQ(SystemCommandRunner().run(shell("cat; echo end")).out, "end\n");
}

TEST(SystemCommandRunner, drops_what_exceeds_the_cap_and_says_so) {
    CommandSpec spec = shell("head -c 500000 /dev/zero; echo done >&2");
    spec.max_output = 1000;
    const CommandResult result = SystemCommandRunner().run(spec);
    EXPECT_TRUE(result.ok());
    EXPECT_TRUE(result.truncated);
    EXPECT_EQ(result.out.size(), 1000U);
    EXPECT_EQ(result.err, "done\n");
}

TEST(SystemCommandRunner, kills_the_whole_group_at_the_deadline) {
    CommandSpec spec = shell("sleep 1000 & echo $!; wait");
    spec.deadline = Seconds(0.2);
    const CommandResult result = SystemCommandRunner().run(spec);
    EXPECT_TRUE(result.timed_out);
    EXPECT_EQ(result.exit_code, -1);
    EXPECT_LT(result.seconds, 5);
    EXPECT_TRUE(ends_within(std::stoi(result.out), Seconds(5)));
}

TEST(SystemCommandRunner, kills_a_command_that_ignores_sigterm_and_closed_its_streams) {
    CommandSpec spec = shell("trap '' TERM HUP INT; exec >&- 2>&-; sleep 1000");
    spec.deadline = Seconds(0.2);
    EXPECT_TRUE(SystemCommandRunner().run(spec).timed_out);
}

TEST(SystemCommandRunner, does_not_wait_for_a_helper_that_keeps_the_pipes_open) {
    CommandSpec spec = shell("sleep 1000 & echo $!; exit 3");
    spec.deadline = Seconds(600);
    const CommandResult result = SystemCommandRunner().run(spec);
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_FALSE(result.timed_out);
    EXPECT_LT(result.seconds, 10);
    EXPECT_TRUE(ends_within(std::stoi(result.out), Seconds(5)));
}

TEST(SystemCommandRunner, reports_the_signal_that_ended_a_command) {
    const CommandResult result = SystemCommandRunner().run(shell("kill -SEGV $$"));
    EXPECT_EQ(result.signal, SIGSEGV);
    EXPECT_EQ(result.exit_code, -1);
}

TEST(SystemCommandRunner, hands_on_each_line_also_of_progress_bars_and_the_unfinished_last) {
    CommandSpec spec = shell("printf 'one\\ntwo\\r\\n\\nthree'");
    std::vector<std::string> lines;
    spec.on_output_line = [&](std::string_view line) { lines.emplace_back(line); };
    SystemCommandRunner().run(spec);
    EXPECT_THAT(lines, ElementsAre("one", "two", "", "", "three"));
}

TEST(SystemCommandRunner, ends_the_command_when_the_caller_throws) {
    CommandSpec spec = shell("echo $$; exec sleep 1000");
    pid_t pid = 0;
    spec.on_output_line = [&](std::string_view line) {
        pid = std::stoi(std::string(line));
        throw Error(ErrorCode::lab, "no more");
    };
    EXPECT_THROW(SystemCommandRunner().run(spec), Error);
    EXPECT_FALSE(alive(pid));
}

TEST(SystemCommandRunner, gives_no_descriptor_of_ours_to_the_child) {
    const int leaky =
        ::dup(STDOUT_FILENO);  // made without close-on-exec, as a careless library does
    const CommandResult result = SystemCommandRunner().run(shell("ls /proc/self/fd | wc -l"));
    ::close(leaky);
    EXPECT_EQ(std::stoi(result.out), 4);  // 0, 1, 2 and the folder that ls itself has open
}

TEST(SystemCommandRunner, starts_commands_with_the_signals_a_shell_would_give) {
    const auto before = std::signal(SIGPIPE, SIG_IGN);
    const CommandResult result = SystemCommandRunner().run(shell("kill -PIPE $$; echo survived"));
    std::signal(SIGPIPE, before);
    EXPECT_EQ(result.signal, SIGPIPE);
}

TEST(SystemCommandRunner, adds_and_overrides_the_environment_and_sets_the_folder) {
    ::setenv("PATCHLAB_TEST_A", "old", 1);
    ::setenv("PATCHLAB_TEST_B", "kept", 1);
    CommandSpec spec = shell("echo $PATCHLAB_TEST_A $PATCHLAB_TEST_B $(pwd)");
    spec.environment = {{"PATCHLAB_TEST_A", "new"}};
    spec.folder = "/";
    EXPECT_EQ(SystemCommandRunner().run(spec).out, "new kept /\n");
}

TEST(SystemCommandRunner, passes_arguments_as_they_are) {
    CommandSpec spec;
    spec.program = "printf";
    spec.args = {"%s|", "$(id)", "a b", "", "'\"\n"};
    EXPECT_EQ(SystemCommandRunner().run(spec).out, "$(id)|a b||'\"\n|");
}

TEST(SystemCommandRunner, names_the_purpose_the_program_and_the_package_when_it_is_missing) {
    const char* path = std::getenv("PATH");
    const std::string saved = path ? path : "";
    ::setenv("PATH", "/nowhere", 1);
    CommandSpec spec;
    spec.program = "mmdebstrap";
    spec.purpose = "building image 'web'";
    try {
        SystemCommandRunner().run(spec);
        ADD_FAILURE() << "started";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::lab);
        EXPECT_STREQ(error.what(),
                     "building image 'web': there is no program 'mmdebstrap' on this host");
        EXPECT_EQ(error.advice(), "install the Debian package mmdebstrap");
    }
    ::setenv("PATH", saved.c_str(), 1);
}

TEST(SystemCommandRunner, reports_a_program_the_kernel_refuses) {
    const TempFolder folder(fs::temp_directory_path(), "patchlab-test");
    write_file_atomic(folder.path() / "tool",
                      "\x7f"
                      "ELFnot really",
                      0755);
    CommandSpec spec;
    spec.program = (folder.path() / "tool").string();
    spec.purpose = "testing";
    EXPECT_THROW(SystemCommandRunner().run(spec), Error);
}

TEST(SystemCommandRunner, may_be_used_by_many_threads_at_once) {
    SystemCommandRunner runner;
    std::vector<std::string> outputs(24);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < outputs.size(); ++i)
        threads.emplace_back(
            [&, i] { outputs[i] = runner.run(shell("echo " + std::to_string(i))).out; });
    for (std::thread& thread : threads) thread.join();
    for (std::size_t i = 0; i < outputs.size(); ++i)
        EXPECT_EQ(outputs[i], std::to_string(i) + "\n");
}

TEST(RunningCommands, are_ended_on_request_so_that_ctrl_c_leaves_nothing) {
    CommandSpec spec = shell("echo $$; exec sleep 1000");
    spec.on_output_line = [](std::string_view) { kill_running_commands(); };
    const CommandResult result = SystemCommandRunner().run(spec);
    EXPECT_EQ(result.signal, SIGKILL);
    EXPECT_LT(result.seconds, 10);
}

TEST(CommandRunner, require_says_what_was_tried_and_what_the_tool_said_last) {
    CommandSpec spec = shell(
        "echo first >&2; echo noise >&2; echo 'cannot open disk' >&2; echo \"it is locked\" >&2; "
        "exit 1");
    spec.purpose = "creating the overlay of machine 'web'";
    try {
        SystemCommandRunner().require(spec);
        ADD_FAILURE() << "no error";
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(),
                     "creating the overlay of machine 'web': sh failed with exit 1: noise / cannot "
                     "open disk / it is locked");
    }
}

TEST(CommandRunner, require_lets_no_control_sequence_of_a_tool_through) {
    try {
        SystemCommandRunner().require(shell("printf '\\033[31mred\\033[0m' >&2; exit 1"));
        ADD_FAILURE() << "no error";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), AllOf(HasSubstr("red"), Not(HasSubstr("\033"))));
    }
}

TEST(CommandRunner, require_tells_a_timeout_from_a_failure) {
    CommandSpec spec = shell("sleep 1000");
    spec.deadline = Seconds(0.1);
    try {
        SystemCommandRunner().require(spec);
        ADD_FAILURE() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::timeout);
        EXPECT_STREQ(error.what(), "testing: sh did not end within 0.1 s");
    }
}

TEST(FindProgram, looks_in_the_sbin_folders_too_and_never_in_the_current_one) {
    const char* path = std::getenv("PATH");
    const std::string saved = path ? path : "";
    ::setenv("PATH", "::/usr/bin", 1);
    EXPECT_TRUE(find_program("ldconfig"));
    EXPECT_FALSE(find_program("no-such-program-at-all"));
    EXPECT_FALSE(find_program("/proc/self/status"));  // a file, but not a program
    ::setenv("PATH", saved.c_str(), 1);
}

}  // namespace
}  // namespace patchlab::process
