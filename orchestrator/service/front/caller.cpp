// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/front/caller.hpp"

#include <algorithm>

#include "platform/core/secret.hpp"
#include "platform/core/text.hpp"

namespace patchlab::service::front {

namespace {

constexpr std::string_view secure_cookie = "__Host-patchlab";
constexpr std::string_view plain_cookie = "patchlab";
constexpr std::size_t longest_secret = 512;

bool is_secret(std::string_view text) {
    return !text.empty() && text.size() <= longest_secret &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

/// What "Authorization" says after this scheme ("bearer "); empty when it says another one.
std::string authorized_by(const http::Request& request, std::string_view scheme) {
    const std::string_view value = request.field("authorization");
    if (value.size() <= scheme.size()) return {};
    const bool that = in_small_letters(value.substr(0, scheme.size())) == scheme;
    return that ? std::string(trimmed(value.substr(scheme.size()))) : std::string();
}

/// All of them: one that was left out could be the one that gives a role.
Json groups_of(std::string_view text) {
    Json groups = Json::array();
    while (!text.empty()) {
        const auto comma = std::min(text.find(','), text.size());
        const std::string_view group = trimmed(text.substr(0, comma));
        if (!group.empty() && is_utf8(group)) groups.push_back(group);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return groups;
}

/// The address that the proxy itself saw: the last one of the list.
std::string forwarded_from(const http::Request& request) {
    const std::string_view all = request.field("x-forwarded-for");
    const auto comma = all.rfind(',');
    const std::string_view last =
        trimmed(comma == std::string_view::npos ? all : all.substr(comma + 1));
    const bool plain = !last.empty() && last.size() <= 64 &&
                       last.find_first_not_of("0123456789abcdefABCDEF.:[]") == std::string::npos;
    return plain ? std::string(last) : request.peer.address;
}

}  // namespace

CallerOf caller_of(const http::Request& request) {
    CallerOf caller;
    caller.from = request.peer.address;
    if (request.peer.proxy || request.peer.tls) {
        caller.from = forwarded_from(request);
        caller.https = true;
    }
    if (request.has_field("authorization")) {
        caller.by_itself = true;
        if (const std::string own = authorized_by(request, "session "); is_secret(own)) {
            caller.kind = CredentialKind::session;
            caller.credential = {{"session", own}};
            return caller;
        }
        const std::string token = authorized_by(request, "bearer ");
        caller.kind = CredentialKind::token;
        caller.credential = {{"token", is_secret(token) ? token : "none"}};
        return caller;
    }
    const std::string session = cookie_of(request, caller.https ? secure_cookie : plain_cookie);
    if (is_secret(session)) {
        caller.kind = CredentialKind::session;
        caller.credential = {{"session", session}};
        return caller;
    }
    const std::string_view user = request.field("x-remote-user");
    if (request.peer.proxy && !user.empty() && user.size() <= 200 && is_utf8(user)) {
        caller.kind = CredentialKind::proxy;
        caller.credential = {
            {"proxy", {{"user", user}, {"groups", groups_of(request.field("x-remote-groups"))}}}};
    }
    return caller;
}

std::string origin_of(const http::Request& request, const CallerOf& caller) {
    return (caller.https ? "https://" : "http://") + std::string(request.field("host"));
}

std::string session_cookie(const std::string& session, bool https) {
    std::string text(https ? secure_cookie : plain_cookie);
    text += "=" + session + "; Path=/; HttpOnly; SameSite=Lax";
    if (https) text += "; Secure";
    if (session.empty()) text += "; Max-Age=0";
    return text;
}

std::string cookie_of(const http::Request& request, std::string_view name) {
    for (const auto& [field, value] : request.fields) {
        if (field != "cookie") continue;
        std::string_view left = value;
        while (!left.empty()) {
            const auto end = std::min(left.find(';'), left.size());
            const std::string_view one = trimmed(left.substr(0, end));
            left.remove_prefix(std::min(end + 1, left.size()));
            const auto equals = one.find('=');
            if (equals != std::string_view::npos && one.substr(0, equals) == name)
                return std::string(one.substr(equals + 1));
        }
    }
    return {};
}

bool comes_from_elsewhere(const http::Request& request, const CallerOf& caller) {
    if (request.has_field("sec-fetch-site")) {
        const std::string_view site = request.field("sec-fetch-site");
        if (site != "same-origin" && site != "none") return true;
    }
    return request.has_field("origin") && request.field("origin") != origin_of(request, caller);
}

bool same_secret(std::string_view a, std::string_view b) {
    return !a.empty() && patchlab::same_secret(a, b);
}

}  // namespace patchlab::service::front
