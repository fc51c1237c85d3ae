// SPDX-License-Identifier: Apache-2.0
//
// One end of a Unix socket on which messages travel, and open files with them (SCM_RIGHTS). Nothing
// waits for ever: each side has so much patience for the other. Ownership: owns the socket.
// Thread safety: one thread at a time.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/service/wire/frame.hpp"
#include "platform/core/clock.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::service {

/// With one message; the kernel takes 253.
constexpr std::size_t most_files = 250;

struct Received {
    Json message;
    std::vector<UniqueFd> files;
};

class Connection {
  public:
    /// `most_in`, `most_out`: bytes of a message from, and to, the other side.
    Connection(UniqueFd socket, std::size_t most_in, std::size_t most_out);

    int fd() const { return socket_.get(); }
    UniqueFd release() { return std::move(socket_); }

    /// Error(timeout) when the other side takes nothing for so long, Error(lab) when it has gone.
    void send(const Json& message, const std::vector<int>& files = {},
              Seconds patience = Seconds(30));
    /// The next message; nullopt: the other side ended, between two messages. Error(timeout) when
    /// it is not whole after so long, Error(invalid) for what is no message, Error(lab) when it
    /// breaks off.
    std::optional<Received> receive(Seconds patience);
    /// What has come is read, without waiting; nullopt: no whole message yet.
    std::optional<Received> receive_what_is_there();
    /// The other side has ended, as far as was read.
    bool ended() const { return ended_; }

  private:
    enum class Read { something, nothing, end };
    Read read_some();
    std::optional<Received> whole();

    UniqueFd socket_;
    std::size_t most_out_;
    FrameReader reader_;
    std::vector<UniqueFd> files_;
    bool ended_ = false;
};

/// The process at the other end, as the kernel says.
struct Peer {
    uid_t uid = 0;
};
/// Error(lab).
Peer peer_of(int socket);

/// Error(usage) when the path is too long for a socket; Error(lab) with the reason of the kernel.
UniqueFd connect_to(const std::filesystem::path& path);

/// Hands a descriptor with a few bytes over a socket of type SOCK_SEQPACKET. False when the other
/// side has gone.
bool hand_over(int channel, int descriptor, std::string_view bytes);
struct HandedOver {
    UniqueFd descriptor;
    std::string bytes;
};
/// nullopt: the other side has gone, or nothing is there.
std::optional<HandedOver> take_over(int channel);

}  // namespace patchlab::service
