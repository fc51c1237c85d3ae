// SPDX-License-Identifier: Apache-2.0
//
// Nobody waits for what will not come: a machine whose console says that it has stopped, an
// installation that stands still.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/program.hpp"

namespace patchlab::tests {
namespace {

using testing::HasSubstr;

Json play_of(const Json& more) {
    Json base{{"packages", {{"hello", "1.0"}, {"other", "5"}}}};
    base.update(more);
    return base;
}

long trials_of(const Json& run) {
    const Json& stages = run.at("stages");
    return std::count_if(stages.begin(), stages.end(),
                         [](const Json& stage) { return stage.at("name") == "apply"; });
}

std::string text_of(const Json& reason) { return reason.at("detail").get<std::string>(); }

TEST(DeadWaiting, a_kernel_that_panics_at_two_starts_rejects_within_seconds_and_one_trial) {
    PlayedLab lab;
    lab.play(play_of({{"console_after_reboot",
                       "[    2.79] Kernel panic - not syncing: VFS: Unable to mount root fs"}}));
    const Stopwatch watch;
    EXPECT_EQ(lab.rehearse().exit_code, 1);
    EXPECT_LT(watch.seconds(), 60);
    const Json run = lab.newest();
    const Json& reason = run.at("reasons").at(0);
    EXPECT_EQ(reason.at("kind"), "did-not-boot");
    EXPECT_THAT(text_of(reason), HasSubstr("Unable to mount root fs"));
    EXPECT_THAT(text_of(reason), HasSubstr("at two starts from the same disk"));
    EXPECT_EQ(trials_of(run), 1);
}

TEST(DeadWaiting, an_installation_that_stands_still_rejects_and_says_what_it_waits_for) {
    PlayedLab lab;
    lab.play(play_of({{"install_stalls", true}}));
    EXPECT_EQ(lab.rehearse({}, {"--no-endure", "--stall-after", "2s"}).exit_code, 1);
    const Json run = lab.newest();
    const Json& reason = run.at("reasons").at(0);
    EXPECT_EQ(reason.at("kind"), "apply-stalled");
    EXPECT_THAT(text_of(reason), HasSubstr("'sleep infinity' of hello.postinst sleeps"));
    EXPECT_EQ(run.at("reasons").at(1).at("kind"), "apply-timeout");
}

TEST(DeadWaiting, an_installation_that_says_nothing_and_works_is_waited_for) {
    PlayedLab lab;
    lab.play(play_of({{"install_seconds", 5}}));
    EXPECT_EQ(lab.rehearse({}, {"--no-endure", "--no-drill", "--stall-after", "1s"}).exit_code, 0);
}

}  // namespace
}  // namespace patchlab::tests
