// SPDX-License-Identifier: Apache-2.0
//
// Client: one HTTPS request, and its response line by line as it comes. The server proves its name
// by a certificate before anything is sent; Beast and OpenSSL stand behind it. Thread safety: one
// thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platform/core/clock.hpp"
#include "platform/http/message.hpp"

namespace patchlab::http {

/// Where a server is: "https://lab.example.com:8443/base".
struct ServerAddress {
    std::string host;
    std::string port = "443";
    std::string base;  ///< before every path; empty, or "/…" without a slash at its end
};
/// Error(usage) for what is no such address.
ServerAddress server_address(const std::string& text);

/// A part of what a request sends: text, and after it the content of an open file.
struct Piece {
    std::string text;
    int file = -1;
};

struct Outgoing {
    std::string method = "POST";
    std::string path;
    std::vector<Field> fields;  ///< besides Host and the length
    std::vector<Piece> body;
};

class Client {
  public:
    /// Connects. `authorities`: a file of certificates (PEM) to trust instead of the system's;
    /// empty: the system's. Error(lab) when nobody answers, or the certificate proves nothing.
    Client(const ServerAddress& address, const std::filesystem::path& authorities);
    ~Client();
    Client(Client&&) noexcept;
    Client& operator=(Client&&) noexcept;

    /// Sends the request and gives status and fields of the response. Once. Error(lab).
    Response begin(const Outgoing& request);
    /// The next line of the body, without its end. nullopt: none came within `patience`, or the
    /// body has ended. Error(lab) for one of more than `most` bytes.
    std::optional<std::string> next_line(Seconds patience, std::size_t most);
    /// No line comes any more.
    bool ended() const;
    /// All that is left of the body, at most so much.
    std::string rest(std::size_t most);

  private:
    struct Connection;
    std::unique_ptr<Connection> connection_;
};

}  // namespace patchlab::http
