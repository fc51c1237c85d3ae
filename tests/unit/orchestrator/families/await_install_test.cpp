// SPDX-License-Identifier: Apache-2.0
//
// The script that waits for an installation, run by this machine's own shell on a folder of the
// test's.
#include <gtest/gtest.h>
#include <unistd.h>

#include "orchestrator/families/scripts.hpp"
#include "platform/core/files.hpp"
#include "platform/process/command.hpp"

namespace patchlab::families {
namespace {

class AwaitInstall : public testing::Test {
  protected:
    /// What it prints when it does not wait.
    std::string output() { return output("", {{"n=0", "n=20"}}); }
    /// What it prints after the lines `before` in the same shell.
    std::string output(const std::string& before,
                       std::vector<std::pair<std::string, std::string>> changes = {}) {
        std::string text = before + script("await_install.sh");
        changes.emplace_back("dir=/run/patchlab", "dir=" + folder_.path().string());
        for (const auto& [from, to] : changes) text.replace(text.find(from), from.size(), to);
        process::CommandSpec shell;
        shell.program = "/bin/sh";
        shell.args = {"-c", text};
        shell.purpose = "looking after the installation";
        return process::SystemCommandRunner().run(shell).out;
    }
    void put(const std::string& file, const std::string& text) {
        write_file_atomic(folder_.path() / file, text);
    }
    void goes_on() { put("install.pid", std::to_string(::getpid()) + "\n"); }

    const TempFolder folder_{fs::temp_directory_path(), "await"};
};

bool ends_with_answer(const std::string& out, const std::string& answer) {
    return out == answer || out.ends_with("\n" + answer);
}

TEST_F(AwaitInstall, answers_in_a_line_of_its_own_whatever_the_log_ends_with) {
    goes_on();
    for (const std::string& log :
         {std::string("Unpacking acme ...\n"), std::string("Licence key: "),
          std::string(200'000, '#'), std::string()}) {
        put("install.log", log);
        const std::string out = output();
        EXPECT_TRUE(ends_with_answer(out, "running\n")) << out.substr(0, 200);
        EXPECT_LT(out.size(), 1000U);
        EXPECT_TRUE(out.starts_with(log.substr(0, 13))) << out.substr(0, 200);
    }
}

TEST_F(AwaitInstall, tells_the_exit_code_and_a_shell_that_is_gone) {
    put("install.pid", "999999999\n");
    EXPECT_EQ(output(), "gone\n");
    put("install.exit", "\n");
    EXPECT_EQ(output(), "gone\n") << "only its place is kept";
    put("install.exit", "100\n");
    EXPECT_EQ(output(), "ended 100\n");
}

TEST_F(AwaitInstall, waits_for_the_end_of_the_shell_whatever_became_of_the_programs_that_wait) {
    const std::string in = folder_.path().string() + "/install.";
    const std::string installation =
        "{ sh -c 'echo $$ >" + in + "pid; sleep 0.5; echo 7 >" + in + "exit' & } >/dev/null 2>&1\n";
    EXPECT_EQ(output(installation), "ended 7\n");
    for (const char* file : {"pid", "exit"}) fs::remove(in + file);
    EXPECT_EQ(output("timeout() { return 127; }\n" + installation), "ended 7\n");
}

}  // namespace
}  // namespace patchlab::families
