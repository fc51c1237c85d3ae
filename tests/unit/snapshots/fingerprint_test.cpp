// SPDX-License-Identifier: Apache-2.0
#include "snapshots/fingerprint.hpp"

#include <gtest/gtest.h>

namespace patchlab::snapshots {
namespace {

TEST(Fingerprint, is_the_same_for_the_same_event_at_another_time) {
    EXPECT_EQ(fingerprint("nginx[812]: worker 813 died at 0x7f00aa"),
              fingerprint("nginx[9]: worker 10 died at 0xdeadbeef"));
    EXPECT_EQ(fingerprint("2026-11-23 06:10:00.123 10.0.0.5 gone"),
              fingerprint("2027-01-02 16:11:59.9 192.168.7.1 gone"));
    EXPECT_EQ(fingerprint("invocation 3f2a9c1b4d5e6f708192a3b4c5d6e7f8"),
              fingerprint("invocation 00112233445566778899aabbccddeeff0"));
    EXPECT_EQ(fingerprint("id 2e414870-9d15-4b15-9b34-f7f3d7692bf7"),
              fingerprint("id 11111111-9d15-4b15-ab34-f7f3d7692bf8"));
}

TEST(Fingerprint, keeps_apart_what_differs_in_words) {
    EXPECT_NE(fingerprint("nginx[1]: emerg"), fingerprint("sshd[1]: emerg"));
    EXPECT_NE(fingerprint("cannot open /etc/a"), fingerprint("cannot open /etc/b"));
    EXPECT_NE(path_fingerprint("/var/log/a/x1"), path_fingerprint("/var/log/b/x1"));
}

TEST(Fingerprint, takes_names_apart_only_where_names_change_by_themselves) {
    EXPECT_EQ(
        path_fingerprint("/var/log/journal/0123456789abcdef0123456789abcdef/system@1.journal"),
        path_fingerprint("/var/log/journal/fedcba9876543210fedcba9876543210/system@22.journal"));
    EXPECT_EQ(
        path_fingerprint(
            "/var/tmp/systemd-private-0123456789abcdef0123456789abcdef-nginx.service-a1B2c3"),
        path_fingerprint(
            "/var/tmp/systemd-private-fedcba9876543210fedcba9876543211-nginx.service-Zz9Yx8"));
    EXPECT_NE(path_fingerprint("/usr/bin/x1"), path_fingerprint("/usr/bin/x2"));
    EXPECT_NE(path_fingerprint("/etc/cron.d/job1"), path_fingerprint("/etc/cron.d/job2"));
}

}  // namespace
}  // namespace patchlab::snapshots
