// SPDX-License-Identifier: Apache-2.0
//
// Who asks over HTTP: the credential that a request carries, the cookie of a session, and whether a
// write that rests on a cookie was really meant (CSRF). Pure; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "orchestrator/service/api/url.hpp"
#include "platform/core/json.hpp"
#include "platform/http/message.hpp"

namespace patchlab::service::front {

enum class CredentialKind { none, token, session, proxy };

struct CallerOf {
    CredentialKind kind = CredentialKind::none;
    Json credential = nullptr;  ///< as the back wants it
    std::string from;           ///< the address of who asks
    bool by_itself = false;     ///< it was sent on purpose: no browser adds it to every request
    bool https = false;         ///< a proxy speaks TLS for us
};

/// What "Authorization" says (a token, or the session of a command line) stands before a cookie;
/// what the proxy says is believed on its socket alone.
CallerOf caller_of(const http::Request& request);

/// Of this origin: "https://lab.example.com".
std::string origin_of(const http::Request& request, const CallerOf& caller);

/// The value of Set-Cookie that begins a session; with an empty value the one that ends it.
std::string session_cookie(const std::string& session, bool https);
/// The value of a cookie; empty without it.
std::string cookie_of(const http::Request& request, std::string_view name);

/// Whether the browser says that another site sent this. Requests of programs say nothing.
bool comes_from_elsewhere(const http::Request& request, const CallerOf& caller);

/// As patchlab::same_secret(), but an empty one is never the same.
bool same_secret(std::string_view a, std::string_view b);

}  // namespace patchlab::service::front
