// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/stages/stall_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "orchestrator/families/package_family.hpp"

namespace patchlab::pipeline {
namespace {

using families::InstallActivity;

/// As measured in a guest whose package script sleeps: the package manager looks around.
InstallActivity sleeping_at(double time) {
    return {100 + time, 4 + 0.01 * time,   632,
            2142208,    61 + 0.002 * time, 250000 + static_cast<std::uint64_t>(40 * time),
            0};
}

/// Asked every 15 s; gives the second at which it was called stalled.
std::optional<double> stalled_at(const std::function<InstallActivity(double)>& activity,
                                 double until = 900) {
    StallWatch watch(Seconds(120));
    for (double time = 0; time <= until; time += watch.interval().count())
        if (watch.look(activity(time))) return time;
    return std::nullopt;
}

TEST(StallWatch, calls_an_installation_stalled_that_did_nothing_for_the_limit) {
    EXPECT_EQ(stalled_at(sleeping_at), 120);
}

TEST(StallWatch, counts_from_the_last_thing_that_moved) {
    EXPECT_EQ(stalled_at([](double time) {
                  InstallActivity now = sleeping_at(time);
                  now.log += static_cast<std::uint64_t>(std::min(time, 300.0));
                  return now;
              }),
              300 + 120);
}

TEST(StallWatch, never_calls_a_slow_installation_stalled_that_works) {
    using Change = std::function<void(InstallActivity&, double)>;
    const std::vector<std::pair<const char*, Change>> works{
        {"its own processor time", [](auto& now, double time) { now.processor = 0.1 * time; }},
        {"its log",
         [](auto& now, double time) { now.log += static_cast<std::uint64_t>(time / 60); }},
        {"its disk",
         [](auto& now, double time) { now.moved += static_cast<std::uint64_t>(1024 * time); }},
        {"a service that it starts", [](auto& now, double time) { now.others = 0.5 * time; }},
        {"the disk of the machine",
         [](auto& now, double time) { now.sectors += static_cast<std::uint64_t>(400 * time); }},
        {"a process that waits for the processor", [](auto& now, double) { now.awake = 1; }}};
    for (const auto& [what, change] : works) {
        const auto at = stalled_at([&](double time) {
            InstallActivity now = sleeping_at(time);
            change(now, time);
            return now;
        });
        EXPECT_FALSE(at) << what;
    }
}

TEST(StallWatch, goes_by_the_guests_time_not_by_ours) {
    EXPECT_FALSE(stalled_at([](double time) { return sleeping_at(time / 20); }))
        << "the host hardly lets the guest run";
}

TEST(StallWatch, takes_what_the_guest_does_not_tell_for_unknown) {
    StallWatch watch(Seconds(120));
    for (double time = 0; time <= 900; time += 15) {
        const bool told = static_cast<int>(time) % 105 != 0;
        EXPECT_FALSE(watch.look(told ? std::optional(sleeping_at(time)) : std::nullopt)) << time;
    }
}

TEST(StallWatch, is_no_judge_of_two_looks_far_apart) {
    StallWatch watch(Seconds(120));
    EXPECT_FALSE(watch.look(sleeping_at(0)));
    EXPECT_FALSE(watch.look(sleeping_at(1000))) << "nobody looked in between";
}

TEST(InstallActivity, is_read_from_one_line_and_nothing_else) {
    const families::GuestInstaller& installer =
        families::family(families::default_family).installer();
    const auto seen =
        installer.read_activity("activity 350.17 10.429 632 2142208 61.92 255560 1\n");
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->log, 632U);
    EXPECT_EQ(seen->awake, 1);
    EXPECT_FALSE(installer.read_activity("activity 350.17 10.429\n"));
    EXPECT_FALSE(installer.read_activity("Can't locate strict.pm in @INC\n"));
}

TEST(InstallActivity, names_what_it_waits_for_in_one_plain_line) {
    const families::GuestInstaller& installer =
        families::family(families::default_family).installer();
    EXPECT_EQ(installer.read_waits("waits 'sleep 500' of acme.postinst sleeps\nwaits 'cat' reads a "
                                   "pipe\n360 /bin/sh\n"),
              "'sleep 500' of acme.postinst sleeps; 'cat' reads a pipe");
    EXPECT_EQ(installer.read_waits(""), "");
}

}  // namespace
}  // namespace patchlab::pipeline
