// SPDX-License-Identifier: Apache-2.0
//
// The channel through the QEMU guest agent: our own client on the unix socket of the agent's
// virtio-serial port.
//
// What a caller should know: every command is a child of the agent and lives in the agent's cgroup
// (qemu-guest-agent.service), so a patch that restarts the agent's unit kills the commands that
// run; start what must survive with `systemd-run`. A guest that reboots drops the commands that run
// (ChannelLost); afterwards wait_until_ready() synchronises again, and a changed boot id tells that
// it did reboot. One round trip costs 5 to 30 ms, so one script beats twenty commands. Ownership:
// the channel owns its connection; QEMU accepts one at a time. Thread safety: one thread at a time.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "platform/guest/channel.hpp"

namespace patchlab::guest {

struct AgentOptions {
    Seconds silence{30};  ///< an agent that says nothing for so long is lost
    Seconds doubt{1};  ///< after so long without an answer it is asked whether it is still the same
    /// Commands and their children find their programs at the same addresses each time (`setarch
    /// -R`), where the guest can do that. For an emulator that translates a program again for each
    /// address it is found at (docs/adr/0014).
    bool same_addresses = false;
    /// Where QEMU offers the port on which a command rings when it has ended (bell.hpp). Without it
    /// the agent is asked again and again.
    std::optional<std::filesystem::path> bell = std::nullopt;
};

/// Does not connect yet: call wait_until_ready() first (any other call does it with the silence
/// limit).
std::unique_ptr<GuestChannel> open_agent(const std::filesystem::path& socket,
                                         const AgentOptions& options = {});

}  // namespace patchlab::guest
