// SPDX-License-Identifier: Apache-2.0
//
// Requests and responses of HTTP/1.1 as values, and the strict reading of a request's head: what a
// proxy and a server could understand differently is refused (RFC 9112). Pure; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "platform/core/files.hpp"

namespace patchlab::http {

using Field = std::pair<std::string, std::string>;

/// Who is at the other end of a connection.
struct Peer {
    std::string address;  ///< "127.0.0.1", or "unix"
    bool proxy = false;   ///< it came by the socket of the declared proxy
    bool tls = false;  ///< it came through a proxy that speaks TLS, which anybody may claim to be
};

struct Request {
    std::string method;         ///< "GET"; HEAD is told as HEAD
    std::string path;           ///< as sent, still percent-encoded; begins with '/'
    std::string query;          ///< as sent, without '?'
    std::vector<Field> fields;  ///< names in small letters, values trimmed
    bool keep_alive = true;     ///< the caller's wish
    bool http_1_1 = true;
    std::uint64_t length = 0;  ///< of the body, as announced
    bool expects_continue = false;
    std::string body;    ///< a small one
    UniqueFd body_file;  ///< a large one: an anonymous file, read from its beginning
    Peer peer;

    /// The value of a field (name in small letters); empty without it. Of several, the first.
    std::string_view field(std::string_view name) const;
    bool has_field(std::string_view name) const;
};

struct Response {
    int status = 200;
    std::vector<Field> fields = {};  ///< besides Date, Connection and the length
    std::string body = {};
    /// The connection ends after it.
    bool close = false;
};

/// Why a request is not taken.
struct Refusal {
    int status = 400;
    std::string why;  ///< one line
};

/// Reads a head: everything up to and with the empty line. Refused are: more than one reading of
/// where the body ends (Content-Length twice, with Transfer-Encoding, or no number), line breaks
/// other than CR LF, continued lines, control bytes, no Host or two of them, a target that does not
/// begin with '/', any transfer coding (411), other versions (505).
std::variant<Request, Refusal> parse_head(std::string_view head);

/// "Not Found"; empty for a status without a usual phrase.
std::string_view reason_phrase(int status);

/// The head of a response as it is sent. `length`: nullopt for a body in chunks, or one that ends
/// with the connection.
std::string head_text(const Response& response, std::optional<std::uint64_t> length, bool chunked,
                      bool keep_alive, std::string_view date);

/// "Mon, 30 Nov 2026 15:44:17 GMT"
std::string http_date(std::int64_t unix_seconds);

}  // namespace patchlab::http
