// SPDX-License-Identifier: Apache-2.0
//
// Sign-in, what a browser sends by itself, and decisions that rest on what was seen.
#include <gtest/gtest.h>

#include <atomic>

#include "tests/contract/front/fake_back.hpp"

namespace patchlab::service::front {
namespace {

using testing::body_of;
using testing::header_of;
using testing::status_of;

const std::string as_json = "Content-Type: application/json\r\n";
const std::string cookie = "Cookie: patchlab=good\r\n";

std::vector<Json> accepts_all(const Seen&) { return {ok({{"schema", "test"}})}; }

TEST(FrontSignIn, gives_a_cookie_and_keeps_the_secret_out_of_the_body) {
    FrontServer front([](const Seen& seen) -> std::vector<Json> {
        if (seen.request.value("password", std::string()) != "right")
            return {failed("not-authenticated", "the name or the password is wrong")};
        return {ok({{"session", "s3cret-good"}, {"user", "vera"}, {"csrf", "c5rf"}})};
    });
    const std::string wrong =
        front.ask("POST", "/api/v1/session", as_json, R"({"user":"vera","password":"x"})", "");
    EXPECT_EQ(status_of(wrong), 401);
    const std::string right =
        front.ask("POST", "/api/v1/session", as_json, R"({"user":"vera","password":"right"})", "");
    EXPECT_EQ(status_of(right), 200);
    EXPECT_EQ(header_of(right, "Set-Cookie"),
              "patchlab=s3cret-good; Path=/; HttpOnly; SameSite=Lax");
    EXPECT_EQ(body_of(right).find("s3cret"), std::string::npos);
    const std::string from_elsewhere =
        front.ask("POST", "/api/v1/session", as_json + "Sec-Fetch-Site: cross-site\r\n",
                  R"({"user":"vera","password":"right"})", "");
    EXPECT_EQ(status_of(from_elsewhere), 403);
}

TEST(FrontCsrf, a_write_by_a_cookie_must_be_meant) {
    FrontServer front(accepts_all);
    const auto cancel = [&](const std::string& fields) {
        return status_of(front.ask("POST", "/api/v1/runs/r/cancel", cookie + fields, "", ""));
    };
    EXPECT_EQ(cancel(""), 403);
    EXPECT_EQ(cancel("X-CSRF-Token: wrong\r\n"), 403);
    EXPECT_EQ(cancel("X-CSRF-Token: c5rf\r\nOrigin: http://evil.example\r\n"), 403);
    EXPECT_EQ(cancel("X-CSRF-Token: c5rf\r\nSec-Fetch-Site: cross-site\r\n"), 403);
    EXPECT_TRUE(front.back.seen("run.cancel").empty());
    EXPECT_EQ(cancel("X-CSRF-Token: c5rf\r\nOrigin: http://localhost:8080\r\n"), 200);
    EXPECT_EQ(status_of(front.ask("GET", "/api/v1/runs/r", cookie, "", "")), 200);
}

/// A run with one piece of evidence, about which people decide.
struct DecidedRun {
    std::atomic<int> decisions = 0;
    std::vector<Json> answer(const Seen& seen) {
        if (seen.call == "policy.explain") {
            Json rulings = Json::array();
            for (int i = 0; i < decisions; ++i) rulings.push_back(i);
            return {ok({{"evidence_digest", "d1gest"}, {"rulings", rulings}})};
        }
        if (seen.call.starts_with("decision.")) ++decisions;
        return {ok({{"schema", "test"}})};
    }
};

TEST(FrontDecisions, rest_on_what_was_seen) {
    DecidedRun run;
    FrontServer front([&](const Seen& seen) { return run.answer(seen); });
    const auto approve = [&](const std::string& tag) {
        const std::string fields = tag.empty() ? as_json : as_json + "If-Match: " + tag + "\r\n";
        return front.ask("POST", "/api/v1/runs/r/approve", fields, "{}");
    };
    EXPECT_EQ(status_of(approve("")), 428);
    EXPECT_EQ(status_of(approve("*")), 428);
    EXPECT_EQ(status_of(approve("\"older.0\"")), 412);
    EXPECT_EQ(run.decisions, 0);
    const std::string tag = header_of(front.ask("GET", "/api/v1/runs/r/decision"), "ETag");
    EXPECT_EQ(tag, "\"d1gest.0\"");
    EXPECT_EQ(status_of(approve(tag)), 200);
    const std::string second = approve(tag);
    EXPECT_EQ(status_of(second), 412);
    EXPECT_EQ(header_of(second, "ETag"), "\"d1gest.1\"");
    EXPECT_EQ(run.decisions, 1);
}

TEST(FrontDecisions, of_many_at_once_one_counts) {
    DecidedRun run;
    FrontServer front([&](const Seen& seen) { return run.answer(seen); });
    std::atomic<int> taken = 0, changed = 0;
    std::vector<std::thread> people;
    for (int i = 0; i < 8; ++i)
        people.emplace_back([&] {
            const int status = status_of(front.ask("POST", "/api/v1/runs/r/approve",
                                                   as_json + "If-Match: \"d1gest.0\"\r\n", "{}"));
            if (status == 200) ++taken;
            if (status == 412) ++changed;
        });
    for (std::thread& person : people) person.join();
    EXPECT_EQ(taken, 1);
    EXPECT_EQ(changed, 7);
    EXPECT_EQ(run.decisions, 1);
}

}  // namespace
}  // namespace patchlab::service::front
