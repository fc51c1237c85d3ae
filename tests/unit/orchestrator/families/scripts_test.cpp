// SPDX-License-Identifier: Apache-2.0
//
// The scripts that install and restart, run by this machine's own shell with played programs in a
// folder of the test's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/families/scripts.hpp"
#include "platform/core/clock.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/process/command.hpp"

namespace patchlab::families {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string with(std::string text, const std::string& from, const std::string& to) {
    EXPECT_NE(text.find(from), std::string::npos) << from;
    return text.replace(text.find(from), from.size(), to);
}

class Scripts : public testing::Test {
  protected:
    Scripts() {
        make_folder(bin());
        for (const char* program : {"udevadm", "mount", "systemctl", "apt-mark"}) play(program, "");
        // what a unit runs begins at the shell
        play("systemd-run", "while [ \"$1\" != /bin/sh ]; do shift; done; exec \"$@\"");
        play("apt-get", "echo \"$DEBIAN_FRONTEND\" >>" + at("calls") + "; exit 7");
    }
    std::string at(const std::string& file) const { return (folder_.path() / file).string(); }
    fs::path bin() const { return folder_.path() / "bin"; }
    /// Each call is noted, a word in brackets each.
    void play(const std::string& program, const std::string& does) {
        // one write a line: several may be called at the same time
        write_file_atomic(bin() / program,
                          "#!/bin/sh\nline='" + program +
                              "'\nfor word; do line=\"$line [$word]\"; done\n"
                              "printf '%s\\n' \"$line\" >>" +
                              at("calls") + "\n" + does + "\n",
                          0755);
    }
    process::CommandResult run(const std::string& script, const std::vector<std::string>& words,
                               const std::string& input = {}) {
        process::CommandSpec shell;
        shell.program = "/bin/sh";
        shell.purpose = "a script";
        shell.args = {"-c", script, "sh"};
        shell.args.insert(shell.args.end(), words.begin(), words.end());
        shell.environment = {{"PATH", bin().string() + ":/usr/bin:/bin"}};
        shell.input = input;
        return process::SystemCommandRunner().run(shell);
    }
    /// install.sh as the lab starts it, with our own folder for the guest's.
    process::CommandResult install(const std::string& serial, const std::string& option) {
        std::string text =
            with(script("deb", "install.sh"), "dir=/run/patchlab", "dir=" + at("run"));
        text = with(text, "/dev/disk/by-id/", at(""));
        return run(script("keep_and_run.sh"),
                   {at("run/install.sh"), "begin", serial, option, "acme=1:2~rc1", "old-"}, text);
    }
    std::string calls() const { return read_file(at("calls")); }

