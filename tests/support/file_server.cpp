// SPDX-License-Identifier: Apache-2.0
#include "tests/support/file_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "platform/core/error.hpp"

namespace patchlab::tests {

FileServer::FileServer(fs::path folder, std::function<void(const std::string&)> before)
    : folder_(std::move(folder)), before_(std::move(before)), listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listening_.get(), plain, size) != 0 || ::listen(listening_.get(), 16) != 0 || ::getsockname(listening_.get(), plain, &size) != 0)
        throw Error(ErrorCode::lab, "cannot listen on the loopback device");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
}

FileServer::~FileServer() {
    ::shutdown(listening_.get(), SHUT_RDWR);  // ends accept()
    thread_.join();
}

void FileServer::serve() {
    for (;;) {
        const UniqueFd connection(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!connection) return;
        answer(connection.get());
    }
}

/// One GET, then the connection is closed; whoever wants more asks again.
void FileServer::answer(int connection) {
    std::string request;
    char buffer[4096];
    while (request.find("\r\n\r\n") == std::string::npos && request.size() < 65536) {
        const ssize_t got = ::recv(connection, buffer, sizeof buffer, 0);
        if (got <= 0) return;
        request.append(buffer, static_cast<std::size_t>(got));
    }
    const auto begin = request.find(' ') + 1;
    const std::string path = request.substr(begin, request.find(' ', begin) - begin);
    before_(path);
    std::optional<std::string> body;
    if (path.find("..") == std::string::npos && fs::is_regular_file(folder_ / path.substr(1))) body = read_file_if_any(folder_ / path.substr(1));
    std::string reply = std::string("HTTP/1.1 ") + (body ? "200 OK" : "404 Not Found") + "\r\nConnection: close\r\nContent-Length: " + std::to_string(body ? body->size() : 0) + "\r\n\r\n";
    if (body) reply += *body;
    for (std::size_t sent = 0; sent < reply.size();) {
        const ssize_t now = ::send(connection, reply.data() + sent, reply.size() - sent, MSG_NOSIGNAL);
        if (now <= 0) return;
        sent += static_cast<std::size_t>(now);
    }
}

}  // namespace patchlab::tests
