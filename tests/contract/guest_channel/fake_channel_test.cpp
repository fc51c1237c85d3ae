// SPDX-License-Identifier: Apache-2.0
//
// The played guest follows its played machine as a real one does. (The same behaviours of a real
// guest: tests/live/virt.)
#include <gtest/gtest.h>

#include "platform/core/files.hpp"
#include "platform/guest/fake_channel.hpp"
#include "platform/virt/fake_hypervisor.hpp"

namespace patchlab::guest {
namespace {

class fake_channel : public testing::Test {
  protected:
    fake_channel() : folder_("/tmp", "fake-channel") {
        spec_.name = "web";
        spec_.disk = folder_.path() / "disk";
        spec_.serial_log = folder_.path() / "log";
        spec_.agent_socket = folder_.path() / "agent";
        write_file_atomic(spec_.disk, "");
        hypervisor_.start(spec_);
        channel_ = open_fake(spec_.agent_socket, guest_);
    }
    GuestCommand command() const {
        GuestCommand command;
        command.argv = {"/bin/true"};
        command.deadline = Seconds(0.05);
        return command;
    }

    TempFolder folder_;
    virt::MachineSpec spec_;
    virt::FakeHypervisor hypervisor_;
    std::shared_ptr<FakeGuest> guest_ = std::make_shared<FakeGuest>();
    std::unique_ptr<GuestChannel> channel_;
};

TEST_F(fake_channel, answers_through_its_handler_and_caps_the_output) {
    guest_->handler = [](const GuestCommand& given) {
        return GuestResult{3, 0, false, false, given.input + given.input, ""};
    };
    GuestCommand long_words = command();
    long_words.input = "words";
    long_words.max_output = 7;
    const GuestResult result = channel_->run(long_words);
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_EQ(result.out, "wordswo");
    EXPECT_TRUE(result.truncated);
}

TEST_F(fake_channel, is_lost_when_its_machine_ends_even_in_the_middle_of_a_command) {
    guest_->handler = [&](const GuestCommand&) {
        hypervisor_.crash("web");
        return GuestResult{};
    };
    EXPECT_THROW(channel_->run(command()), ChannelLost);
    hypervisor_.destroy("web");
    EXPECT_THROW(channel_->wait_until_ready(Seconds(0.02)), ChannelLost);
}

TEST_F(fake_channel, is_silent_while_its_machine_is_paused_or_hangs) {
    hypervisor_.pause("web");
    EXPECT_THROW(channel_->run(command()), ChannelLost);
    hypervisor_.resume("web");
    EXPECT_NO_THROW(channel_->run(command()));
    hypervisor_.hang("web");
    EXPECT_THROW(channel_->run(command()), ChannelLost);
}

TEST_F(fake_channel, runs_nothing_while_frozen) {
    channel_->freeze();
    EXPECT_THROW(channel_->run(command()), ChannelLost);
    channel_->thaw();
    EXPECT_NO_THROW(channel_->run(command()));
}

TEST_F(fake_channel, overruns_falls_silent_and_fills_up_when_told_to) {
    guest_->mood = FakeMood::hangs;
    EXPECT_TRUE(channel_->run(command()).timed_out);
    guest_->mood = FakeMood::disk_full;
    EXPECT_NE(channel_->run(command()).err.find("No space left"), std::string::npos);
    guest_->mood = FakeMood::silent;
    EXPECT_THROW(channel_->run(command()), ChannelLost);
}

TEST_F(fake_channel, shows_another_boot_id_after_a_reboot) {
    const std::string before = look_at_fake_machine(spec_.agent_socket)->boot;
    hypervisor_.reboot("web");
    EXPECT_NE(look_at_fake_machine(spec_.agent_socket)->boot, before);
}

}  // namespace
}  // namespace patchlab::guest
