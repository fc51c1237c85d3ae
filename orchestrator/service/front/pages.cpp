// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/front/pages.hpp"

#include "orchestrator/service/front/front.hpp"
#include "platform/core/error.hpp"

namespace patchlab::service::front {

console::Values values_of(const api::Parameters& parameters) {
    console::Values values;
    for (const auto& [name, value] : parameters) values.add(name, value);
    return values;
}

console::Viewer viewer_of(const Json& session, const std::string& theme) {
    console::Viewer viewer;
    viewer.theme = theme;
    viewer.user = text_member(session, "user");
    viewer.csrf = text_member(session, "csrf");
    for (const Json& role : session.value("roles", Json::array()))
        if (role.is_string()) viewer.roles.push_back(role.get<std::string>());
    const std::string login = text_member(session, "login");
    if (!login.empty() && login != "session") {
        // a proxy, a token or an account answers for them anew with each request
        viewer.fresh_until = TimePoint::max();
        return viewer;
    }
    const std::string fresh = text_member(session, "fresh_until");
    try {
        if (!fresh.empty()) viewer.fresh_until = from_rfc3339(fresh);
    } catch (const Error&) {
        viewer.fresh_until.reset();  // then the password is asked for
    }
    return viewer;
}

console::Failure failure_of(const Json& error) {
    console::Failure failure;
    failure.code = text_member(error, "code");
    failure.message = text_member(error, "message");
    failure.advice = text_member(error, "advice");
    return failure;
}

console::Answer answer_of(const BackReply& reply) {
    console::Answer answer;
    if (reply.ok) answer.document = reply.document;
    else answer.failure = failure_of(reply.document);
    return answer;
}

http::Response page_response(const console::Page& page) {
    http::Response response;
    response.status = page.status;
    response.body = page.html;
    response.fields.emplace_back("Content-Type", page.type);
    response.fields.emplace_back("Content-Security-Policy", std::string(console::content_policy));
    if (page.file.empty()) return response;
    response.fields.push_back(saved_as(page.file));
    return response;
}

namespace {

constexpr std::string_view theme_name = "patchlab_theme";

}  // namespace

std::string theme_in(std::string_view word) {
    return word == "light" || word == "dark" ? std::string(word) : std::string();
}

std::string theme_of(const http::Request& request) {
    return theme_in(cookie_of(request, theme_name));
}

std::string theme_cookie(std::string_view theme, bool https) {
    std::string text = std::string(theme_name) + "=" + theme_in(theme) + "; Path=/; SameSite=Lax";
    text += theme_in(theme).empty() ? "; Max-Age=0" : "; Max-Age=31536000";
    if (https) text += "; Secure";
    return text;
}

std::optional<Kept> kept_in(const console::Values& fields) {
    static constexpr std::string_view prefix = "kept.";
    Kept kept;
    kept.form = fields.one("kept._form");
    if (kept.form.empty()) return std::nullopt;
    for (const auto& [name, value] : fields.all())
        if (name.starts_with(prefix) && name != "kept._form")
            kept.fields.add(name.substr(prefix.size()), value);
    return kept;
}

}  // namespace patchlab::service::front
