// SPDX-License-Identifier: Apache-2.0
//
// A guest agent that says what a test tells it to: a unix-socket server on a thread of its own. It
// serves one connection after the other with the same script. Thread safety: construct, use the
// path, destroy.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <functional>
#include <string>
#include <thread>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::guest {

/// A server's unix socket.
inline UniqueFd listen_at(const std::filesystem::path& path) {
    UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    if (::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener.get(), 4) != 0)
        throw Error(ErrorCode::internal, "the test cannot listen");
    return listener;
}

/// The agent's side of one connection.
class Peer {
  public:
    Peer(int fd, const std::atomic<bool>& stop) : fd_(fd), stop_(stop) {}

    /// The next request without its newline and sync byte; empty when the client has gone or the
    /// test ends.
    std::string read() {
        for (;;) {
            if (const std::size_t end = buffer_.find('\n'); end != std::string::npos) {
                std::string line = buffer_.substr(0, end);
                buffer_.erase(0, end + 1);
                if (!line.empty() && line.front() == '\xff') line.erase(0, 1);
                return line;
            }
            if (!wait_for_input()) return {};
            char chunk[65536];
            const ssize_t got = ::recv(fd_, chunk, sizeof chunk, 0);
            if (got <= 0) return {};
            buffer_.append(chunk, static_cast<std::size_t>(got));
        }
    }
    void say(std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    void answer(const Json& value) const { say(to_line({{"return", value}}) + "\n"); }
    /// Answers a guest-sync-delimited request as the real agent does.
    void answer_sync(const std::string& request) const {
        say("\xff" + to_line({{"return", parse_json(request, "test")["arguments"]["id"]}}) + "\n");
    }
    /// Reads requests, answering syncs, until another one comes; empty when the client has gone.
    std::string next_command() {
        for (;;) {
            std::string request = read();
            if (request.find("guest-sync-delimited") == std::string::npos) return request;
            answer_sync(request);
        }
    }

  private:
    bool wait_for_input() const {
        while (!stop_) {
            pollfd item{fd_, POLLIN, 0};
            if (::poll(&item, 1, 20) > 0) return true;
        }
        return false;
    }

    int fd_;
    const std::atomic<bool>& stop_;
    std::string buffer_;
};

class ScriptedAgent {
  public:
    explicit ScriptedAgent(std::function<void(Peer&)> script)
        : folder_("/tmp", "agent-test"), listener_(listen_at(socket())) {
        thread_ = std::thread([this, script = std::move(script)] { serve(script); });
    }
    ~ScriptedAgent() {
        stop_ = true;
        thread_.join();
    }
    std::filesystem::path socket() const { return folder_.path() / "s"; }
    int connections() const { return connections_; }

  private:
    void serve(const std::function<void(Peer&)>& script) {
        while (!stop_) {
            pollfd item{listener_.get(), POLLIN, 0};
            if (::poll(&item, 1, 20) <= 0) continue;
            const UniqueFd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (!client) continue;
            ++connections_;
            Peer peer(client.get(), stop_);
            script(peer);
        }
    }

    TempFolder folder_;
    UniqueFd listener_;
    std::atomic<bool> stop_{false};
    std::atomic<int> connections_{0};
    std::thread thread_;
};

}  // namespace patchlab::guest
