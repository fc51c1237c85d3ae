// SPDX-License-Identifier: Apache-2.0
#include "snapshots/shape.hpp"

#include <gtest/gtest.h>

namespace patchlab::snapshots {
namespace {

TEST(Shape, is_the_same_for_the_same_event_at_another_time) {
    EXPECT_EQ(shape("nginx[812]: worker 813 died at 0x7f00aa"),
              shape("nginx[9]: worker 10 died at 0xdeadbeef"));
    EXPECT_EQ(shape("2026-11-23 06:10:00.123 10.0.0.5 gone"),
              shape("2027-01-02 16:11:59.9 192.168.7.1 gone"));
    EXPECT_EQ(shape("invocation 3f2a9c1b4d5e6f708192a3b4c5d6e7f8"),
              shape("invocation 00112233445566778899aabbccddeeff0"));
    EXPECT_EQ(shape("id 2e414870-9d15-4b15-9b34-f7f3d7692bf7"),
              shape("id 11111111-9d15-4b15-ab34-f7f3d7692bf8"));
}

TEST(Shape, keeps_apart_what_differs_in_words) {
    EXPECT_NE(shape("nginx[1]: emerg"), shape("sshd[1]: emerg"));
    EXPECT_NE(shape("cannot open /etc/a"), shape("cannot open /etc/b"));
    EXPECT_NE(path_shape("/var/log/a/x1"), path_shape("/var/log/b/x1"));
}

TEST(Shape, takes_names_apart_only_where_names_change_by_themselves) {
    EXPECT_EQ(path_shape("/var/log/journal/0123456789abcdef0123456789abcdef/system@1.journal"),
              path_shape("/var/log/journal/fedcba9876543210fedcba9876543210/system@22.journal"));
    EXPECT_EQ(
        path_shape(
            "/var/tmp/systemd-private-0123456789abcdef0123456789abcdef-nginx.service-a1B2c3"),
        path_shape(
            "/var/tmp/systemd-private-fedcba9876543210fedcba9876543211-nginx.service-Zz9Yx8"));
    EXPECT_NE(path_shape("/usr/bin/x1"), path_shape("/usr/bin/x2"));
    EXPECT_NE(path_shape("/etc/cron.d/job1"), path_shape("/etc/cron.d/job2"));
}

}  // namespace
}  // namespace patchlab::snapshots
