// SPDX-License-Identifier: Apache-2.0
//
// A proxy that speaks TLS in front of a server of a test, with a certificate that it signed itself.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <string>
#include <thread>

#include "platform/core/files.hpp"

namespace patchlab::tests {

class TlsProxy {
  public:
    /// `to`: the port of loopback where everything goes in the clear; `name`: of the certificate.
    explicit TlsProxy(std::uint16_t to, const std::string& name = "localhost");
    ~TlsProxy();
    TlsProxy(const TlsProxy&) = delete;
    TlsProxy& operator=(const TlsProxy&) = delete;

    std::uint16_t port() const { return port_; }
    std::string address() const { return "https://localhost:" + std::to_string(port_); }
    fs::path certificate() const { return folder_.path() / "certificate.pem"; }

  private:
    void accept_all();
    void serve(int client) const;

    TempFolder folder_;
    std::uint16_t to_, port_ = 0;
    UniqueFd listener_;
    void* tls_ = nullptr;  ///< SSL_CTX
    std::atomic<bool> over_ = false;
    std::list<std::thread> threads_;
    std::thread acceptor_;
};

}  // namespace patchlab::tests
