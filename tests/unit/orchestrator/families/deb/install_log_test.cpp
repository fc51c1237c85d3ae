// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/deb/family.hpp"

#include <gtest/gtest.h>

namespace patchlab::families::deb {
namespace {

TEST(InstallLog, tells_what_the_failing_script_said_and_what_dpkg_made_of_it) {
    EXPECT_EQ(
        failure_in(
            "Preparing to unpack .../acme_1.0_amd64.deb ...\n"
            "this system is not supported\n"
            "dpkg: error processing archive /disk/acme_1.0_amd64.deb (--unpack):\n"
            " new acme package pre-installation script subprocess returned error exit status 1\n"
            "Errors were encountered while processing:\n"
            " /disk/acme_1.0_amd64.deb\n"
            "E: Sub-process /usr/bin/dpkg returned an error code (1)\n"),
        "this system is not supported; dpkg: error processing archive /disk/acme_1.0_amd64.deb "
        "(--unpack): new acme package "
        "pre-installation script "
        "subprocess returned error exit status 1");
    EXPECT_EQ(
        failure_in("Setting up acme (1.0) ...\n"
                   "Do you accept the licence? dpkg: error processing package acme (--configure):\n"
                   " installed acme package post-installation script subprocess returned error "
                   "exit status 1\n"),
        "Do you accept the licence? dpkg: error processing package acme (--configure): installed "
        "acme package post-installation "
        "script subprocess "
        "returned error exit status 1");
}

TEST(InstallLog, tells_a_conflict_a_full_disk_and_what_is_missing) {
    EXPECT_EQ(failure_in("Unpacking acme (1.0) ...\n"
                         "dpkg: error processing archive acme.deb (--unpack):\n"
                         " trying to overwrite '/usr/bin/ssh-keygen', which is also in package "
                         "openssh-client 1:9.2p1-2+deb12u10\n"),
              "dpkg: error processing archive acme.deb (--unpack): trying to overwrite "
              "'/usr/bin/ssh-keygen', which is also in package "
              "openssh-client "
              "1:9.2p1-2+deb12u10");
    EXPECT_EQ(
        failure_in(
            "Setting up acme (1.0) ...\n"
            "dpkg: unrecoverable fatal error, aborting:\n"
            " unable to flush /var/lib/dpkg/updates/tmp.i after padding: No space left on device\n"
            "E: Sub-process /usr/bin/dpkg returned an error code (2)\n"),
        "dpkg: unrecoverable fatal error, aborting: unable to flush /var/lib/dpkg/updates/tmp.i "
        "after padding: No space left on device");
    EXPECT_EQ(failure_in("The following packages have unmet dependencies:\n"
                         " acme : Depends: acme-runtime (>= 9) but it is not installable\n"
                         "E: Unable to correct problems, you have held broken packages.\n"),
              "acme : Depends: acme-runtime (>= 9) but it is not installable; E: Unable to correct "
              "problems, you have held broken packages.");
}

TEST(InstallLog, falls_back_to_what_was_said_last) {
    EXPECT_EQ(
        failure_in(
            "Setting up acme (1.0) ...\nE: Sub-process /usr/bin/dpkg returned an error code (1)\n"),
        "E: Sub-process /usr/bin/dpkg returned an error code (1)");
    EXPECT_EQ(failure_in("Setting up acme (1.0) ...\n\n"), "Setting up acme (1.0) ...");
    EXPECT_EQ(failure_in(""), "");
    EXPECT_LT(failure_in(std::string(1U << 20U, 'x')).size(), 600U);
    EXPECT_EQ(failure_in("\x1b[31mred\n"), "\\x1b[31mred");
}

TEST(InstallLog, keeps_the_last_lines) {
    EXPECT_EQ(last_lines("one\ntwo\nthree\n", 2), "two\nthree\n");
    EXPECT_EQ(last_lines("one", 2), "one");
    EXPECT_EQ(last_lines("", 2), "");
}

}  // namespace
}  // namespace patchlab::families::deb
