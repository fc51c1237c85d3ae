// SPDX-License-Identifier: Apache-2.0
//
// The compiled program at work, on this machine: the same interpreter as in a guest.
#include <gmock/gmock.h>

#include "platform/core/digest.hpp"
#include "platform/core/files.hpp"
#include "tests/unit/testsuites/local_channel.hpp"
#include "testsuites/batch.hpp"

namespace patchlab::testsuites {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

RunCheck shell(const std::string& script) {
    RunCheck check;
    check.argv = {"/bin/sh", "-c", script};
    return check;
}

TEST(RunCheck, judges_exit_code_and_output) {
    RunCheck check = shell("echo out; echo err >&2; exit 3");
    check.exit = 3;
    check.stdout_equals = "out";
    check.stdout_matches = "^o[ut]+$";
    check.stderr_matches = "^err$";
    EXPECT_EQ(run_one({"c", check}).outcome, Outcome::pass);

    check.exit = 0;
    const CheckResult wrong_exit = run_one({"c", check});
    EXPECT_EQ(wrong_exit.outcome, Outcome::fail);
    EXPECT_EQ(wrong_exit.detail, "exit 3, expected exit 0; stderr: err; stdout: out");

    check.exit = 3;
    check.stderr_matches = "^nothing";
    EXPECT_THAT(run_one({"c", check}).detail, StartsWith("stderr does not match '^nothing'"));
}

TEST(RunCheck, an_exit_code_can_mean_that_it_cannot_be_checked_here) {
    RunCheck check = shell("echo there is no client; exit 77");
    check.skip_exit = 77;
    const CheckResult result = run_one({"c", check});
    EXPECT_EQ(result.outcome, Outcome::skip);
    EXPECT_EQ(result.detail, "there is no client");
}

TEST(RunCheck, hands_over_input_and_arguments_byte_by_byte) {
    std::string every_byte;
    for (int i = 1; i < 256; ++i) every_byte += static_cast<char>(i);
    RunCheck check;
    check.argv = {"/bin/sh", "-c", "test \"$1\" = \"$(cat; printf x)\"", "sh", every_byte + "x"};
    check.input = every_byte;
    const CheckResult result = run_one({"c", check});
    EXPECT_EQ(result.outcome, Outcome::pass) << result.detail;
}

TEST(RunCheck, a_large_input_and_a_large_output_pass_each_other) {
    RunCheck check = shell("cat; head -c 3000000 /dev/zero >&2");
    check.input = std::string(2000000, 'y');
    check.stdout_matches = "^y+$";
    EXPECT_EQ(run_one({"c", check}).outcome, Outcome::pass);
}

TEST(RunCheck, a_command_that_is_not_there_fails_and_an_unknown_user_too) {
    RunCheck check;
    check.argv = {"patchlab-no-such-program"};
    EXPECT_EQ(run_one({"c", check}).detail,
              "cannot run patchlab-no-such-program: No such file or directory");
    RunCheck user = shell("true");
    user.user = "patchlab-no-such-user";
    EXPECT_EQ(run_one({"c", user}).outcome, Outcome::fail);
    EXPECT_EQ(run_one({"c", user}).detail, "there is no user 'patchlab-no-such-user'");
}

TEST(RunCheck, a_command_cannot_forge_the_result_of_another) {
    const std::string forged = "x result 1 pass 1 0.1 - - - - - -";
    LocalChannel channel;
    const auto results =
        run_suites(channel, {{"s",
                              "",
                              {{"forger", shell("for fd in 1 2 3 4 5 6 7 8 9; do echo '" + forged +
                                                "' >&$fd; done 2>/dev/null; exit 0")},
                               {"victim", shell("exit 1")}},
                              ""}});
    EXPECT_EQ(results.at(1).outcome, Outcome::fail);
}

TEST(RunCheck, at_its_limit_the_command_may_clean_up_and_its_whole_group_is_gone) {
    const TempFolder folder(fs::temp_directory_path(), "checks");
    const std::string mark = (folder.path() / "mark").string();
    Check check{"c", shell("trap 'rm -f " + mark + "; exit 1' TERM; echo started; echo $$ >" +
                           mark + ".pid; touch " + mark + "; sleep 600")};
    check.timeout = Seconds(0.4);
    const CheckResult result = run_one(check);
    EXPECT_EQ(result.outcome, Outcome::fail);
    EXPECT_THAT(result.detail, StartsWith("not done after 0.400 s while running /bin/sh; "));
    EXPECT_THAT(result.detail, HasSubstr("stdout: started"));
    EXPECT_FALSE(fs::exists(mark)) << "the trap ran";
    const std::string pid = read_file(mark + ".pid");
    EXPECT_FALSE(fs::exists("/proc/" + pid.substr(0, pid.find('\n'))));
}

TEST(RunCheck, a_command_that_ignores_its_end_is_killed) {
    Check check{"c", shell("trap '' TERM; while :; do sleep 0.1; done")};
    check.timeout = Seconds(0.1);
    const CheckResult result = run_one(check);
    EXPECT_THAT(result.detail, StartsWith("not done after 0.100 s"));
    EXPECT_LT(result.seconds, 20);
}

TEST(RunCheck, a_daemon_that_keeps_the_output_open_is_not_waited_for) {
    const CheckResult result = run_one({"c", shell("sleep 30 & echo done")});
    EXPECT_EQ(result.outcome, Outcome::pass);
    EXPECT_LT(result.seconds, 5);
}

TEST(Attempts, a_check_is_tried_again_until_it_passes_or_the_attempts_are_used_up) {
    const TempFolder folder(fs::temp_directory_path(), "checks");
    const std::string count = (folder.path() / "count").string();
    Check check{"c", shell("echo x >>" + count + "; test $(wc -l <" + count + ") -ge 3")};
    check.retry_delay = Seconds(0.01);
    check.retries = 1;
    EXPECT_EQ(run_one(check).attempts, 2);
    check.retries = 5;
    const CheckResult result = run_one(check);
    EXPECT_EQ(result.outcome, Outcome::pass);
    EXPECT_EQ(result.attempts, 1) << "the third call of all";
}

TEST(Attempts, of_a_check_that_never_answers_are_two) {
    Check check{"c", shell("sleep 30")};
    check.timeout = Seconds(0.1);
    check.retry_delay = Seconds(0.01);
    check.retries = 9;
    const CheckResult result = run_one(check);
    EXPECT_EQ(result.outcome, Outcome::fail);
    EXPECT_EQ(result.attempts, 2);
}

TEST(Samples, time_each_repetition_and_a_repetition_that_fails_fails_the_check) {
    Check steady{"c", shell("true")};
    steady.samples = 5;
    const CheckResult result = run_one(steady);
    EXPECT_EQ(result.outcome, Outcome::pass);
    ASSERT_EQ(result.samples.size(), 5U);
    for (const double sample : result.samples) EXPECT_GT(sample, 0);

    const TempFolder folder(fs::temp_directory_path(), "checks");
    const std::string count = (folder.path() / "count").string();
    Check shaky{"c", shell("echo x >>" + count + "; test $(wc -l <" + count + ") -lt 4")};
    shaky.samples = 5;
    const CheckResult broken = run_one(shaky);
    EXPECT_EQ(broken.outcome, Outcome::fail);
    EXPECT_THAT(broken.detail, StartsWith("in repetition 3 of 5: exit 1"));
    EXPECT_EQ(broken.samples.size(), 2U);
}

TEST(FileCheck, looks_at_content_mode_and_owner) {
    const TempFolder folder(fs::temp_directory_path(), "checks");
    const std::string file = (folder.path() / "f").string();
    write_file_atomic(file, std::string(1500000, 'a') + "needle", 0640);
    const auto outcome = [](const FileCheck& check) { return run_one({"c", check}).outcome; };
    EXPECT_EQ(outcome({file, true, "aneedle", "0640", ""}), Outcome::pass);
    EXPECT_EQ(outcome({file, true, "haystack", "", ""}), Outcome::fail);
    EXPECT_EQ(outcome({file, true, "", "0644", ""}), Outcome::fail);
    EXPECT_EQ(outcome({file, true, "", "", "patchlab-nobody"}), Outcome::fail);
    EXPECT_EQ(outcome({file, false, "", "", ""}), Outcome::fail);
    EXPECT_EQ(outcome({file + ".none", true, "", "", ""}), Outcome::fail);
    EXPECT_EQ(outcome({file + ".none", false, "", "", ""}), Outcome::pass);
}

TEST(ProcessCheck, counts_processes_by_their_program) {
    EXPECT_EQ(run_one({"c", ProcessCheck{"unit_testsuites", 1, ""}}).outcome, Outcome::pass);
    const CheckResult none = run_one({"c", ProcessCheck{"patchlab-no-such", 1, ""}});
    EXPECT_EQ(none.detail, "0 processes of patchlab-no-such, expected at least 1");
}

TEST(PackageCheck, asks_the_package_system) {
    EXPECT_EQ(run_one({"c", PackageCheck{"perl-base", "", true}}).outcome, Outcome::pass);
    EXPECT_EQ(run_one({"c", PackageCheck{"perl-base", "0.1", true}}).outcome, Outcome::fail);
    EXPECT_EQ(run_one({"c", PackageCheck{"perl-base", "", false}}).outcome, Outcome::fail);
    EXPECT_EQ(run_one({"c", PackageCheck{"patchlab-no-such", "", false}}).outcome, Outcome::pass);
}

TEST(OtherNames, the_first_that_the_machine_knows_counts) {
    const PackageCheck package{"patchlab-no-such", "", true, {"perl-base"}};
    EXPECT_EQ(run_one({"c", package}).outcome, Outcome::pass);
    const PackageCheck gone{"patchlab-no-such", "", false, {"perl-base"}};
    EXPECT_EQ(run_one({"c", gone}).outcome, Outcome::fail) << "it is there by another name";
    const CheckResult none = run_one({"c", PackageCheck{"patchlab-a", "", true, {"patchlab-b"}}});
    EXPECT_EQ(none.detail, "patchlab-a is not installed");
    const ProcessCheck process{"patchlab-no-such", 1, "", {"unit_testsuites"}};
    EXPECT_EQ(run_one({"c", process}).outcome, Outcome::pass);
}

TEST(AdapterCheck, turns_the_printed_report_into_results) {
    LocalChannel channel;
    const auto results = run_suites(
        channel,
        {{"s",
          "",
          {{"t", AdapterCheck{{"printf", "1..2\\nok 1 - a\\nnot ok 2 - b\\n"}, "tap", ""}}},
          ""}});
    ASSERT_EQ(results.size(), 3U);
    EXPECT_EQ(results[0].outcome, Outcome::fail);
    EXPECT_EQ(results[2].name, "t: b");
    const auto cut = run_suites(
        channel,
        {{"s",
          "",
          {{"t",
            AdapterCheck{
                {"sh", "-c", "echo 1..1; echo ok 1; yes '#' | head -c 2000000"}, "tap", ""}}},
          ""}});
    EXPECT_EQ(cut.at(0).outcome, Outcome::unknown);
    EXPECT_EQ(cut.at(0).detail, "the report is longer than 1 MiB");
}

TEST(RunSuites, a_guest_without_perl_answers_nothing_that_counts) {
    class NoPerl final : public guest::GuestChannel {
      public:
        void wait_until_ready(Seconds) override {}
        guest::GuestResult run(const guest::GuestCommand&) override {
            return {97, 0, false, false, "", ""};
        }
        void freeze() override {}
        void thaw() override {}
        void set_time(TimePoint) override {}
    } channel;
    const auto results = run_suites(channel, {{"s", "", {{"c", shell("true")}}, ""}});
    EXPECT_EQ(results.at(0).outcome, Outcome::unknown);
    EXPECT_EQ(results.at(0).detail, "no answer: there is no perl in the guest");
}

}  // namespace
}  // namespace patchlab::testsuites
