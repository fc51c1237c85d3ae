// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/families/rpm/family.hpp"
#include "orchestrator/families/scripts.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/process/command.hpp"

namespace patchlab::families::rpm {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(RpmInstaller, gives_packages_and_removals_as_words_of_their_own) {
    const guest::GuestCommand command = rpm_installer().begin(
        {{{"glibc:i686", "2.34-9.el9"}, {"bind", "32:9.16.23-1.el9"}}, {"gone"}, true, "disk"});
    EXPECT_THAT(command.argv, ::testing::IsSupersetOf({"begin", "disk", "glibc.i686=2.34-9.el9",
                                                       "bind=32:9.16.23-1.el9", "-gone"}));
}

TEST(RpmInstaller, knows_what_is_installed_and_what_a_transaction_that_died_left_twice) {
    const auto packages = rpm_installer().read_list(
        "bash\tx86_64\t5.1.8-6.el9\tone\t100\n"
        "kernel-core\tx86_64\t5.14.0-2.el9\tseveral\t200\n"
        "kernel-core\tx86_64\t5.14.0-1.el9\tseveral\t100\n"
        "nginx\tx86_64\t1:1.20-1.el9\tone\t100\n"
        "nginx\tx86_64\t1:1.20-2.el9\tone\t300\n"
        "no list\n");
    ASSERT_EQ(packages.size(), 3U);
    EXPECT_EQ(packages[0].version, "5.1.8-6.el9");
    EXPECT_TRUE(packages[0].whole);
    EXPECT_EQ(packages[1].version, "5.14.0-2.el9") << "the kernel that was installed last counts";
    EXPECT_TRUE(packages[1].whole);
    EXPECT_EQ(packages[2].version, "1:1.20-2.el9");
    EXPECT_FALSE(packages[2].whole);
    EXPECT_THAT(packages[2].state, HasSubstr("1:1.20-1.el9"));
}

TEST(RpmInstallLog, names_the_script_that_failed) {
    EXPECT_EQ(failure_in("Running transaction\n"
                         "  Preparing        :                                       1/1 \n"
                         "  Running scriptlet: acme-1.1-1.x86_64                     1/2 \n"
                         "no license found\n"
                         "error: %prein(acme-1.1-1.x86_64) scriptlet failed, exit status 1\n"
                         "Error in PREIN scriptlet in rpm package acme\n"
                         "  Verifying        : acme-1.1-1.x86_64                     1/2 \n"
                         "Failed:\n  acme-1.0-1.x86_64   acme-1.1-1.x86_64 \n\n"
                         "Error: Transaction failed\n"),
              "error: %prein(acme-1.1-1.x86_64) scriptlet failed, exit status 1; Error in PREIN "
              "scriptlet in rpm package acme");
}

TEST(RpmInstallLog, names_what_cannot_be_solved) {
    EXPECT_EQ(failure_in("Error: \n"
                         " Problem: conflicting requests\n"
                         "  - nothing provides libfoo.so.2()(64bit) needed by acme-2-1.x86_64\n"
                         "(try to add '--skip-broken' to skip uninstallable packages)\n"),
              "Problem: conflicting requests; - nothing provides libfoo.so.2()(64bit) needed by "
              "acme-2-1.x86_64");
    EXPECT_EQ(failure_in("No match for argument: acme-3-1.x86_64\nError: Unable to find a match: "
                         "acme-3-1.x86_64\n"),
              "No match for argument: acme-3-1.x86_64; Error: Unable to find a match: "
              "acme-3-1.x86_64");
    EXPECT_EQ(failure_in("Reading installed packages...\n"
                         "Problem: nothing provides 'libfoo' needed by the to be installed "
                         "acme-2-1.x86_64\n Solution 1: do not install acme-2-1.x86_64\n"),
              "Problem: nothing provides 'libfoo' needed by the to be installed acme-2-1.x86_64");
}

TEST(RpmInstallLog, names_files_that_two_packages_claim) {
    EXPECT_EQ(failure_in("Running transaction test\n"
                         "Error: Transaction test error:\n"
                         "  file /usr/bin/x from install of b-1-1.noarch conflicts with file from "
                         "package a-1-1.noarch\n\n"),
              "file /usr/bin/x from install of b-1-1.noarch conflicts with file from package "
              "a-1-1.noarch");
}

TEST(RpmInstallLog, names_a_script_that_ended_the_transaction_and_one_that_lua_refused) {
    EXPECT_EQ(failure_in("Running transaction\n"
                         "error: lua script failed: [string \"%pretrans(acme-1-1.noarch)\"]:1: no\n"
                         "error: acme-1-1.noarch: install failed\n"
                         "Error in PRETRANS scriptlet in rpm package acme\n"
                         "Error: Transaction failed\n"),
              "error: lua script failed: [string \"%pretrans(acme-1-1.noarch)\"]:1: no; error: "
              "acme-1-1.noarch: install failed; Error in PRETRANS scriptlet in rpm package acme");
}

TEST(RpmInstallLog, names_a_disk_that_is_too_small) {
    EXPECT_EQ(failure_in("Error: Transaction test error:\n"
                         "  installing package acme-1-1.noarch needs 2GB more space on the / "
                         "filesystem\n\nError Summary\n-------------\nDisk Requirements:\n"
                         "   At least 2048MB more space needed on the / filesystem.\n"),
              "installing package acme-1-1.noarch needs 2GB more space on the / filesystem");
}

TEST(RpmInstallLog, names_a_payload_that_does_not_unpack) {
    EXPECT_THAT(failure_in("  Installing       : acme-1-1.noarch        1/1 \n"
                           "error: unpacking of archive failed on file /usr/bin/x;65: cpio: "
                           "rename failed - Is a directory\n"
                           "error: acme-1-1.noarch: install failed\n"
                           "Error: Transaction failed\n"),
                HasSubstr("unpacking of archive failed on file /usr/bin/x"));
}

TEST(RpmInstallLog, falls_back_to_the_last_line) {
    EXPECT_EQ(failure_in("one\ntwo\n\n"), "two");
    EXPECT_EQ(failure_in(""), "");
}

/// installing.sh with played programs.
class RpmScripts : public testing::Test {
  protected:
    void play(const std::string& program, const std::string& does) {
        make_folder(folder_.path() / "bin");
        write_file_atomic(folder_.path() / "bin" / program,
                          "#!/bin/sh\nline='" + program +
                              "'\nfor word; do line=\"$line [$word]\"; done\nprintf '%s\\n' "
                              "\"$line\" >>" +
                              (folder_.path() / "calls").string() + "\n" + does + "\n",
                          0755);
    }
    process::CommandResult run(const std::string& text) {
        make_folder(folder_.path() / "bin");
        process::CommandSpec shell;
        shell.program = "/bin/sh";
        shell.args = {"-c", "dir=" + folder_.path().string() + "\n" + text};
        shell.purpose = "a script";
        shell.environment = {{"PATH", (folder_.path() / "bin").string()}};
        for (const char* tool :
             {"env", "mkdir", "cat", "sed", "sort", "head", "awk", "mawk", "rm"}) {
            const auto found = process::find_program(tool);
            std::error_code ignored;
            if (found) fs::create_symlink(*found, folder_.path() / "bin" / tool, ignored);
        }
        return process::SystemCommandRunner().run(shell);
    }
    std::string calls() const { return read_file_if_any(folder_.path() / "calls").value_or(""); }
    const std::string installing_ = script("rpm", "installing.sh");
    const TempFolder folder_{fs::temp_directory_path(), "scripts"};
};

TEST_F(RpmScripts, dnf_gets_exact_packages_of_the_disk_alone_and_rpm_the_removals) {
    play("dnf", "exit 0");
    play("rpm", "exit 0");
    EXPECT_TRUE(
        run(installing_ + "install_exactly $dir /disk bind=32:9.16-1.el9 glibc.i686=2-1 -gone")
            .ok());
    EXPECT_THAT(calls(), HasSubstr("[install] [bind-32:9.16-1.el9] [glibc-2-1.i686]\n"));
    EXPECT_THAT(calls(), HasSubstr("[--disablerepo=*] [--repofrompath=patchlab,file:///disk]"));
    EXPECT_THAT(calls(), HasSubstr("rpm [-e] [gone]\n"));
}

TEST_F(RpmScripts, what_goes_stays_when_what_comes_could_not_be_installed) {
    play("dnf", "exit 1");
    play("rpm", "exit 0");
    EXPECT_EQ(run(installing_ + "install_exactly $dir /disk aa=1-1 -gone").exit_code, 1);
    EXPECT_THAT(calls(), Not(HasSubstr("rpm [-e]")));
}

TEST_F(RpmScripts, zypper_gets_all_in_one_transaction_and_its_hints_are_no_failure) {
    play("zypper", "exit 102");
    EXPECT_TRUE(run(installing_ + "install_exactly $dir /disk aa=1-1 bb.i586=2-1 -gone").ok());
    EXPECT_THAT(calls(), HasSubstr("[install] [--oldpackage]"));
    EXPECT_THAT(calls(), HasSubstr("[aa=1-1] [bb.i586=2-1] [!gone]\n"));
    play("zypper", "exit 4");
    EXPECT_EQ(run(installing_ + "install_exactly $dir /disk aa=1-1").exit_code, 4);
}

TEST_F(RpmScripts, going_back_to_an_older_kernel_takes_the_newer_one_away) {
    play("dnf", "exit 0");
    play("rpm", R"(case $1 in -e) exit 0 ;; esac
printf '100\t5-1\tkernel-5-1.x86_64\tinstallonlypkg(kernel) \n'
printf '200\t5-2\tkernel-5-2.x86_64\tinstallonlypkg(kernel) \n')");
    EXPECT_TRUE(run(installing_ + "install_exactly $dir /disk kernel=5-1").ok());
    EXPECT_THAT(calls(), HasSubstr("rpm [-e] [kernel-5-2.x86_64]\n"));
    EXPECT_TRUE(run(installing_ + "rm $dir/calls; install_exactly $dir /disk kernel=5-2").ok());
    EXPECT_THAT(calls(), Not(HasSubstr("rpm [-e]")));
}

TEST_F(RpmScripts, a_machine_without_either_says_so) {
    const auto ended = run(installing_ + "install_exactly $dir /disk aa=1-1");
    EXPECT_EQ(ended.exit_code, 127);
    EXPECT_THAT(ended.err, HasSubstr("neither dnf nor zypper"));
}

TEST_F(RpmScripts, failed_scripts_are_found_in_the_log_and_packages_that_are_there_twice) {
    write_file_atomic(folder_.path() / "log",
                      "warning: %post(acme-1.1-1.noarch) scriptlet failed, exit status 3\n"
                      "Error in POSTIN scriptlet in rpm package acme\n"
                      "warning: %post(acme-1.1-1.noarch) scriptlet failed, exit status 3\n");
    EXPECT_EQ(run(installing_ + "failed_scripts $dir/log").out,
              "%post(acme-1.1-1.noarch) scriptlet failed, exit status 3\n");
    write_file_atomic(folder_.path() / "log",
                      "error: lua script failed: [string \"%post(lua-2.0-1.noarch)\"]:1: no\n"
                      "Error in POSTIN scriptlet in rpm package lua\n");
    EXPECT_EQ(run(installing_ + "failed_scripts $dir/log").out,
              "the POSTIN script of lua failed\n");
    write_file_atomic(folder_.path() / "log",
                      "warning: %posttrans(acme-1.1-1.noarch) scriptlet failed, exit status 1\n"
                      "warning: %triggerin(other-1-1.noarch) scriptlet failed, exit status 4\n"
                      "warning: %transfiletriggerin(libs-1-1.noarch) scriptlet failed, signal 9\n"
                      "warning: %postun(acme-1.0-1.noarch) scriptlet failed, exit status 1\n");
    EXPECT_EQ(run(installing_ + "failed_scripts $dir/log").out,
              "%posttrans(acme-1.1-1.noarch) scriptlet failed, exit status 1\n"
              "%postun(acme-1.0-1.noarch) scriptlet failed, exit status 1\n"
              "%transfiletriggerin(libs-1-1.noarch) scriptlet failed, signal 9\n"
              "%triggerin(other-1-1.noarch) scriptlet failed, exit status 4\n");
    play("rpm", R"(printf 'aa.noarch\t1-1\tx \nkernel.x86_64\t1-1\tinstallonlypkg(kernel) \n'
printf 'kernel.x86_64\t2-1\tinstallonlypkg(kernel) \naa.noarch\t1-2\tx \n')");
    EXPECT_EQ(run(installing_ + "twice_installed").out, "aa.noarch 1-1 1-2\n");
}

}  // namespace
}  // namespace patchlab::families::rpm
