// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tls_proxy.hpp"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <csignal>
#include <stdexcept>

#include "platform/process/command.hpp"

namespace patchlab::tests {

namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

UniqueFd connected(std::uint16_t port) {
    UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in to = loopback(port);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
        socket.reset();
    return socket;
}

void make_certificate(const fs::path& folder, const std::string& name) {
    process::CommandSpec command;
    command.program = "openssl";
    command.args = {"req",
                    "-x509",
                    "-newkey",
                    "ec",
                    "-pkeyopt",
                    "ec_paramgen_curve:prime256v1",
                    "-nodes",
                    "-days",
                    "1",
                    "-subj",
                    "/CN=" + name,
                    "-addext",
                    "subjectAltName=DNS:" + name,
                    "-keyout",
                    (folder / "key.pem").string(),
                    "-out",
                    (folder / "certificate.pem").string()};
    command.purpose = "making a certificate";
    if (process::SystemCommandRunner().run(command).exit_code != 0)
        throw std::runtime_error("openssl makes no certificate");
}

/// What one side has goes to the other; false at an end.
bool pass_on(SSL* tls, int plain, bool from_tls) {
    std::array<char, 16384> some;
    const auto got = from_tls ? ::SSL_read(tls, some.data(), some.size())
                              : static_cast<int>(::recv(plain, some.data(), some.size(), 0));
    if (got <= 0) return false;
    const auto size = static_cast<std::size_t>(got);
    return from_tls ? write_whole(plain, {some.data(), size})
                    : ::SSL_write(tls, some.data(), got) == got;
}

}  // namespace

TlsProxy::TlsProxy(std::uint16_t to, const std::string& name)
    : folder_(fs::temp_directory_path(), "tls"),
      to_(to),
      listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    std::signal(SIGPIPE, SIG_IGN);
    make_certificate(folder_.path(), name);
    SSL_CTX* const tls = ::SSL_CTX_new(::TLS_server_method());
    tls_ = tls;
    ::SSL_CTX_use_certificate_chain_file(tls, certificate().c_str());
    ::SSL_CTX_use_PrivateKey_file(tls, (folder_.path() / "key.pem").c_str(), SSL_FILETYPE_PEM);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
        ::listen(listener_.get(), 20) != 0 ||
        ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
        throw std::runtime_error("the proxy cannot listen");
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
}

TlsProxy::~TlsProxy() {
    over_ = true;
    acceptor_.join();
    for (std::thread& thread : threads_) thread.join();
    ::SSL_CTX_free(static_cast<SSL_CTX*>(tls_));
}

void TlsProxy::accept_all() {
    while (!over_) {
        pollfd one{listener_.get(), POLLIN, 0};
        if (::poll(&one, 1, 50) <= 0) continue;
        const int client = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
        if (client >= 0) threads_.emplace_back([this, client] { serve(client); });
    }
}

void TlsProxy::serve(int client) const {
    const UniqueFd socket(client), plain = connected(to_);
    SSL* const tls = ::SSL_new(static_cast<SSL_CTX*>(tls_));
    ::SSL_set_fd(tls, socket.get());
    bool good = plain && ::SSL_accept(tls) == 1;
    while (good && !over_) {
        std::array<pollfd, 2> both{{{socket.get(), POLLIN, 0}, {plain.get(), POLLIN, 0}}};
        const bool waiting = ::SSL_pending(tls) > 0;
        if (::poll(both.data(), both.size(), waiting ? 0 : 50) < 0) break;
        if (waiting || both[0].revents != 0) good = pass_on(tls, plain.get(), true);
        if (good && both[1].revents != 0) good = pass_on(tls, plain.get(), false);
    }
    ::SSL_shutdown(tls);
    ::SSL_free(tls);
}

}  // namespace patchlab::tests
