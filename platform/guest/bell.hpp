// SPDX-License-Identifier: Apache-2.0
//
// The guest agent has no event for the end of a command, and each time it is asked it writes to its
// journal: ten questions a second keep an emulated machine as busy as a small service. So a command
// rings when it has ended, on a virtio port of its own (docs/adr/0015). The bell only says when to
// ask; what became of the command is the agent's to tell, and a guest that never rings is asked
// often. Thread safety: one thread at a time.
#pragma once

#include <filesystem>

#include "platform/guest/agent_connection.hpp"
#include "platform/guest/channel.hpp"

namespace patchlab::guest {

/// `command`, which rings once it has ended; where the guest has no such port, it just runs. What
/// it prints, its exit code and the signal that killed it stay its own.
GuestCommand ringing(GuestCommand command);

class Bell {
  public:
    /// `socket`: where QEMU offers the port.
    explicit Bell(std::filesystem::path socket) : socket_(std::move(socket)) {}

    /// Forgets what rang before; connects when not connected. False when nobody is behind the
    /// socket: nothing may ring then, since the guest would wait for a listener.
    bool listen();
    /// Waits until it rings, at most for `time`; false when it did not.
    bool wait(Seconds time);

  private:
    bool drain();  ///< whether there was anything

    std::filesystem::path socket_;
    UniqueFd fd_;
};

}  // namespace patchlab::guest
