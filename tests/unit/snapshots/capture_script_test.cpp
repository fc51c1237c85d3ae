// SPDX-License-Identifier: Apache-2.0
//
// The capture script against this very machine (Debian has perl-base everywhere), through a channel
// that runs it locally.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "platform/process/command.hpp"
#include "snapshots/capture.hpp"

namespace patchlab::snapshots {
namespace {

class LocalChannel final : public guest::GuestChannel {
  public:
    explicit LocalChannel(std::string spoil = {}) : spoil_(std::move(spoil)) {}
    void wait_until_ready(Seconds) override {}
    void freeze() override {}
    void thaw() override {}
    void set_time(TimePoint) override {}

    guest::GuestResult run(const guest::GuestCommand& command) override {
        process::CommandSpec spec;
        spec.program = command.argv.front();
        spec.args.assign(command.argv.begin() + 1, command.argv.end());
        spec.purpose = "capturing this machine";
        spec.input = command.input + spoil_;
        spec.environment = {{"LC_ALL", "C"}};
        const process::CommandResult ran = process::SystemCommandRunner().run(spec);
        guest::GuestResult result;
        result.out = ran.out;
        result.exit_code = ran.exit_code;
        return result;
    }

  private:
    std::string spoil_;
};

TEST(CaptureScript, reads_this_machine) {
    LocalChannel channel;
    const Capture capture = capture_live(channel);
    EXPECT_FALSE(capture.kernel.empty());
    EXPECT_FALSE(capture.boot_id.empty());
    EXPECT_TRUE(capture.facts.at(ChangeClass::user).contains("root"));
    EXPECT_TRUE(capture.facts.at(ChangeClass::sysctl).contains("kernel.ostype"));
    EXPECT_FALSE(capture.facts.at(ChangeClass::mount).empty());
    EXPECT_TRUE(capture.facts.at(ChangeClass::network).contains("lo: interface"));
    for (const ChangeClass cls : live_classes())
        EXPECT_TRUE(capture.facts.contains(cls) != capture.unreadable.contains(cls)) << name(cls);
}

/// On which terms the processes of this program run that have `mark` among theirs; other tests may
/// run beside this one.
std::vector<std::string> populations_with(const Capture& capture, const std::string& mark) {
    const std::string program =
        std::filesystem::read_symlink("/proc/self/exe").string() + ": terms";
    std::vector<std::string> found;
    for (const auto& [subject, terms] : capture.facts.at(ChangeClass::process)) {
        if (!subject.ends_with(program)) continue;
        for (std::size_t at = 0; at < terms.size(); at += 3) {
            const std::size_t end = std::min(terms.find(" | ", at), terms.size());
            if (terms.substr(at, end - at).find(mark) != std::string::npos)
                found.push_back(terms.substr(at, end - at));
            at = end;
        }
    }
    return found;
}

TEST(CaptureScript, tells_on_which_terms_a_process_runs_when_they_are_unusual) {
    const rlim_t files = 1000;
    const pid_t child = fork();
    if (child == 0) {
        const rlimit limit{files, files};
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && setrlimit(RLIMIT_NOFILE, &limit) == 0 &&
            setpriority(PRIO_PROCESS, 0, 19) == 0)
            pause();
        _exit(1);
    }
    ASSERT_GT(child, 0);
    while (getpriority(PRIO_PROCESS, static_cast<id_t>(child)) != 19)
        ASSERT_EQ(waitpid(child, nullptr, WNOHANG), 0);
    LocalChannel channel;
    const Capture capture = capture_live(channel);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    const std::vector<std::string> found = populations_with(capture, "nice 19");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_THAT(found[0], ::testing::HasSubstr("nice 19"));
    EXPECT_THAT(found[0], ::testing::HasSubstr("open files 1000"));
    EXPECT_THAT(found[0], ::testing::HasSubstr("no new privileges"));
}

void set_oom_score(int score) { std::ofstream("/proc/self/oom_score_adj") << score; }

TEST(CaptureScript, takes_a_worker_that_the_out_of_memory_killer_may_end_for_its_daemon) {
    rlimit usual{};
    getrlimit(RLIMIT_FSIZE, &usual);
    const rlim_t own = (rlim_t{1} << 50) + static_cast<rlim_t>(getpid());
    const rlimit marked{own, usual.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &marked), 0);
    set_oom_score(300);
    int ready[2];
    ASSERT_EQ(pipe(ready), 0);
    const pid_t worker = fork();
    if (worker == 0) {
        set_oom_score(0);
        _exit(write(ready[1], "x", 1) == 1 && pause() == 0);
    }
    char byte;
    ASSERT_EQ(read(ready[0], &byte, 1), 1);
    LocalChannel channel;
    const Capture capture = capture_live(channel);
    kill(worker, SIGKILL);
    waitpid(worker, nullptr, 0);
    set_oom_score(0);
    setrlimit(RLIMIT_FSIZE, &usual);
    EXPECT_THAT(populations_with(capture, std::to_string(own)),
                ::testing::ElementsAre(::testing::HasSubstr("out-of-memory score 300")));
}

TEST(CaptureScript, reads_the_settings_that_lie_in_sys) {
    LocalChannel channel;
    const Capture capture = capture_live(channel);
    const auto& settings = capture.facts.at(ChangeClass::sysctl);
    const auto in_sys = std::count_if(settings.begin(), settings.end(), [](const auto& fact) {
        return fact.first.starts_with("/sys/module/");
    });
    EXPECT_GT(in_sys, 0);
}

TEST(CaptureScript, never_carries_a_password_hash_out_of_the_machine_as_it_is) {
    LocalChannel channel;
    const Capture capture = capture_live(channel);
    const auto users = capture.facts.find(ChangeClass::user);
    if (users == capture.facts.end()) GTEST_SKIP() << "needs root to read the accounts";
    for (const auto& [subject, value] : users->second)
        EXPECT_EQ(value.find('$'), std::string::npos) << subject;
}

TEST(CaptureScript, that_dies_leaves_every_class_unreadable_with_the_reason) {
    LocalChannel channel("\nthis is not perl at all {");
    const Capture capture = capture_live(channel);
    EXPECT_EQ(capture.unreadable.size(), live_classes().size());
    EXPECT_TRUE(capture.facts.empty());
    EXPECT_NE(capture.unreadable.at(ChangeClass::port).find("the capture script ended with"),
              std::string::npos);
}

}  // namespace
}  // namespace patchlab::snapshots
