// SPDX-License-Identifier: Apache-2.0
#include "tests/support/loopback.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "platform/core/error.hpp"

namespace patchlab::tests {

LoopbackServer::LoopbackServer() : listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listening_.get(), plain, size) != 0 || ::listen(listening_.get(), 16) != 0 ||
        ::getsockname(listening_.get(), plain, &size) != 0)
        throw Error(ErrorCode::lab, "cannot listen on the loopback device");
    port_ = ntohs(address.sin_port);
}

void LoopbackServer::start() {
    thread_ = std::thread([this] {
        for (;;) {
            const UniqueFd connection(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (!connection) return;
            talk(connection.get());
        }
    });
}

void LoopbackServer::stop() {
    ::shutdown(listening_.get(), SHUT_RDWR);  // ends accept()
    if (thread_.joinable()) thread_.join();
}

void say(int connection, const std::string& text) {
    for (std::size_t sent = 0; sent < text.size();) {
        const ssize_t now =
            ::send(connection, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
        if (now <= 0) return;
        sent += static_cast<std::size_t>(now);
    }
}

std::optional<std::string> Hearing::line() {
    for (;;) {
        if (const auto end = heard_.find("\r\n"); end != std::string::npos) {
            const std::string found = heard_.substr(0, end);
            heard_.erase(0, end + 2);
            return found;
        }
        if (!more()) return std::nullopt;
    }
}

std::string Hearing::bytes(std::size_t count) {
    while (heard_.size() < count && more()) {
    }
    const std::string found = heard_.substr(0, count);
    heard_.erase(0, found.size());
    return found;
}

bool Hearing::more() {
    char buffer[4096];
    const ssize_t got = ::recv(connection_, buffer, sizeof buffer, 0);
    if (got > 0) heard_.append(buffer, static_cast<std::size_t>(got));
    return got > 0;
}

}  // namespace patchlab::tests
