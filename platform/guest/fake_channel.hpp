// SPDX-License-Identifier: Apache-2.0
//
// A channel into a guest that is only played (`fake` backend). What the guest answers is a
// function; how it behaves is a mood. It follows its fake machine through the file at the socket's
// path (see virt/fake_hypervisor.hpp): no file or an ended machine means a lost channel, a paused
// or hanging machine is silent. Ownership: the channel shares its FakeGuest with whoever tells the
// guest how to behave. Thread safety: FakeGuest full; the channel as GuestChannel.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "platform/guest/channel.hpp"

namespace patchlab::guest {

enum class FakeMood {
    answers,   ///< the handler decides
    silent,    ///< every use loses the channel
    hangs,     ///< commands run until their deadline and are killed there
    disk_full  ///< every command fails for want of space
};

struct FakeGuest {
    /// Answers one command; without it every command succeeds with empty output. It may throw
    /// ChannelLost.
    std::function<GuestResult(const GuestCommand&)> handler;
    std::atomic<FakeMood> mood{FakeMood::answers};
    std::atomic<bool> frozen{
        false};  ///< survives a checkpoint, as a real guest's frozen filesystems do
    std::atomic<int> commands{0};  ///< how many were run
    /// Nanoseconds since 1970 that set_time() was last given; 0: never.
    std::atomic<long long> clock{0};
};

/// What the fake machine behind `socket` is; nullopt when there is none.
struct FakeMachineView {
    std::string machine;
    std::string boot;   ///< its boot id
    std::string state;  ///< "running", "paused", …
    std::string disk;
};
std::optional<FakeMachineView> look_at_fake_machine(const std::filesystem::path& socket);

/// `socket` empty: a guest without a machine, always there.
std::unique_ptr<GuestChannel> open_fake(const std::filesystem::path& socket,
                                        std::shared_ptr<FakeGuest> guest);

}  // namespace patchlab::guest
