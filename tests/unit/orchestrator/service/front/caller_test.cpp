// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/front/caller.hpp"

#include <gtest/gtest.h>

#include "orchestrator/service/api/tags.hpp"
#include "orchestrator/service/front/hub.hpp"
#include "orchestrator/service/front/pages.hpp"
#include "orchestrator/service/front/serve.hpp"
#include "platform/core/error.hpp"

namespace patchlab::service::front {
namespace {

http::Request with(std::vector<http::Field> fields, bool proxy = false) {
    http::Request request;
    request.fields = std::move(fields);
    request.fields.emplace_back("host", "lab:8080");
    request.peer = {"127.0.0.1", proxy};
    return request;
}

TEST(Caller, is_known_by_a_token_before_a_cookie) {
    EXPECT_EQ(caller_of(with({})).kind, CredentialKind::none);
    const CallerOf both =
        caller_of(with({{"authorization", "bearer plt_x"}, {"cookie", "patchlab=s"}}));
    EXPECT_EQ(both.kind, CredentialKind::token);
    EXPECT_EQ(both.credential, Json({{"token", "plt_x"}}));
    const CallerOf cookie = caller_of(with({{"cookie", "a=b; patchlab=secret; c=d"}}));
    EXPECT_EQ(cookie.credential, Json({{"session", "secret"}}));
}

TEST(Caller, a_broken_authorization_is_no_reason_to_take_the_cookie) {
    const CallerOf caller =
        caller_of(with({{"authorization", "Basic eA=="}, {"cookie", "patchlab=s"}}));
    EXPECT_EQ(caller.kind, CredentialKind::token);
    EXPECT_EQ(caller.credential, Json({{"token", "none"}}));
}

TEST(Caller, what_a_proxy_would_say_is_believed_from_the_proxy_alone) {
    const std::vector<http::Field> fields{{"x-remote-user", "vera"},
                                          {"x-remote-groups", "testers, owners"},
                                          {"x-forwarded-for", "10.9.9.9, 192.0.2.7"}};
    const CallerOf stranger = caller_of(with(fields));
    EXPECT_EQ(stranger.kind, CredentialKind::none);
    EXPECT_EQ(stranger.from, "127.0.0.1");
    const CallerOf proxied = caller_of(with(fields, true));
    EXPECT_EQ(proxied.credential,
              Json({{"proxy", {{"user", "vera"}, {"groups", {"testers", "owners"}}}}}));
    EXPECT_EQ(proxied.from, "192.0.2.7");
}

TEST(Caller, no_group_of_many_is_left_out) {
    std::string many = "g-0";
    for (int i = 1; i < 400; ++i) many += ",g-" + std::to_string(i);
    const CallerOf caller =
        caller_of(with({{"x-remote-user", "vera"}, {"x-remote-groups", many}}, true));
    EXPECT_EQ(caller.credential.at("proxy").at("groups").size(), 400U);
}

TEST(Caller, a_proxy_that_only_speaks_TLS_names_the_address_and_nobody) {
    http::Request request =
        with({{"x-remote-user", "vera"}, {"x-forwarded-for", "10.9.9.9, 192.0.2.7"}});
    request.peer.tls = true;
    const CallerOf caller = caller_of(request);
    EXPECT_EQ(caller.kind, CredentialKind::none);
    EXPECT_TRUE(caller.https);
    EXPECT_EQ(caller.from, "192.0.2.7");
    EXPECT_EQ(origin_of(request, caller), "https://lab:8080");
}

TEST(Caller, who_gave_no_password_is_not_asked_for_it_again) {
    const TimePoint now = from_rfc3339("2026-11-30T12:00:00Z");
    for (const char* login : {"proxy", "token", "unix-socket"})
        EXPECT_TRUE(
            viewer_of({{"user", "vera"}, {"login", login}, {"fresh_until", nullptr}}).is_fresh(now))
            << login;
    const Json old{{"user", "vera"}, {"login", "session"}, {"fresh_until", "2026-11-30T11:00:00Z"}};
    EXPECT_FALSE(viewer_of(old).is_fresh(now));
}

TEST(Caller, the_cookie_is_the_strict_one_wherever_TLS_is_spoken) {
    EXPECT_EQ(session_cookie("s", true),
              "__Host-patchlab=s; Path=/; HttpOnly; SameSite=Lax; Secure");
    EXPECT_EQ(session_cookie("s", false), "patchlab=s; Path=/; HttpOnly; SameSite=Lax");
    EXPECT_NE(session_cookie("", true).find("Max-Age=0"), std::string::npos);
    EXPECT_EQ(caller_of(with({{"cookie", "patchlab=s"}}, true)).kind, CredentialKind::none);
}

TEST(Caller, another_site_is_told_by_what_the_browser_says) {
    const auto elsewhere = [](std::vector<http::Field> fields, bool proxy = false) {
        const http::Request request = with(std::move(fields), proxy);
        return comes_from_elsewhere(request, caller_of(request));
    };
    EXPECT_FALSE(elsewhere({}));
    EXPECT_FALSE(elsewhere({{"sec-fetch-site", "same-origin"}}));
    EXPECT_TRUE(elsewhere({{"sec-fetch-site", "cross-site"}}));
    EXPECT_TRUE(elsewhere({{"sec-fetch-site", "same-site"}}));
    EXPECT_FALSE(elsewhere({{"origin", "http://lab:8080"}}));
    EXPECT_TRUE(elsewhere({{"origin", "https://lab:8080"}}));
    EXPECT_FALSE(elsewhere({{"origin", "https://lab:8080"}}, true));
    EXPECT_TRUE(elsewhere({{"origin", "null"}}));
}

TEST(Secrets, an_empty_one_is_never_the_same) {
    EXPECT_TRUE(same_secret("abc", "abc"));
    EXPECT_FALSE(same_secret("abc", "abd"));
    EXPECT_FALSE(same_secret("abc", "ab"));
    EXPECT_FALSE(same_secret("", ""));
}

TEST(Tags, change_with_every_decision) {
    const Json before{{"evidence_digest", "d1"}, {"rulings", Json::array()}};
    const Json after{{"evidence_digest", "d1"}, {"rulings", {"one"}}};
    EXPECT_EQ(api::tag_in("policy.explain", before), "d1.0");
    EXPECT_TRUE(api::matches_tag("\"d1.0\"", api::tag_in("policy.explain", before)));
    EXPECT_FALSE(api::matches_tag("\"d1.0\"", api::tag_in("policy.explain", after)));
    EXPECT_TRUE(api::matches_tag("\"x\", \"d1.1\"", api::tag_in("policy.explain", after)));
    EXPECT_FALSE(api::matches_tag("", ""));
    EXPECT_FALSE(api::matches_tag("\"\"", "d1.0"));
    EXPECT_TRUE(api::matches_tag("\"d1\"", "d1.7")) << "the evidence alone was seen";
    EXPECT_FALSE(api::matches_tag("\"d\"", "d1.7"));
    EXPECT_TRUE(api::tag_in("run.list", before).empty());
}

TEST(Events, are_one_record_each) {
    EXPECT_EQ(event_text("run/r-1/4", "run_event", {{"text", "a\nb"}}),
              "id: run/r-1/4\nevent: run_event\ndata: {\"text\":\"a\\nb\"}\n\n");
}

TEST(Addresses, beyond_loopback_need_a_proxy) {
    EXPECT_NO_THROW(expect_permitted("127.0.0.1:80", false));
    EXPECT_NO_THROW(expect_permitted("[::1]:80", false));
    EXPECT_NO_THROW(expect_permitted("localhost:80", false));
    EXPECT_THROW(expect_permitted("0.0.0.0:80", false), Error);
    EXPECT_THROW(expect_permitted("[::]:80", false), Error);
    EXPECT_THROW(expect_permitted("192.0.2.1:80", false), Error);
    EXPECT_NO_THROW(expect_permitted("192.0.2.1:80", true));
    EXPECT_THROW(expect_permitted("example.com:80", true), Error);
}

}  // namespace
}  // namespace patchlab::service::front
