// SPDX-License-Identifier: Apache-2.0
//
// Serves a folder over HTTP on the loopback device, one request at a time, following links as an
// ordinary web server does. Thread safety: `before` is called on the server's own thread.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "tests/support/loopback.hpp"

namespace patchlab::tests {

class FileServer final : public LoopbackServer {
  public:
    /// `before` hears of each request's path before it is answered.
    FileServer(fs::path folder, std::function<void(const std::string&)> before)
        : folder_(std::move(folder)), before_(std::move(before)) {
        start();
    }
    ~FileServer() override { stop(); }
    /// "http://127.0.0.1:PORT"
    /// How often it said that a file is still the one that its reader knows.
    int unchanged() const { return unchanged_; }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }

  private:
    void talk(int connection) override;
    fs::path folder_;
    std::function<void(const std::string&)> before_;
    std::atomic<int> unchanged_{0};
};

}  // namespace patchlab::tests
