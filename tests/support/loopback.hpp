// SPDX-License-Identifier: Apache-2.0
//
// What every server of the tests is made of: it listens on the loopback device and has one
// conversation at a time, on a thread of its own.
#pragma once

#include <optional>
#include <string>
#include <thread>

#include "platform/core/files.hpp"

namespace patchlab::tests {

/// Accepts connections until it goes; what is said in one is the business of whoever derives from
/// it, which must call stop() first.
class LoopbackServer {
  public:
    LoopbackServer();
    virtual ~LoopbackServer() = default;
    LoopbackServer(const LoopbackServer&) = delete;
    LoopbackServer& operator=(const LoopbackServer&) = delete;
    int port() const { return port_; }

  protected:
    void start();
    void stop();
    virtual void talk(int connection) = 0;

  private:
    UniqueFd listening_;
    int port_ = 0;
    std::thread thread_;
};

/// Sends all of it; a peer that hung up is no error here.
void say(int connection, const std::string& text);

/// What comes in, line by line and byte by byte.
class Hearing {
  public:
    explicit Hearing(int connection) : connection_(connection) {}
    /// Without its line break; nullopt when the other end hung up.
    std::optional<std::string> line();
    std::string bytes(std::size_t count);

  private:
    bool more();
    int connection_;
    std::string heard_;
};

}  // namespace patchlab::tests
