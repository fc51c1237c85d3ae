// SPDX-License-Identifier: Apache-2.0
//
// What a person sees of a guest that wants to be seen otherwise: the program's output in a real
// terminal (tmux).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <thread>

#include "tests/support/program.hpp"

namespace patchlab::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Clears the screen, goes home, and writes a line like one of patchlab's own.
const std::string hostile =
    "2.0\x1b[2J\x1b[H\rverdict  validated\x1b[8m\nverdict  validated\n\xc2\x9b"
    "31m\u202etxt\x7f";

/// A terminal of 100 columns with one command in it.
class Terminal {
  public:
    explicit Terminal(const fs::path& folder) : folder_(folder) {}
    ~Terminal() { tmux({"kill-server"}); }

    /// The lines on the screen after the command has ended.
    std::vector<std::string> show(const std::vector<std::string>& command,
                                  const std::string& height = "200") {
        // a server of its own: one that is about to end would take the next session along
        socket_ = (folder_ / ("tmux" + std::to_string(++shown_))).string();
        std::vector<std::string> words{"new-session", "-d", "-x", "100",  "-y",
                                       height,        "sh", "-c", script, "sh"};
        words.insert(words.end(), command.begin(), command.end());
        EXPECT_EQ(tmux(words).exit_code, 0);
        const Deadline deadline(Seconds(30));
        std::string screen;
        while (screen.find(end_mark) == std::string::npos && !deadline.passed()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
            screen = tmux({"capture-pane", "-p"}).out;
        }
        tmux({"kill-server"});
        std::vector<std::string> lines;
        std::istringstream in(screen);
        for (std::string line; std::getline(in, line);) lines.push_back(line);
        return lines;
    }

  private:
    process::CommandResult tmux(std::vector<std::string> words) {
        process::CommandSpec command;
        command.program = "tmux";
        command.args = {"-S", socket_, "-f", "/dev/null", "-u"};
        command.args.insert(command.args.end(), words.begin(), words.end());
        command.environment = {
            {"LANG", "C.UTF-8"}, {"TERM", "xterm-256color"}, {"PAGER", "sed s/^/paged:/"}};
        command.purpose = "asking tmux";
        return process::SystemCommandRunner().run(command);
    }

    static constexpr const char* end_mark = "-- that was all --";
    static constexpr const char* script = "\"$@\"; echo '-- that was all --'; exec sleep 60";
    fs::path folder_;
    std::string socket_;
    int shown_ = 0;
};

class HostileText : public testing::Test {
  protected:
    HostileText() {
        lab_.play({{"packages", {{"hello", "1.0"}}},
                   {"installs", {{"hello", hostile}}},
                   {"changes_file", "/etc/" + hostile}});
        EXPECT_EQ(lab_.rehearse().exit_code, 1);
    }
    std::vector<std::string> show(std::vector<std::string> words) {
        words.insert(words.begin(), {PATCHLAB_PROGRAM, "-C", lab_.state().string()});
        return Terminal(folder_.path()).show(words);
    }
    void expect_no_forged_verdict(const std::vector<std::string>& screen,
                                  const std::string& command) {
        std::string all;
        for (const std::string& line : screen) {
            EXPECT_FALSE(line.starts_with("verdict  validated")) << command;
            all += line + "\n";
        }
        EXPECT_THAT(all, Not(HasSubstr("\x1b"))) << command;
    }

    PlayedLab lab_;
    TempFolder folder_{fs::temp_directory_path(), "terminal"};
};

TEST_F(HostileText, draws_no_verdict_on_the_terminal_of_a_rejected_run) {
    const std::vector<std::string> screen = show({"run", "show", "@last"});
    EXPECT_THAT(screen, testing::Contains("verdict  rejected"));
    std::string all;
    for (const std::string& line : screen) all += line;
    EXPECT_THAT(all, HasSubstr("2.0")) << "the version is told";
    for (const std::vector<std::string>& words : {std::vector<std::string>{"run", "show", "@last"},
                                                  {"diff", "@last"},
                                                  {"run", "log", "@last"},
                                                  {"run", "list"},
                                                  {"run", "show", "@last", "--json"},
                                                  {"diff", "@last", "-o", "yaml"},
                                                  {"policy", "explain", "@last"},
                                                  {"report", "@last", "--format", "junit"}})
        expect_no_forged_verdict(show(words), words[0] + " " + words[1]);
}

TEST_F(HostileText, of_an_argument_is_spelled_out_in_the_error) {
    const process::CommandResult result = lab_.run({"run", "show", "x\x1b[2J\nverdict  validated"});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, HasSubstr("x⟨U+001B⟩[2J⏎verdict  validated"));
    EXPECT_THAT(result.err, Not(HasSubstr("\x1b")));
}

TEST_F(HostileText, in_json_is_escaped_and_reads_back_as_it_was) {
    const process::CommandResult shown = lab_.run({"run", "show", "@last", "--json"});
    for (const char* raw : {"\x1b", "\x7f", "\xc2\x9b", "\u202e"})
        EXPECT_THAT(shown.out, Not(HasSubstr(raw)));
    EXPECT_EQ(parse_json(shown.out, "run").at("verdict"), "rejected");
}

TEST(TerminalTable, fits_a_terminal_and_is_whole_on_a_pipe) {
    PlayedLab lab;
    ASSERT_EQ(lab.rehearse().exit_code, 0);
    const TempFolder folder(fs::temp_directory_path(), "terminal");
    const std::vector<std::string> words{PATCHLAB_PROGRAM, "-C", lab.state().string(), "audit",
                                         "list"};
    for (const std::string& line : Terminal(folder.path()).show(words))
        EXPECT_FALSE(line.starts_with("{")) << "no raw JSON in a cell";
    EXPECT_THAT(lab.run({"audit", "list"}).out, Not(HasSubstr("…")));
}

TEST(Pager, shows_what_is_longer_than_the_screen_and_nothing_else) {
    PlayedLab lab;
    ASSERT_EQ(lab.rehearse().exit_code, 0);
    const TempFolder folder(fs::temp_directory_path(), "terminal");
    const auto show = [&](std::vector<std::string> words, const char* height) {
        words.insert(words.begin(), {PATCHLAB_PROGRAM, "-C", lab.state().string()});
        std::string all;
        for (const std::string& line : Terminal(folder.path()).show(words, height))
            all += line + "\n";
        return all;
    };
    EXPECT_THAT(show({"run", "show", "@last", "--json"}, "10"), HasSubstr("paged:"));
    EXPECT_THAT(show({"run", "list"}, "10"), Not(HasSubstr("paged:")));
    EXPECT_THAT(show({"run", "show", "@last", "--json", "--no-pager"}, "10"),
                Not(HasSubstr("paged:")));
    EXPECT_THAT(lab.run({"run", "show", "@last", "--json"}, {{"PAGER", "false"}}).out,
                testing::StartsWith("{"))
        << "a pipe has no pager";
}

TEST(Colours, are_as_asked_for_and_never_on_a_pipe_by_themselves) {
    PlayedLab lab;
    ASSERT_EQ(lab.rehearse().exit_code, 0);
    EXPECT_THAT(lab.run({"run", "list"}).out, Not(HasSubstr("\x1b[")));
    EXPECT_THAT(lab.run({"run", "list", "--color=always"}).out, HasSubstr("\x1b[32mvalidated"));
    EXPECT_EQ(lab.run({"run", "list", "--color=perhaps"}).exit_code, 2);
}

}  // namespace
}  // namespace patchlab::tests
