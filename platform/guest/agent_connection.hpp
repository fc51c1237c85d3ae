// SPDX-License-Identifier: Apache-2.0
//
// The unix socket on which a guest agent answers: lines with deadlines, and the handshake that
// throws away whatever is left in the channel from before (a restored clone finds the half-read
// words of another life there). Thread safety: one thread at a time.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "platform/core/clock.hpp"
#include "platform/core/files.hpp"
#include "platform/guest/agent_protocol.hpp"

namespace patchlab::guest {

class AgentConnection {
  public:
    explicit AgentConnection(std::filesystem::path socket) : socket_(std::move(socket)) {}

    /// Connects when not connected; false when there is nobody behind the socket yet.
    bool connect();
    void disconnect();
    bool connected() const { return static_cast<bool>(fd_); }

    /// Sends a sync request with a random id and drops everything until its answer. False when that
    /// does not come in time.
    bool synchronise(Seconds deadline);

    /// Sends one request and reads its answer. ChannelLost when the socket closes, the agent is
    /// silent until the deadline, or says something else; the connection is then closed, so that
    /// the next use synchronises afresh. After each `doubt` without an answer a sync request
    /// follows. The agent answers in order, so an answer to that one alone proves that the request
    /// went down with an agent that was restarted (by a reboot, by a patch): no need to wait for
    /// the deadline.
    AgentAnswer request(std::string_view command, const Json& arguments, Seconds deadline,
                        Seconds doubt);

  private:
    void send(std::string_view bytes, const Deadline& deadline);
    /// The next line without its newline; false at the deadline.
    bool read_line(std::string& line, const Deadline& deadline);
    std::int64_t send_sync(const Deadline& deadline);
    /// The id that this line answers, if it is an answer to a sync request.
    static std::optional<std::int64_t> sync_answered(std::string_view line);
    [[noreturn]] void lose(const std::string& why);

    std::filesystem::path socket_;
    UniqueFd fd_;
    std::string buffer_;
    std::size_t searched_ = 0;  ///< bytes of buffer_ known to hold no newline
};

// The client's side of the unix sockets that QEMU offers for a guest's ports. Thread safety:
// functions only.

/// A non-blocking connection; an empty descriptor when there is nobody behind the socket (yet).
/// Error(lab) when the path is too long.
UniqueFd connect_to(const std::filesystem::path& socket);

/// Waits for `events` (poll.h); false at the deadline. True for an error, too: the read or write
/// that follows reports it.
bool wait_for(int fd, short events, const Deadline& deadline);

}  // namespace patchlab::guest
