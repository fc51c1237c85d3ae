// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/nodes/link/link.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

namespace patchlab::nodes {

namespace {

void put_length(std::string& out, std::size_t length) {
    for (int shift = 24; shift >= 0; shift -= 8)
        out.push_back(static_cast<char>((length >> shift) & 0xff));
}

std::size_t length_at(std::string_view bytes) {
    std::size_t length = 0;
    for (const char byte : bytes.substr(0, 4)) length = length << 8 | (byte & 0xff);
    return length;
}

void make_non_blocking(int fd) {
    const int flags = ::fcntl(fd, F_GETFL);
    if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
        throw Error(ErrorCode::lab, std::string("cannot use the link: ") + std::strerror(errno));
}

void wait_for_link(int fd, short events, const Deadline& deadline) {
    pollfd one{fd, events, 0};
    const int ready = ::poll(&one, 1, static_cast<int>(deadline.left().count()) + 1);
    if (ready < 0 && errno != EINTR)
        throw ContactLost(std::string("the link failed: ") + std::strerror(errno));
    if (ready == 0 && deadline.passed()) throw ContactLost("the other side is silent");
}

}  // namespace

Link::Link(int in, int out) : in_(in), out_(out) {
    make_non_blocking(in_);
    if (out_ != in_) make_non_blocking(out_);
}

void Link::write_all(std::string_view bytes, const Deadline& deadline) {
    while (!bytes.empty()) {
        const ssize_t done = ::write(out_, bytes.data(), bytes.size());
        if (done > 0) bytes.remove_prefix(static_cast<std::size_t>(done));
        else if (done < 0 && errno == EAGAIN) wait_for_link(out_, POLLOUT, deadline);
        else if (done < 0 && errno != EINTR)
            throw ContactLost(std::string("the other side does not listen: ") +
                              std::strerror(errno));
    }
}

std::string Link::read_exactly(std::size_t count, const Deadline& deadline) {
    std::string bytes;
    std::array<char, 1U << 16> part{};
    while (bytes.size() < count) {
        const ssize_t got = ::read(in_, part.data(), std::min(part.size(), count - bytes.size()));
        if (got > 0) bytes.append(part.data(), static_cast<std::size_t>(got));
        else if (got == 0) throw ContactLost("the other side has hung up");
        else if (errno == EAGAIN) wait_for_link(in_, POLLIN, deadline);
        else if (errno != EINTR)
            throw ContactLost(std::string("the link failed: ") + std::strerror(errno));
    }
    return bytes;
}

void Link::send(const Message& message, Seconds patience) {
    const std::string text = to_line(message.json);
    if (text.size() > max_message_json || message.bytes.size() > max_message_bytes)
        throw Error(ErrorCode::internal, "a message of the link is too long");
    const Deadline deadline(patience);
    std::string head;
    put_length(head, text.size());
    put_length(head, message.bytes.size());
    write_all(head + text, deadline);
    write_all(message.bytes, deadline);
}

Message Link::receive(Seconds patience) {
    const Deadline deadline(patience);
    const std::string head = read_exactly(8, deadline);
    const std::size_t json = length_at(head);
    const std::size_t bytes = length_at(std::string_view(head).substr(4));
    if (json > max_message_json || bytes > max_message_bytes)
        throw ContactLost("the other side speaks another language");
    Message message;
    const std::string text = read_exactly(json, deadline);
    message.bytes = read_exactly(bytes, deadline);
    try {
        message.json = parse_json(text, "message", max_message_json);
        if (!message.json.is_object()) throw ContactLost("the other side speaks another language");
    } catch (const ContactLost&) {
        throw;
    } catch (const Error& error) {
        throw ContactLost("the other side speaks another language: " + error.message());
    }
    return message;
}

}  // namespace patchlab::nodes
