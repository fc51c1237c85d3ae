// SPDX-License-Identifier: Apache-2.0
//
// A server on the loopback interface that answers every connection with the same bytes, for as long
// as it lives. It owns one thread.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>

#include "platform/core/files.hpp"

namespace patchlab::testsuites {

class CannedServer {
  public:
    /// `hold`: leaves the connection open after the answer, as a server with keep-alive does.
    explicit CannedServer(std::string answer, bool hold = false)
        : answer_(std::move(answer)), hold_(hold) {
        listener_ = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* plain = reinterpret_cast<sockaddr*>(&address);
        if (::bind(listener_.get(), plain, size) != 0 || ::listen(listener_.get(), 64) != 0 ||
            ::getsockname(listener_.get(), plain, &size) != 0)
            throw std::runtime_error("no loopback server");
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~CannedServer() {
        stop_ = true;
        thread_.join();
    }

    int port() const { return port_; }
    std::string url(const std::string& path = "/") const {
        return "http://127.0.0.1:" + std::to_string(port_) + path;
    }
    std::string last_request() const {
        const std::lock_guard lock(mutex_);
        return request_;
    }

  private:
    void serve() {
        while (!stop_) {
            pollfd wait{listener_.get(), POLLIN, 0};
            if (::poll(&wait, 1, 50) <= 0) continue;
            const UniqueFd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (!client) continue;
            char buffer[4096];
            const ssize_t got = ::recv(client.get(), buffer, sizeof buffer, 0);
            {
                const std::lock_guard lock(mutex_);
                request_.assign(buffer, got > 0 ? static_cast<std::size_t>(got) : 0);
            }
            for (std::size_t sent = 0; sent < answer_.size();) {
                const ssize_t count = ::send(client.get(), answer_.data() + sent,
                                             answer_.size() - sent, MSG_NOSIGNAL);
                if (count <= 0) break;
                sent += static_cast<std::size_t>(count);
            }
            while (hold_ && !stop_ &&
                   ::recv(client.get(), buffer, sizeof buffer, MSG_DONTWAIT) != 0)
                ::usleep(5000);
        }
    }

    std::string answer_;
    bool hold_;
    UniqueFd listener_;
    int port_ = 0;
    std::atomic<bool> stop_ = false;
    mutable std::mutex mutex_;
    std::string request_;
    std::thread thread_;
};

}  // namespace patchlab::testsuites
