// SPDX-License-Identifier: Apache-2.0
#include "platform/guest/agent_connection.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"

namespace patchlab::guest {

namespace {

std::int64_t random_id() {
    return static_cast<std::int64_t>(std::strtoull(random_hex(6).c_str(), nullptr, 16));
}

}  // namespace

bool AgentConnection::connect() {
    if (!fd_) fd_ = connect_to(socket_);
    return connected();
}

void AgentConnection::disconnect() {
    fd_.reset();
    buffer_.clear();
    searched_ = 0;
}

void AgentConnection::lose(const std::string& why) {
    disconnect();
    throw ChannelLost(why);
}

void AgentConnection::send(std::string_view bytes, const Deadline& deadline) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (!wait_for(fd_.get(), POLLOUT, deadline))
                lose("the guest agent does not take requests");
        } else if (errno != EINTR) {
            lose(std::string("the guest agent's channel is closed: ") + std::strerror(errno));
        }
    }
}

bool AgentConnection::read_line(std::string& line, const Deadline& deadline) {
    for (;;) {
        const std::size_t end = buffer_.find('\n', searched_);
        if (end != std::string::npos) {
            line = buffer_.substr(0, end);
            buffer_.erase(0, end + 1);
            searched_ = 0;
            return true;
        }
        searched_ = buffer_.size();
        if (buffer_.size() > max_answer_bytes)
            lose("the guest agent's answer is longer than 64 MiB");
        if (!wait_for(fd_.get(), POLLIN, deadline)) return false;
        char chunk[65536];
        const ssize_t got = ::recv(fd_.get(), chunk, sizeof chunk, 0);
        if (got > 0) buffer_.append(chunk, static_cast<std::size_t>(got));
        else if (got == 0) lose("the guest agent's channel was closed");
        else if (errno != EINTR && errno != EAGAIN)
            lose(std::string("the guest agent's channel failed: ") + std::strerror(errno));
    }
}

std::int64_t AgentConnection::send_sync(const Deadline& deadline) {
    const std::int64_t id = random_id();
    send(std::string(1, sync_byte) + request_line("guest-sync-delimited", {{"id", id}}), deadline);
    return id;
}

std::optional<std::int64_t> AgentConnection::sync_answered(std::string_view line) {
    // The agent sends the sync byte right before its answer: what stands before it belongs to
    // another conversation.
    const std::size_t mark = line.rfind(sync_byte);
    if (mark == std::string_view::npos) return std::nullopt;
    try {
        const AgentAnswer answer = parse_answer(line.substr(mark + 1));
        if (!answer.failed && answer.value.is_number_integer())
            return answer.value.get<std::int64_t>();
    } catch (const ChannelLost&) {
        // an old answer cut in half; ours comes later
    }
    return std::nullopt;
}

bool AgentConnection::synchronise(Seconds time) {
    const Deadline deadline(time);
    const std::int64_t id = send_sync(deadline);
    std::string line;
    while (!deadline.passed() && read_line(line, deadline))
        if (sync_answered(line) == id) return true;
    return false;
}

AgentAnswer AgentConnection::request(std::string_view command, const Json& arguments, Seconds time,
                                     Seconds doubt) {
    if (!fd_) throw ChannelLost("the guest agent is not connected");
    const Deadline deadline(time);
    send(request_line(command, arguments), deadline);
    std::string line;
    bool doubted = false;
    while (!read_line(line, Deadline(std::min<Seconds>(doubt, deadline.left())))) {
        if (deadline.passed()) lose("the guest agent did not answer " + std::string(command));
        send_sync(deadline);
        doubted = true;
    }
    if (doubted && sync_answered(line))
        lose("the guest agent answers, but not " + std::string(command) + ": it was restarted");
    // the answers to what was asked in doubt must not pass for answers to the next request
    if (doubted && !synchronise(deadline.left()))
        lose("the guest agent fell silent after its answer to " + std::string(command));
    try {
        return parse_answer(line);
    } catch (const ChannelLost& error) {
        lose(error.message());
    }
}

UniqueFd connect_to(const std::filesystem::path& socket) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = socket.string();
    if (path.size() >= sizeof address.sun_path)
        throw Error(ErrorCode::lab, "the path of a guest's socket is too long: " + path,
                    "use a state folder with a shorter path");
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd)
        throw Error(ErrorCode::lab, std::string("cannot create a socket: ") + std::strerror(errno));
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return {};
    return fd;
}

bool wait_for(int fd, short events, const Deadline& deadline) {
    for (;;) {
        pollfd item{fd, events, 0};
        const int ready = ::poll(
            &item, 1, static_cast<int>(std::min<long long>(deadline.left().count() + 1, 60'000)));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return true;
        if (deadline.passed()) return false;
    }
}

}  // namespace patchlab::guest
