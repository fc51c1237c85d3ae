// SPDX-License-Identifier: Apache-2.0
//
// A client that sends exactly the bytes that a test wants, and reads what comes; what a response
// says; and patience.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "platform/core/clock.hpp"
#include "platform/core/files.hpp"

namespace patchlab::testing {

class RawClient {
  public:
    explicit RawClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error("cannot connect");
    }

    void close() { fd_.reset(); }

    /// False when the server has hung up.
    bool send(std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    /// Reads until `end` has come, the server hangs up, or the time is over.
    std::string read_until(std::string_view end, double seconds = 5) {
        const Deadline deadline{Seconds(seconds)};
        while (end.empty() || buffer_.find(end) == std::string::npos) {
            const std::string some = read_some(deadline.left());
            if (some.empty()) break;
            buffer_ += some;
        }
        const auto at = end.empty() ? std::string::npos : buffer_.find(end);
        std::string read = at == std::string::npos ? std::exchange(buffer_, {})
                                                   : buffer_.substr(0, at + end.size());
        if (at != std::string::npos) buffer_.erase(0, at + end.size());
        return read;
    }
    std::string read_all(double seconds = 5) { return read_until("", seconds); }
    /// Head and body of one response with a Content-Length.
    std::string read_response(bool with_body = true) {
        std::string head = read_until("\r\n\r\n");
        const auto at = head.find("Content-Length: ");
        if (!with_body || at == std::string::npos) return head;
        return head + read_exactly(std::stoul(head.substr(at + 16)));
    }
    /// So many bytes, or what came before the server hung up.
    std::string read_exactly(std::size_t length, double seconds = 5) {
        const auto patience = static_cast<std::int64_t>(seconds * 1000);
        std::string body;
        while (body.size() < length) {
            if (buffer_.empty()) buffer_ = read_some(std::chrono::milliseconds(patience));
            if (buffer_.empty()) break;
            const std::size_t take = std::min(length - body.size(), buffer_.size());
            body += buffer_.substr(0, take);
            buffer_.erase(0, take);
        }
        return body;
    }
    bool hung_up() const { return hung_up_; }

  private:
    /// Empty when nothing comes for so long, or the server hangs up.
    std::string read_some(std::chrono::milliseconds patience) {
        pollfd waiting{fd_.get(), POLLIN, 0};
        if (::poll(&waiting, 1, static_cast<int>(patience.count())) <= 0) return {};
        char some[4096];
        const ssize_t got = ::recv(fd_.get(), some, sizeof some, 0);
        if (got <= 0) hung_up_ = true;
        return got <= 0 ? std::string() : std::string(some, static_cast<std::size_t>(got));
    }
    UniqueFd fd_;
    std::string buffer_;
    bool hung_up_ = false;
};

/// "HTTP/1.1 200 OK…" → 200; 0 for what is no response.
inline int status_of(const std::string& response) {
    return response.starts_with("HTTP/1.1 ") && response.size() > 12
               ? std::stoi(response.substr(9, 3))
               : 0;
}

inline std::string body_of(const std::string& response) {
    const auto end = response.find("\r\n\r\n");
    return end == std::string::npos ? std::string() : response.substr(end + 4);
}

inline std::string header_of(const std::string& response, const std::string& name) {
    const auto at = response.find("\r\n" + name + ": ");
    if (at == std::string::npos) return "";
    const auto begin = at + name.size() + 4;
    return response.substr(begin, response.find("\r\n", begin) - begin);
}

/// Looks again and again for some seconds; false when it does not come about.
inline bool wait_until(const std::function<bool()>& done) {
    for (int i = 0; i < 500 && !done(); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return done();
}

}  // namespace patchlab::testing
