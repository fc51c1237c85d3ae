// SPDX-License-Identifier: Apache-2.0
//
// The console over HTTP: signing in and out, forms that are meant, and nothing that was typed lost.
#include <gtest/gtest.h>

#include "tests/contract/front/fake_back.hpp"

namespace patchlab::service::front {
namespace {

using testing::header_of;
using testing::status_of;

const std::string as_form = "Content-Type: application/x-www-form-urlencoded\r\n";
const std::string by_cookie = "Cookie: patchlab=good\r\n";

std::vector<Json> with_login(const Seen& seen) {
    if (seen.call != "session.login") return {failed("not-found", "there is nothing here")};
    if (seen.request.value("password", std::string()) != "right")
        return {failed("not-authenticated", "the name or the password is wrong")};
    return {ok({{"session", "new-good"},
                {"user", "vera"},
                {"roles", {"tester"}},
                {"csrf", "c5rf"},
                {"fresh_until", "2099-01-01T00:00:00Z"}})};
}

bool has(const std::string& response, const std::string& text) {
    return response.find(text) != std::string::npos;
}

TEST(FrontPages, nobody_sees_the_page_that_signs_in) {
    FrontServer front(with_login);
    const std::string page = front.ask("GET", "/runs?state=running", "", "", "");
    EXPECT_EQ(status_of(page), 401);
    EXPECT_TRUE(has(page, "name=\"password\""));
    EXPECT_TRUE(has(page, "value=\"/runs?state=running\"")) << "back to where they wanted to go";
    EXPECT_TRUE(has(page, "script-src 'self'"));
    EXPECT_TRUE(front.back.seen("run.list").empty());
}

TEST(FrontPages, signing_in_gives_the_cookie_and_goes_on) {
    FrontServer front(with_login);
    const std::string form = "_form=login&user=vera&next=%2Fruns&password=";
    const std::string wrong = front.ask("POST", "/login", as_form, form + "wrong", "");
    EXPECT_EQ(status_of(wrong), 401);
    EXPECT_TRUE(has(wrong, "the name or the password is wrong"));
    EXPECT_FALSE(has(wrong, "Set-Cookie"));
    const std::string right = front.ask("POST", "/login", as_form, form + "right", "");
    EXPECT_EQ(status_of(right), 303);
    EXPECT_TRUE(has(right, "Location: /runs\r\n"));
    EXPECT_TRUE(has(right, "Set-Cookie: patchlab=new-good; Path=/; HttpOnly; SameSite=Lax\r\n"));
    const std::string elsewhere =
        front.ask("POST", "/login", as_form + "Sec-Fetch-Site: cross-site\r\n", form + "right", "");
    EXPECT_EQ(status_of(elsewhere), 403);
}

TEST(FrontPages, nobody_is_sent_to_another_site_by_signing_in) {
    FrontServer front(with_login);
    const std::string right =
        front.ask("POST", "/login", as_form,
                  "_form=login&user=vera&password=right&next=%2F%2Fevil.example%2Fx", "");
    EXPECT_TRUE(has(right, "Location: /\r\n")) << right;
}

TEST(FrontPages, a_form_must_carry_what_only_the_page_knows) {
    FrontServer front(with_login);
    const auto log_out = [&](const std::string& token, const std::string& fields = "") {
        return front.ask("POST", "/session", as_form + by_cookie + fields,
                         "_form=logout&_csrf=" + token, "");
    };
    EXPECT_EQ(status_of(log_out("")), 403);
    EXPECT_EQ(status_of(log_out("wrong")), 403);
    EXPECT_EQ(status_of(log_out("c5rf", "Origin: http://evil.example\r\n")), 403);
    EXPECT_TRUE(front.back.seen("session.logout").empty());
    log_out("c5rf");
    EXPECT_EQ(front.back.seen("session.logout").size(), 1U);
}

TEST(FrontPages, what_was_typed_when_the_session_ended_is_there_again) {
    FrontServer front(with_login);
    const std::string over = front.ask("POST", "/session", as_form + "Cookie: patchlab=over\r\n",
                                       "_form=password&_csrf=c5rf&reason=half+a+page", "");
    EXPECT_EQ(status_of(over), 401);
    EXPECT_TRUE(has(over, "name=\"kept._form\""));
    EXPECT_TRUE(has(over, "name=\"kept.reason\" value=\"half a page\""));
    EXPECT_TRUE(front.back.seen("user.password").empty());
    const std::string again =
        front.ask("POST", "/login", as_form,
                  "_form=login&user=vera&password=right&next=%2Fsession&kept._form=password&"
                  "kept.reason=half+a+page",
                  "");
    EXPECT_EQ(status_of(again), 200);
    EXPECT_TRUE(has(again, "Set-Cookie: patchlab=new-good"));
    EXPECT_TRUE(has(again, "<form"));
}

TEST(FrontPages, the_password_that_comes_with_a_dangerous_form_signs_in_again) {
    FrontServer front([](const Seen& seen) -> std::vector<Json> {
        if (seen.call == "user.remove") return {ok({{"name", "bob"}})};
        if (seen.call == "user.show")
            return {ok({{"name", "bob"}, {"roles", {"tester"}}, {"active", true}})};
        return with_login(seen);
    });
    const auto remove = [&](const std::string& word) {
        return front.ask("POST", "/users/bob", as_form + by_cookie,
                         "_form=remove&_csrf=c5rf&expected=bob&confirm=bob&_password=" + word, "");
    };
    const std::string wrong = remove("wrong");
    EXPECT_EQ(status_of(wrong), 401);
    EXPECT_TRUE(has(wrong, "the name or the password is wrong")) << wrong;
    EXPECT_TRUE(has(wrong, "value=\"bob\"")) << "what was typed is still there";
    EXPECT_FALSE(has(wrong, "value=\"wrong\""));
    EXPECT_TRUE(front.back.seen("user.remove").empty());
    const std::string right = remove("right");
    EXPECT_EQ(status_of(right), 303) << right;
    EXPECT_TRUE(has(right, "Set-Cookie: patchlab=new-good;"));
    const auto logins = front.back.seen("session.login");
    ASSERT_EQ(logins.size(), 2U);
    EXPECT_EQ(logins[1].request, Json({{"user", "vera"}, {"password", "right"}}));
    EXPECT_EQ(logins[1].credential, Json({{"session", "good"}})) << "the session that it replaces";
    ASSERT_EQ(front.back.seen("user.remove").size(), 1U);
    EXPECT_EQ(front.back.seen("user.remove")[0].credential, Json({{"session", "new-good"}}));
}

TEST(FrontPages, behind_a_proxy_that_speaks_TLS_the_origin_is_https_and_nobody_is_believed) {
    FrontServer front(with_login, {}, {"", false, true});
    const std::string right =
        front.ask("POST", "/login", as_form + "Origin: https://localhost:8080\r\n",
                  "_form=login&user=vera&password=right&next=%2Fruns", "");
    EXPECT_EQ(status_of(right), 303) << right;
    EXPECT_TRUE(has(right, "Set-Cookie: __Host-patchlab=new-good;"));
    EXPECT_TRUE(has(right, "; Secure\r\n"));
    const std::string claimed =
        front.ask("GET", "/api/v1/runs", "X-Remote-User: good-vera\r\n", "", "");
    EXPECT_EQ(status_of(claimed), 401) << "anybody who reaches the address could say so";
}

TEST(FrontPages, whom_a_proxy_has_signed_in_may_send_forms) {
    FrontServer front(
        [](const Seen& seen) -> std::vector<Json> {
            if (seen.call == "token.revoke") return {ok({{"id", "t"}})};
            return {failed("not-found", "there is nothing here")};
        },
        {}, {"", true, false});
    const std::string proxied = "X-Remote-User: good-vera\r\n";
    const std::string sent =
        front.ask("POST", "/tokens", as_form + proxied + "Origin: https://localhost:8080\r\n",
                  "_form=revoke&token=t&_csrf=", "");
    EXPECT_EQ(status_of(sent), 303) << sent;
    const std::string elsewhere =
        front.ask("POST", "/tokens", as_form + proxied + "Origin: https://evil.example\r\n",
                  "_form=revoke&token=t&_csrf=", "");
    EXPECT_EQ(status_of(elsewhere), 403);
    EXPECT_EQ(front.back.seen("token.revoke").size(), 1U);
}

TEST(FrontPages, after_signing_in_a_kept_form_posts_to_the_page_that_it_came_from) {
    FrontServer front(with_login);
    const std::string again =
        front.ask("POST", "/login", as_form,
                  "_form=login&user=vera&password=right&next=%2Fusers%2Fa%2520b&kept._form=remove&"
                  "kept.confirm=half",
                  "");
    EXPECT_EQ(status_of(again), 200);
    EXPECT_FALSE(has(again, "%2520")) << again;
}

TEST(FrontPages, a_browser_keeps_the_look_that_was_chosen) {
    FrontServer front(with_login);
    const std::string chosen = front.ask("GET", "/session?theme=dark", by_cookie, "", "");
    EXPECT_TRUE(has(chosen, "Set-Cookie: patchlab_theme=dark; Path=/; SameSite=Lax; Max-Age="));
    EXPECT_TRUE(has(chosen, "data-theme=\"dark\""));
    const std::string later =
        front.ask("GET", "/session", "Cookie: patchlab=good; patchlab_theme=dark\r\n", "", "");
    EXPECT_TRUE(has(later, "data-theme=\"dark\""));
    const std::string odd = front.ask(
        "GET", "/session", "Cookie: patchlab=good; patchlab_theme=\"><script>\r\n", "", "");
    EXPECT_FALSE(has(odd, "data-theme"));
    const std::string back = front.ask("GET", "/session?theme=auto", by_cookie, "", "");
    EXPECT_TRUE(has(back, "patchlab_theme=; Path=/; SameSite=Lax; Max-Age=0"));
}

TEST(FrontPages, a_page_that_is_not_there_says_so) {
    FrontServer front(with_login);
    const std::string page = front.ask("GET", "/no/such/page", by_cookie, "", "");
    EXPECT_EQ(status_of(page), 404);
    EXPECT_TRUE(has(page, "There is no such page"));
    EXPECT_EQ(status_of(front.ask("GET", "/%zz", by_cookie, "", "")), 404);
    EXPECT_EQ(status_of(front.ask("PUT", "/runs", by_cookie, "", "")), 405);
    EXPECT_EQ(status_of(front.ask("GET", "/static/../secret", "", "", "")), 404);
}

TEST(FrontPages, files_of_the_console_are_kept_by_browsers) {
    FrontServer front(with_login);
    const std::string first = front.ask("GET", "/static/console.css", "", "", "");
    EXPECT_EQ(status_of(first), 200);
    const std::string tag = header_of(first, "ETag");
    EXPECT_EQ(status_of(front.ask("GET", "/static/console.css", "If-None-Match: " + tag + "\r\n",
                                  "", "")),
              304);
    const std::string named =
        front.ask("GET", "/static/console.css?v=" + tag.substr(1, 12), "", "", "");
    EXPECT_TRUE(has(named, "immutable"));
}

}  // namespace
}  // namespace patchlab::service::front