    const TempFolder folder_{fs::temp_directory_path(), "scripts"};
};

TEST_F(Scripts, an_installation_gets_the_exact_packages_as_words_and_leaves_apts_exit_code) {
    write_file_atomic(at("virtio-disk"), "");
    const auto ended = install("disk", "--allow-downgrades");
    EXPECT_TRUE(ended.ok()) << ended.err;
    EXPECT_THAT(calls(),
                HasSubstr("[--allow-downgrades] [install] [acme=1:2~rc1] [old-]\nnoninter"));
    EXPECT_THAT(calls(), HasSubstr("apt-mark [showhold] [acme] [old]\n"));
    EXPECT_THAT(calls(), HasSubstr("[Dpkg::Options::=--force-confold]"));
    EXPECT_EQ(read_file(at("run/install.exit")), "7\n");
}

TEST_F(Scripts, an_installation_without_an_option_has_no_empty_word_for_it) {
    write_file_atomic(at("virtio-disk"), "");
    EXPECT_TRUE(install("disk", "").ok());
    EXPECT_THAT(calls(), HasSubstr("/disk/repo/Packages] [--allow-change-held-packages] [install] "
                                   "[acme=1:2~rc1]"));
}

TEST_F(Scripts, an_installation_that_says_too_much_keeps_the_head_and_the_tail_of_it_and_goes_on) {
    write_file_atomic(at("virtio-disk"), "");
    play("apt-get",
         "echo first; yes 'unpacking model data' | head -c 8000000; echo; echo last; exit 4");
    EXPECT_TRUE(install("disk", "").ok());
    EXPECT_EQ(read_file(at("run/install.exit")), "4\n");
    const std::string log = read_file(at("run/install.log"));
    EXPECT_LT(log.size(), 3'300'000U);
    EXPECT_TRUE(log.starts_with("first\n"));
    EXPECT_TRUE(log.ends_with("last\n")) << log.substr(log.size() - 100);
    EXPECT_THAT(log, HasSubstr("bytes of output are left out here"));
}

TEST_F(Scripts, an_installation_whose_log_fits_has_all_of_it) {
    write_file_atomic(at("virtio-disk"), "");
    play("apt-get", "seq 1 20000; echo wrong >&2");
    EXPECT_TRUE(install("disk", "").ok());
    const std::string log = read_file(at("run/install.log"));
    EXPECT_THAT(log, HasSubstr("\n19999\n20000\nwrong\n"));
    EXPECT_THAT(log, Not(HasSubstr("left out")));
}

TEST_F(Scripts, an_installation_ends_though_what_it_left_running_still_holds_its_log_open) {
    write_file_atomic(at("virtio-disk"), "");
    play("apt-get", "sleep 20 & echo $! >" + at("left") + "; exit 0");
    const Stopwatch watch;
    EXPECT_TRUE(install("disk", "").ok());
    EXPECT_EQ(read_file(at("run/install.exit")), "0\n");
    EXPECT_LT(watch.seconds(), 15);
    run("kill \"$(cat \"$1\")\"", {at("left")});
}

TEST_F(Scripts, an_installation_keeps_what_was_on_hold_so) {
    write_file_atomic(at("virtio-disk"), "");
    play("apt-mark", "case $1 in showhold) echo acme ;; esac");
    EXPECT_TRUE(install("disk", "").ok());
    EXPECT_THAT(calls(), HasSubstr("apt-mark [hold] [acme]\n"));
}

TEST_F(Scripts, what_a_package_system_complains_of_is_told_and_a_sound_one_says_nothing) {
    const std::string complaints =
        with(script("deb", "complaints.sh"), "dir=/run/patchlab/complaints", "dir=" + at("c"));
    play("dpkg", "");
    play("apt-get", "echo Reading package lists...");
    EXPECT_EQ(run(complaints, {}).out, "");
    play("apt-get",
         "echo 'Reading package lists...'; echo 'The following packages have unmet dependencies:';"
         "echo ' acme : Depends: libgone but it is not installed';"
         "echo 'E: Unmet dependencies.' >&2; exit 100");
    const auto ill = run(complaints, {});
    EXPECT_TRUE(ill.ok());
    EXPECT_EQ(ill.out,
              " acme : Depends: libgone but it is not installed\nE: Unmet dependencies.\n");
    EXPECT_FALSE(fs::exists(at("c"))) << "nothing is left behind";
}

TEST_F(Scripts, an_installation_whose_disk_does_not_appear_says_so_and_starts_nothing) {
    const auto ended = install("disk", "");
    EXPECT_EQ(ended.exit_code, 101);
    EXPECT_THAT(ended.err, HasSubstr("did not appear"));
    EXPECT_THAT(calls(), Not(HasSubstr("apt-get")));
}

TEST_F(Scripts, what_was_marked_before_an_installation_is_marked_so_again) {
    play("apt-mark", "case $1 in showauto) echo lib1; echo lib2 ;; showhold) echo held ;; esac");
    const auto ended =
        run(script("deb", "installing.sh") + "remember_marks lib1 lib2 held\nrestore_marks", {});
    EXPECT_TRUE(ended.ok()) << ended.err;
    EXPECT_THAT(calls(), HasSubstr("apt-mark [auto] [lib1] [lib2]\napt-mark [hold] [held]\n"));
}

TEST_F(Scripts, only_the_services_that_do_not_come_back_are_named) {
    play("systemctl", "[ \"$2\" != bad.service ]");
    const auto ended = run(script("restart_units.sh"),
                           {"daemon-reload", "good.service", "bad.service", "a\\x2db.service"});
    EXPECT_EQ(ended.out, "bad.service\n");
    EXPECT_THAT(calls(), HasSubstr("systemctl [daemon-reload]\n"));
    EXPECT_THAT(calls(), HasSubstr("systemctl [try-restart] [a\\x2db.service]\n"));
}

TEST_F(Scripts, a_service_managers_units_are_read_again_only_when_that_is_asked_for) {
    EXPECT_TRUE(run(script("restart_units.sh"), {"as-it-is", "good.service"}).ok());
    EXPECT_EQ(calls(), "systemctl [try-restart] [good.service]\n");
}

TEST_F(Scripts, a_hosts_job_does_what_was_ordered_or_leaves_the_reason_why_not) {
    const std::string host =
        with(script("deb", "host.sh"), "base=/var/lib/patchlab-host", "base=" + at("base"));
    play("dpkg", "echo amd64");
    play("dpkg-query", "");
    const std::vector<std::string> job{"job", "order=abc", "want=acme amd64 1.2 0 acme.deb"};
    const auto leaves = [&](const std::string& apt, const std::string& why) {
        fs::remove_all(at("base"));
        make_folder(at("base/abc"));
        play("apt-get", apt);
        EXPECT_TRUE(run(with(host, "PATH=/usr", "PATH=" + bin().string() + ":/usr"), job).ok());
        EXPECT_TRUE(fs::exists(at("base/abc/exit")));
        EXPECT_THAT(read_file(at("base/abc/why")), HasSubstr(why));
    };
    leaves("echo 'E: no such thing'; exit 100", "apt cannot do it: E: no such thing");
    leaves("echo 'Remv nginx [1.0]'", "apt would also remove nginx");
    leaves(
        "case \"$*\" in *--simulate*) echo 'Inst acme [1.1] (1.2 x [amd64])' ;; *) exit 3 ;; esac",
        "apt-get failed with exit 3");
    EXPECT_THAT(calls(), HasSubstr("[--allow-change-held-packages] [install] [./acme.deb]"));
    EXPECT_THAT(read_file(at("base/history")), HasSubstr("abc begin acme=1.2"));
}

TEST_F(Scripts, a_host_refuses_words_that_are_none_of_its_own) {
    for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
             {"look"}, {"look", "order=../../etc"}, {"look", "order=abc", "PATH=/tmp"}})
        EXPECT_EQ(run(script("deb", "host.sh"), words).exit_code, 2) << words.back();
}

TEST(ScriptNames, of_a_script_that_there_is_not_is_an_error_of_our_own) {
    EXPECT_THROW(script("none.sh"), Error);
    EXPECT_THROW(script("deb", "none.sh"), Error);
    EXPECT_THROW(script("msi", "install.sh"), Error);
}

}  // namespace
}  // namespace patchlab::families
