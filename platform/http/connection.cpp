// SPDX-License-Identifier: Apache-2.0
#include "platform/http/connection.hpp"

#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

#include "platform/core/error.hpp"
#include "platform/core/log.hpp"

namespace patchlab::http {

namespace {

constexpr std::size_t piece = 64U << 10;
constexpr std::string_view end_of_head = "\r\n\r\n";

/// Reads what is there. 0: the other end is through; nullopt: nothing is there now.
std::optional<std::size_t> read_some(int fd, char* to, std::size_t most) {
    const ssize_t got = ::recv(fd, to, most, 0);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return std::nullopt;
    return 0;
}

Seconds time_for(std::uint64_t bytes, const Limits& limits) {
    return limits.idle + Seconds(static_cast<double>(bytes) / static_cast<double>(limits.slowest));
}

std::string chunk_head(std::size_t size) {
    std::array<char, 24> text{};
    const int length = std::snprintf(text.data(), text.size(), "%zx\r\n", size);
    return {text.data(), static_cast<std::size_t>(length)};
}

bool has_no_body(int status) { return status == 204 || status == 304 || status < 200; }

}  // namespace

Connection::Connection(Shared& shared, UniqueFd fd, Peer peer)
    : shared_(shared), socket_(shared.loop, std::move(fd)), peer_(std::move(peer)) {
    ++shared_.counts.connections;
}

Connection::~Connection() {
    --shared_.counts.connections;
    if (stream_) --shared_.counts.streams;
}

std::string Connection::now() const { return http_date(std::time(nullptr)); }

void Connection::end_when_idle() {
    keep_ = false;
    if (idle_) socket_.close();
}

Task<void> Connection::serve() {
    while (keep_ && socket_.is_open()) {
        const bool another = co_await serve_one();
        if (!another) break;
    }
    if (socket_.is_open()) co_await let_go();
    socket_.close();
}

/// Collects a head in `buffer_`; what follows it stays there.
Task<Connection::Got> Connection::read_head(std::string& head) {
    const Deadline deadline(shared_.limits.idle);
    idle_ = buffer_.empty();
    while (true) {
        const auto end = buffer_.find(end_of_head);
        if (end != std::string::npos && end + end_of_head.size() <= shared_.limits.head) {
            head = buffer_.substr(0, end + end_of_head.size());
            buffer_.erase(0, head.size());
            idle_ = false;
            co_return Got::head;
        }
        if (end != std::string::npos || buffer_.size() >= shared_.limits.head)
            co_return Got::too_large;
        std::array<char, 4096> some;
        const auto got = read_some(socket_.fd(), some.data(), some.size());
        if (got == std::size_t{0}) co_return Got::nothing;
        if (got) {
            buffer_.append(some.data(), *got);
            // an empty line before a request is forgiven (RFC 9112, 2.2)
            while (buffer_.starts_with("\r\n")) buffer_.erase(0, 2);
            idle_ = buffer_.empty();
            continue;
        }
        const Wake wake = co_await socket_.readable(deadline);
        if (wake == Wake::timeout) co_return buffer_.empty() ? Got::nothing : Got::late;
        if (wake == Wake::closed) co_return Got::nothing;
    }
}

/// False: the connection ends.
Task<bool> Connection::serve_one() {
    std::string head;
    const Got got = co_await read_head(head);
    sent_ = chunked_ = in_pieces_ = false;
    if (got == Got::nothing) co_return false;
    if (got != Got::head) {
        if (got == Got::late) co_await refuse(408, "the head of the request came too slowly");
        else co_await refuse(431, "the head of the request is too large");
        co_return false;
    }
    auto parsed = parse_head(head);
    if (auto* refusal = std::get_if<Refusal>(&parsed)) {
        co_await refuse(refusal->status, refusal->why);
        co_return false;
    }
    request_ = std::move(std::get<Request>(parsed));
    request_.peer = peer_;
    if (!request_.keep_alive || shared_.stopping) keep_ = false;
    const bool ready = co_await admit_and_read();
    if (!ready) co_return false;
    bool failed = false;
    try {
        co_await shared_.handler.handle(*this);
    } catch (const std::exception& error) {
        log_error(std::string("a request failed: ") + error.what());
        failed = true;
    }
    if (failed || !sent_) {
        if (sent_) co_return false;
        co_await refuse(500, "this request could not be answered");
    }
    const bool whole = co_await finish();
    co_return whole&& keep_;
}

/// False: nothing more is read from this connection.
Task<bool> Connection::admit_and_read() {
    if (request_.length == 0) co_return true;
    const auto most = co_await shared_.handler.admit(*this);
    if (!most) {
        if (!sent_) co_await refuse(403, "this request has no body");
        co_return false;
    }
    if (request_.length > *most) {
        const std::string why = "the body may have " + std::to_string(*most) + " bytes, not " +
                                std::to_string(request_.length);
        co_await refuse(413, why);
        co_return false;
    }
    if (request_.expects_continue && buffer_.empty()) {
        const bool taken = co_await send("HTTP/1.1 100 Continue\r\n\r\n");
        if (!taken) co_return false;
    }
    const bool complete = co_await read_body();
    if (!complete) {
        if (!broken_) co_await refuse(408, "the body of the request came too slowly");
        co_return false;
    }
    co_return true;
}

bool Connection::keep_body(std::string_view bytes) {
    if (request_.body_file) return write_whole(request_.body_file.get(), bytes);
    request_.body += bytes;
    return true;
}

Task<bool> Connection::read_body() {
    const Deadline whole(time_for(request_.length, shared_.limits));
    if (request_.length > shared_.limits.in_memory) {
        request_.body_file = UniqueFd(::memfd_create("body", MFD_CLOEXEC));
        if (!request_.body_file) co_return false;
    }
    std::uint64_t have = std::min<std::uint64_t>(buffer_.size(), request_.length);
    if (!keep_body(std::string_view(buffer_).substr(0, have))) co_return false;
    buffer_.erase(0, have);
    std::vector<char> some(piece);
    while (have < request_.length) {
        const auto most = std::min<std::uint64_t>(piece, request_.length - have);
        const auto got = read_some(socket_.fd(), some.data(), most);
        if (got == std::size_t{0}) {
            broken_ = true;
            co_return false;
        }
        if (got) {
            if (!keep_body({some.data(), *got})) co_return false;
            have += *got;
            continue;
        }
        const Wake wake = co_await socket_.readable(whole);
        if (wake == Wake::timeout || wake == Wake::closed) co_return false;
    }
    if (request_.body_file) ::lseek(request_.body_file.get(), 0, SEEK_SET);
    co_return true;
}

Task<bool> Connection::send(std::string_view bytes) {
    const Deadline whole(time_for(bytes.size(), shared_.limits));
    while (!bytes.empty() && socket_.is_open()) {
        const ssize_t written = ::send(socket_.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (written > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(written));
            continue;
        }
        if (written < 0 && errno == EINTR) continue;
        if (written < 0 && errno != EAGAIN && errno != EWOULDBLOCK) break;
        const Wake wake = co_await socket_.writable(whole);
        if (wake == Wake::timeout || wake == Wake::closed) break;
    }
    if (!bytes.empty()) broken_ = true;
    co_return bytes.empty();
}

Task<void> Connection::respond(Response response) {
    if (sent_) throw Error(ErrorCode::internal, "a request was answered twice");
    sent_ = true;
    if (response.close || shared_.stopping) keep_ = false;
    const bool bodiless = has_no_body(response.status);
    std::string text = head_text(
        response, bodiless ? std::nullopt : std::optional<std::uint64_t>(response.body.size()),
        false, keep_, now());
    if (request_.method != "HEAD" && !bodiless) text += response.body;
    co_await send(text);
}

Task<bool> Connection::begin(Response head, bool lasting) {
    if (sent_) throw Error(ErrorCode::internal, "a request was answered twice");
    if (lasting) {
        if (shared_.counts.streams >= shared_.limits.streams) co_return false;
        ++shared_.counts.streams;
        stream_ = true;
    }
    sent_ = in_pieces_ = true;
    chunked_ = request_.http_1_1;
    if (!chunked_ || lasting) keep_ = false;
    const std::string text = head_text(head, std::nullopt, chunked_, keep_, now());
    co_await send(text);
    co_return true;
}

Task<bool> Connection::write(std::string_view bytes) {
    if (broken_) co_return false;
    if (bytes.empty() || request_.method == "HEAD") co_return true;
    if (!chunked_) co_return co_await send(bytes);
    std::string framed = chunk_head(bytes.size());
    framed += bytes;
    framed += "\r\n";
    co_return co_await send(framed);
}

Task<Wake> Connection::pause(Seconds time) {
    const Deadline deadline(time);
    while (true) {
        if (broken_ || !socket_.is_open()) co_return Wake::closed;
        const Wake wake = co_await socket_.readable(deadline);
        if (wake != Wake::ready) co_return wake;
        // of a stream nobody expects another request: what comes is dropped, an end is noticed
        std::array<char, 1024> some;
        if (read_some(socket_.fd(), some.data(), some.size()) == std::size_t{0})
            co_return Wake::closed;
    }
}

bool Connection::gone() const {
    if (broken_ || !socket_.is_open()) return true;
    char byte = 0;
    const ssize_t got = ::recv(socket_.fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

/// False when the response did not go out whole.
Task<bool> Connection::finish() {
    if (broken_) co_return false;
    if (!in_pieces_ || !chunked_ || request_.method == "HEAD") co_return true;
    co_return co_await send("0\r\n\r\n");
}

Task<void> Connection::refuse(int status, const std::string& why) {
    keep_ = false;
    Response response = shared_.handler.refuse(Refusal{status, why});
    response.close = true;
    return respond(std::move(response));
}

Task<void> Connection::let_go() {
    if (broken_) co_return;
    ::shutdown(socket_.fd(), SHUT_WR);
    const Deadline patience(Seconds(1));
    std::size_t dropped = 0;
    std::vector<char> some(piece);
    while (dropped < 4 * shared_.limits.in_memory) {
        const auto got = read_some(socket_.fd(), some.data(), some.size());
        if (got == std::size_t{0}) co_return;
        if (got) {
            dropped += *got;
            continue;
        }
        const Wake wake = co_await socket_.readable(patience);
        if (wake != Wake::ready) co_return;
    }
}

}  // namespace patchlab::http
