// SPDX-License-Identifier: Apache-2.0
//
// Serves a folder over HTTP on the loopback device, one request at a time, following links as an ordinary web server does.
// Thread safety: `before` is called on the server's own thread.
#pragma once

#include <functional>
#include <string>
#include <thread>

#include "platform/core/files.hpp"

namespace patchlab::tests {

class FileServer {
  public:
    /// `before` hears of each request's path before it is answered.
    FileServer(fs::path folder, std::function<void(const std::string&)> before);
    ~FileServer();
    FileServer(const FileServer&) = delete;
    FileServer& operator=(const FileServer&) = delete;
    /// "http://127.0.0.1:PORT"
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  private:
    void serve();
    void answer(int connection);
    fs::path folder_;
    std::function<void(const std::string&)> before_;
    UniqueFd listening_;
    int port_ = 0;
    std::thread thread_;
};

}  // namespace patchlab::tests
