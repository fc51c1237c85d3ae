// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/wire/connection.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "platform/core/error.hpp"

namespace patchlab::service {

namespace {

constexpr std::size_t piece = 64U << 10;

/// Room for the most descriptors that a message may bring.
union Rights {
    cmsghdr aligned;
    std::array<char, CMSG_SPACE(most_files * sizeof(int))> bytes;
};

std::string why() { return std::strerror(errno); }

/// True when the socket is ready for `events` within `patience`.
bool wait_for(int socket, short events, Seconds patience) {
    pollfd one{socket, events, 0};
    const Stopwatch watch;
    for (;;) {
        const double left = patience.count() - watch.seconds();
        const int got = ::poll(&one, 1, left <= 0 ? 0 : static_cast<int>(left * 1000) + 1);
        if (got > 0) return true;
        if (got == 0 || errno != EINTR) return false;
        if (left <= 0) return false;
    }
}

msghdr head_of(iovec& bytes) {
    msghdr head{};
    head.msg_iov = &bytes;
    head.msg_iovlen = 1;
    return head;
}

/// For what comes: descriptors too, into `room`.
msghdr head_of(iovec& bytes, Rights& room) {
    msghdr head = head_of(bytes);
    head.msg_control = room.bytes.data();
    head.msg_controllen = sizeof room.bytes;
    return head;
}

void attach(msghdr& head, Rights& room, const std::vector<int>& files) {
    if (files.empty()) return;
    head.msg_control = room.bytes.data();
    head.msg_controllen = CMSG_SPACE(files.size() * sizeof(int));
    cmsghdr* rights = CMSG_FIRSTHDR(&head);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(files.size() * sizeof(int));
    std::memcpy(CMSG_DATA(rights), files.data(), files.size() * sizeof(int));
}

void collect(msghdr& head, std::vector<UniqueFd>& into) {
    for (cmsghdr* one = CMSG_FIRSTHDR(&head); one != nullptr; one = CMSG_NXTHDR(&head, one)) {
        if (one->cmsg_level != SOL_SOCKET || one->cmsg_type != SCM_RIGHTS) continue;
        std::vector<int> fds((one->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        std::memcpy(fds.data(), CMSG_DATA(one), fds.size() * sizeof(int));
        for (const int fd : fds) into.emplace_back(fd);
    }
}

}  // namespace

Connection::Connection(UniqueFd socket, std::size_t most_in, std::size_t most_out)
    : socket_(std::move(socket)), most_out_(most_out), reader_(most_in) {}

void Connection::send(const Json& message, const std::vector<int>& files, Seconds patience) {
    if (files.size() > most_files)
        throw Error(ErrorCode::invalid,
                    "at most " + std::to_string(most_files) + " files are taken at a time");
    const std::string frame = frame_of(message, most_out_);
    Rights room{};
    std::size_t sent = 0;
    while (sent < frame.size()) {
        iovec bytes{const_cast<char*>(frame.data()) + sent, frame.size() - sent};
        msghdr head = head_of(bytes);
        if (sent == 0) attach(head, room, files);
        const ssize_t count = ::sendmsg(socket_.get(), &head, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count >= 0) {
            sent += static_cast<std::size_t>(count);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (!wait_for(socket_.get(), POLLOUT, patience))
                throw Error(ErrorCode::timeout, "the other side takes no more bytes");
        } else if (errno != EINTR) {
            throw Error(ErrorCode::lab, "the connection was lost: " + why());
        }
    }
}

Connection::Read Connection::read_some() {
    std::array<char, piece> bytes{};
    Rights room{};
    iovec into{bytes.data(), std::min(bytes.size(), reader_.wanted())};
    msghdr head = head_of(into, room);
    const ssize_t count = ::recvmsg(socket_.get(), &head, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return Read::nothing;
    if (count < 0 && errno != ECONNRESET)
        throw Error(ErrorCode::lab, "the connection was lost: " + why());
    if (count <= 0) {
        ended_ = true;
        return Read::end;
    }
    collect(head, files_);
    if ((head.msg_flags & MSG_CTRUNC) != 0 || files_.size() > most_files)
        throw Error(ErrorCode::invalid, "a message brings too many files");
    reader_.feed({bytes.data(), static_cast<std::size_t>(count)});
    return Read::something;
}

std::optional<Received> Connection::whole() {
    std::optional<Json> message = reader_.take();
    if (!message) return std::nullopt;
    return Received{*std::move(message), std::exchange(files_, {})};
}

std::optional<Received> Connection::receive_what_is_there() {
    while (read_some() == Read::something)
        if (auto message = whole()) return message;
    return std::nullopt;
}

std::optional<Received> Connection::receive(Seconds patience) {
    const Stopwatch watch;
    for (;;) {
        const Read read = read_some();
        if (read == Read::something)
            if (auto message = whole()) return message;
        if (read == Read::end) {
            if (reader_.between_messages()) return std::nullopt;
            throw Error(ErrorCode::lab, "the connection broke off in the middle of a message");
        }
        const Seconds left = patience - Seconds(watch.seconds());
        if (read == Read::nothing && !wait_for(socket_.get(), POLLIN, left))
            throw Error(ErrorCode::timeout, reader_.between_messages()
                                                ? "nothing came"
                                                : "a message did not come to its end");
        if (left.count() <= 0) throw Error(ErrorCode::timeout, "a message did not come to its end");
    }
}

bool hand_over(int channel, int descriptor, std::string_view bytes) {
    Rights room{};
    iovec out{const_cast<char*>(bytes.data()), bytes.size()};
    msghdr head = head_of(out);
    if (descriptor >= 0) attach(head, room, {descriptor});
    ssize_t sent = 0;
    do sent = ::sendmsg(channel, &head, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent >= 0;
}

std::optional<HandedOver> take_over(int channel) {
    std::array<char, 4096> bytes{};
    Rights room{};
    iovec into{bytes.data(), bytes.size()};
    msghdr head = head_of(into, room);
    ssize_t count = 0;
    do count = ::recvmsg(channel, &head, MSG_CMSG_CLOEXEC);
    while (count < 0 && errno == EINTR);
    if (count <= 0) return std::nullopt;
    std::vector<UniqueFd> brought;
    collect(head, brought);
    HandedOver taken;
    taken.bytes.assign(bytes.data(), static_cast<std::size_t>(count));
    if (brought.size() == 1) taken.descriptor = std::move(brought.front());
    return taken;
}

}  // namespace patchlab::service
