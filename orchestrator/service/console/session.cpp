// SPDX-License-Identifier: Apache-2.0
//
// Signing in and out, who one is here, and the tokens of one's programs.
#include <algorithm>

#include "orchestrator/service/console/forms.hpp"
#include "orchestrator/service/console/rows.hpp"
#include "platform/core/text.hpp"

namespace patchlab::service::console {

namespace {

Json login_request(const Values&, const Values& fields) {
    return {{"user", fields.one("user")}, {"password", fields.one("password")}};
}

/// Only a page of this console: nobody is sent elsewhere by a link.
std::string after_sign_in(const Values&, const Values& fields, const Json&) {
    const std::string next = fields.one("next");
    const bool own = next.starts_with('/') && !next.starts_with("//") &&
                     next.find('\\') == std::string::npos && is_plain_text(next);
    return own ? next : "/";
}

std::string check_sign_in(const Values& fields) {
    if (fields.one("user").empty() || fields.one("password").empty())
        return "Give your name and your password.";
    return {};
}

/// A password is typed again, never kept in a page.
bool is_secret_field(std::string_view name) {
    return name.starts_with('_') || name == "password" || name == "again" || name == "current";
}

/// What was being typed when the session ended comes along, and is filled in again.
void write_kept_fields(const View& view) {
    if (!view.visit.attempt || view.visit.attempt->form == "login") return;
    view.out.element("p", {{"class", "reason unsure"}},
                     "Your session ended. What you typed is kept: sign in, and the form is there "
                     "again.");
    hidden_field(view.out, "kept._form", view.visit.attempt->form);
    for (const auto& [name, value] : view.visit.attempt->fields.all())
        if (!is_secret_field(name)) hidden_field(view.out, "kept." + name, value);
}

void render_login(const View& view) {
    heading(view.out, "Sign in", "To the console of this patchlab installation.");
    const Region section(view.out, "login", "Who are you?");
    const auto form =
        view.out.open("form", {{"method", "post"}, {"action", "/login"}, {"class", "act login"}});
    hidden_field(view.out, "_form", "login");
    hidden_field(view.out, "_csrf", view.viewer.csrf);
    std::string next = view.query("next");
    if (next.empty() && view.visit.attempt) next = view.visit.attempt->fields.one("next");
    if (next.empty() && view.visit.path != "/login") next = this_page_with(view.visit, {});
    hidden_field(view.out, "next", next);
    write_kept_fields(view);
    {
        const auto box = view.out.open("div", {{"class", "field"}});
        view.out.element("label", {{"for", "user"}}, "User");
        view.out.lone(
            "input", {{"id", "user"},
                      {"name", "user"},
                      {"type", "text"},
                      {"required", "required"},
                      {"autocomplete", "username"},
                      {"autocapitalize", "none"},
                      {"spellcheck", "false"},
                      {"value", view.visit.attempt ? view.visit.attempt->fields.one("user") : ""}});
    }
    {
        const auto box = view.out.open("div", {{"class", "field"}});
        view.out.element("label", {{"for", "password"}}, "Password");
        view.out.lone("input", {{"id", "password"},
                                {"name", "password"},
                                {"type", "password"},
                                {"required", "required"},
                                {"autocomplete", "current-password"}});
    }
    view.out.element("button", {{"type", "submit"}, {"class", "primary"}}, "Sign in");
    view.out.element("p", {{"class", "hint"}},
                     "No password yet? An administrator sets the first one with: patchlab user "
                     "password NAME");
}

/// This browser keeps it; the next page has it already.
void write_themes(const View& view) {
    const Region section(view.out, "theme", "How pages look in this browser");
    const std::string kept = view.viewer.theme.empty() ? "auto" : view.viewer.theme;
    const auto list = view.out.open("ul", {{"class", "names"}});
    for (const auto& [theme, words] :
         {std::pair{"light", "Light"}, {"dark", "Dark"}, {"auto", "As the browser likes it"}}) {
        const auto item = view.out.open("li");
        std::vector<Attribute> attributes{{"href", "/session" + query_text({{"theme", theme}})}};
        if (kept == theme) attributes.push_back({"aria-current", "true"});
        const auto anchor = view.out.open_with("a", attributes);
        view.out.text(words);
    }
}

std::vector<Call> session_calls(const Visit&) {
    return {{"session", "session.show", Json::object()}};
}

std::string to_the_login(const Values&, const Values&, const Json&) { return "/login"; }

void render_session(const View& view) {
    heading(view.out, view.viewer.user.empty() ? "Not signed in" : view.viewer.user,
            "Who you are here.");
    {
        const Region section(view.out, "session", "This session");
        if (!write_failure(view, "session", "your session")) {
            const Json& session = *view.document("session");
            const auto list = view.out.open("dl", {{"class", "pairs"}});
            pair(view.out, "User", text_at(session, "user"));
            pair(view.out, "Roles", joined(texts_at(session, "roles")));
            pair(view.out, "Known by", text_at(session, "login"));
            moment_pair(view, "No password is asked for until", text_at(session, "fresh_until"));
            moment_pair(view, "Ends", text_at(session, "expires"));
            pair(view.out, "Your password was set by", text_at(session, "password_set_by"));
        }
    }
    write_themes(view);
    {
        const Region section(view.out, "out", "Sign out");
        OpenForm form(view, {"logout", "inline"});
        form.submit("Sign out", "primary");
    }
    const Region section(view.out, "password", "Change your password");
    OpenForm form(view, {"password", "act", {}, nullptr, false, view.viewer.user});
    form.hidden("name", view.viewer.user);
    for (const auto& [name, label] : {std::pair{"current", "The password so far"},
                                      {"password", "The new password"},
                                      {"again", "The new password again"}}) {
        const auto box = view.out.open("div", {{"class", "field"}});
        view.out.element("label", {{"for", std::string("change-") + name}}, label);
        view.out.lone(
            "input", {{"id", std::string("change-") + name},
                      {"name", name},
                      {"type", "password"},
                      {"required", "required"},
                      {"autocomplete",
                       std::string_view(name) == "current" ? "current-password" : "new-password"}});
    }
    form.submit("Change it", "primary");
}

std::string check_new_password(const Values& fields) {
    if (fields.one("password") != fields.one("again")) return "The two new passwords differ.";
    if (fields.one("password").empty()) return "Give a new password.";
    return {};
}

Json password_request(const Values&, const Values& fields) {
    return {{"name", fields.one("name")},
            {"password", fields.one("password")},
            {"current", fields.one("current")}};
}

std::string to_the_session(const Values&, const Values&, const Json&) { return "/session"; }

std::vector<Call> tokens_calls(const Visit& visit) {
    Json request = Json::object();
    if (!visit.query.one("all").empty()) request["all"] = true;
    return {{"tokens", "token.list", request}};
}

std::vector<std::string> words_in(const std::string& text) {
    std::vector<std::string> words;
    std::string word;
    for (const char c : text + " ") {
        if (c != ' ' && c != ',') {
            word += c;
            continue;
        }
        if (!word.empty()) words.push_back(word);
        word.clear();
    }
    return words;
}

Json token_request(const Values&, const Values& fields) {
    Json request{{"name", fields.one("name")}};
    const std::string days = fields.one("days");
    const bool number = !days.empty() && days.size() < 4 &&
                        std::all_of(days.begin(), days.end(), [](char c) { return is_digit(c); });
    if (number) request["days"] = std::stoi(days);
    if (const std::string role = fields.one("role"); !role.empty() && role != "all of mine")
        request["role"] = role;
    for (const char* member : {"labs", "channels", "rings"})
        if (const auto words = words_in(fields.one(member)); !words.empty())
            request[member] = words;
    return request;
}

std::string check_token(const Values& fields) {
    return fields.one("name").empty() ? "Say what the token is for." : std::string();
}

Json revoke_request(const Values&, const Values& fields) {
    return {{"token", fields.one("token")}};
}

std::string to_the_tokens(const Values&, const Values&, const Json&) { return "/tokens"; }

void write_new_token(const View& view) {
    const Json* made = view.response("create");
    if (!made) return;
    const Region section(view.out, "new", "Your new token");
    view.out.element("p", "It is shown once. Whoever has it acts as you, within its limits.");
    copyable(view.out, text_at(*made, "text"));
}

std::string narrowed_words(const Json& narrowing) {
    std::string words = text_at(narrowing, "role");
    for (const char* member : {"labs", "channels", "rings"})
        if (const auto names = texts_at(narrowing, member); !names.empty())
            words += (words.empty() ? "" : "; ") + std::string(member) + " " + joined(names);
    return words.empty() ? "all that its user may" : words;
}

void write_token(const View& view, const Json& token) {
    const std::string state = text_at(token, "state"), id = text_at(token, "id");
    const auto row = view.out.open("tr");
    {
        const auto name = view.out.open("th", {{"scope", "row"}});
        view.out.guest(text_at(token, "name"), 100);
        const auto detail = view.out.open("div", {{"class", "detail"}});
        view.out.guest_code("plt_" + id + "_\u2026", 40);
    }
    {
        const auto one = cell(view.out, "State");
        outcome(view.out, state == "active" ? "good" : "plain", state);
    }
    guest_cell(view.out, "User", text_at(token, "user"));
    guest_cell(view.out, "May", narrowed_words(object_at(token, "narrowing")));
    moment_cell(view, "Expires", text_at(token, "expires"));
    moment_cell(view, "Last used", text_at(token, "last_used"));
    const auto one = cell(view.out, "Revoke");
    const auto form = view.out.open("form", {{"method", "post"}, {"action", "/tokens"}});
    hidden_field(view.out, "_form", "revoke");
    hidden_field(view.out, "_csrf", view.viewer.csrf);
    hidden_field(view.out, "token", id);
    std::vector<Attribute> attributes{{"type", "submit"},
                                      {"aria-label", "Revoke the token " + text_at(token, "name")}};
    if (state != "active") attributes.push_back({"disabled", "disabled"});
    const auto button = view.out.open_with("button", attributes);
    view.out.text("Revoke");
}

void render_tokens(const View& view) {
    heading(view.out, "Tokens",
            "For programs that act in your name. A token never approves, "
            "waives or signs.");
    write_new_token(view);
    {
        const Region section(view.out, "tokens", "Tokens");
        if (!write_failure(view, "tokens", "the tokens")) {
            const Json& tokens = list_at(*view.document("tokens"), "tokens");
            if (tokens.empty())
                nothing_here(view.out, "There is no token.",
                             "CI needs one to start runs; give it no more than that.");
            else {
                const auto table = view.out.open("table", {{"class", "stack"}});
                table_head(view.out, "Tokens",
                           {"Token", "State", "User", "May", "Expires", "Last used", "Revoke"});
                const auto body = view.out.open("tbody");
                for (const Json& token : tokens) write_token(view, token);
            }
        }
    }
    const Region section(view.out, "make", "Make a token");
    OpenForm form(view, {"create", "act"});
    form.line("name", "What it is for", {}, true);
    form.line("days", "Days until it expires", "At most 365.", false, "90");
    std::vector<std::string> roles{"all of mine"};
    roles.insert(roles.end(), view.viewer.roles.begin(), view.viewer.roles.end());
    form.choice("role", "Narrowed to the role", roles);
    form.line("labs", "Narrowed to these labs", "Names with blanks between them. Empty: all.");
    form.line("channels", "Narrowed to these channels");
    form.line("rings", "Narrowed to these rings");
    form.submit("Make the token", "primary");
    from_a_shell(view, {{"token list", "token.list", Json::object()}});
}

}  // namespace

std::vector<Screen> session_screens() {
    Screen login{"/login",
                 "Sign in",
                 no_calls,
                 render_login,
                 {{"login", "session.login", login_request, after_sign_in, check_sign_in}},
                 true};
    return {login,
            {"/session",
             "Who you are",
             session_calls,
             render_session,
             {{"logout", "session.logout", no_request, to_the_login},
              {"password", "user.password", password_request, to_the_session, check_new_password}}},
            {"/tokens",
             "Tokens",
             tokens_calls,
             render_tokens,
             {{"create", "token.create", token_request, nullptr, check_token},
              {"revoke", "token.revoke", revoke_request, to_the_tokens}}}};
}

}  // namespace patchlab::service::console
