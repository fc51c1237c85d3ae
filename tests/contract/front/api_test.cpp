// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>

#include "tests/contract/front/fake_back.hpp"

namespace patchlab::service::front {
namespace {

using testing::body_of;
using testing::RawClient;
using testing::status_of;

const std::string json_body = "Content-Type: application/json\r\n";

Json document(const std::string& response) { return parse_json(body_of(response), "response"); }

/// Answers everything with what it was asked.
std::vector<Json> echo(const Seen& seen) {
    return {ok({{"schema", "test"}, {"asked", seen.request}, {"from", seen.from}})};
}

TEST(FrontApi, asks_the_back_as_the_caller) {
    FrontServer front(echo);
    const std::string response = front.ask("GET", "/api/v1/runs/r-1/diff?sensitive=true");
    EXPECT_EQ(status_of(response), 200) << response;
    EXPECT_EQ(document(response).at("asked"), Json({{"run", "r-1"}, {"sensitive", true}}));
    EXPECT_EQ(document(response).at("from"), "127.0.0.1");
    ASSERT_EQ(front.back.seen("run.diff").size(), 1U);
    EXPECT_EQ(front.back.seen("run.diff")[0].credential, Json({{"token", "plt_good"}}));
    for (const char* field :
         {"X-Content-Type-Options: nosniff", "Cache-Control: no-store", "frame-ancestors 'none'"})
        EXPECT_NE(response.find(field), std::string::npos) << field;
}

TEST(FrontApi, says_what_is_wrong_as_a_problem_document) {
    FrontServer front([](const Seen&) -> std::vector<Json> {
        return {failed("not-found", "there is no run 'r-9'")};
    });
    const std::string missing = front.ask("GET", "/api/v1/runs/r-9");
    EXPECT_EQ(status_of(missing), 404);
    EXPECT_NE(missing.find("Content-Type: application/problem+json"), std::string::npos);
    EXPECT_EQ(document(missing).at("detail"), "there is no run 'r-9'");
    EXPECT_EQ(status_of(front.ask("GET", "/api/v1/nothing")), 404);
    EXPECT_EQ(status_of(front.ask("GET", "/api/v1/runs?limit=x")), 400);
    const std::string method = front.ask("PUT", "/api/v1/runs");
    EXPECT_EQ(status_of(method), 405);
    EXPECT_NE(method.find("Allow: POST, GET, HEAD"), std::string::npos) << method;
}

TEST(FrontApi, nobody_gets_nothing) {
    FrontServer front(echo);
    const std::string none = front.ask("GET", "/api/v1/runs", "", "", "");
    EXPECT_EQ(status_of(none), 401);
    EXPECT_NE(none.find("WWW-Authenticate: Bearer"), std::string::npos);
    EXPECT_TRUE(front.back.seen("run.list").empty());
    EXPECT_EQ(status_of(front.ask("GET", "/api/v1/runs", "", "", "plt_bad")), 401);
    EXPECT_EQ(status_of(front.ask("GET", "/metrics", "", "", "")), 401);
    EXPECT_EQ(status_of(front.ask("GET", "/api/v1/stream", "", "", "")), 401);
    EXPECT_EQ(status_of(front.ask("GET", "/healthz", "", "", "")), 200);
}

TEST(FrontApi, another_name_than_its_own_is_refused) {
    FrontServer front(echo);
    RawClient client(front.port);
    client.send("GET /healthz HTTP/1.1\r\nHost: evil.example:80\r\n\r\n");
    EXPECT_EQ(status_of(client.read_all()), 421);
}

TEST(FrontApi, a_list_comes_in_pages) {
    FrontServer front([](const Seen& seen) -> std::vector<Json> {
        Json runs = Json::array();
        for (std::size_t i = 0; i < seen.request.at("filter").at("limit").get<std::size_t>(); ++i)
            runs.push_back({{"id", "r-" + std::to_string(i)}});
        return {ok({{"schema", "patchlab/runs/v1"}, {"runs", runs}})};
    });
    const Json first = document(front.ask("GET", "/api/v1/runs?limit=2"));
    EXPECT_EQ(first.at("runs").size(), 2U);
    const std::string cursor = first.at("next_cursor");
    const Json second = document(front.ask("GET", "/api/v1/runs?limit=2&cursor=" + cursor));
    EXPECT_EQ(second.at("runs"), Json({{{"id", "r-2"}}, {{"id", "r-3"}}}));
    EXPECT_EQ(status_of(front.ask("GET", "/api/v1/runs?limit=2&lab=x&cursor=" + cursor)), 400);
}

TEST(FrontApi, what_goes_on_by_itself_is_accepted_with_its_address) {
    FrontServer front([](const Seen& seen) -> std::vector<Json> {
        EXPECT_EQ(seen.request.value("detach", false), true);
        return {ok({{"schema", "patchlab/run-started/v1"}, {"id", "r-7"}})};
    });
    const std::string response =
        front.ask("POST", "/api/v1/runs", json_body, R"({"lab":"web","patches":["p"]})");
    EXPECT_EQ(status_of(response), 202);
    EXPECT_NE(response.find("Location: /api/v1/runs/r-7\r\n"), std::string::npos) << response;
}

TEST(FrontApi, what_is_followed_comes_line_by_line) {
    FrontServer front([](const Seen& seen) -> std::vector<Json> {
        EXPECT_FALSE(seen.request.contains("detach"));
        return {{{"run_event", {{"run", "r-7"}, {"text", "one"}}}}, ok({{"id", "r-7"}}, 1)};
    });
    const std::string response =
        front.ask("POST", "/api/v1/runs", json_body + "Accept: application/x-ndjson\r\n",
                  R"({"lab":"web","patches":["p"]})");
    EXPECT_EQ(status_of(response), 200);
    EXPECT_NE(response.find("{\"run_event\":{\"run\":\"r-7\",\"text\":\"one\"}}\n"),
              std::string::npos)
        << response;
    EXPECT_NE(response.find("{\"response\":{\"id\":\"r-7\"},\"exit\":1}\n"), std::string::npos);
}

TEST(FrontApi, files_travel_as_descriptors) {
    FrontServer front([](const Seen&) -> std::vector<Json> { return {ok({{"id", "p-1"}})}; });
    const std::string large(2U << 20, 'd');
    const std::string body =
        "--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"../x.deb\"\r\n\r\n" +
        large + "\r\n--b\r\nContent-Disposition: form-data; name=\"require_signature\"\r\n\r\n" +
        "false\r\n--b--\r\n";
    const std::string response = front.ask(
        "POST", "/api/v1/patches", "Content-Type: multipart/form-data; boundary=b\r\n", body);
    EXPECT_EQ(status_of(response), 201) << response;
    const auto seen = front.back.seen("patch.add");
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].request,
              Json({{"require_signature", false}, {"files", {{{"fd", 0}, {"file", "x.deb"}}}}}));
    ASSERT_EQ(seen[0].files.size(), 1U);
    EXPECT_EQ(seen[0].files[0], large);
}

TEST(FrontApi, a_path_of_the_lab_host_is_no_upload) {
    FrontServer front(echo);
    for (const char* body : {R"({"files":["/etc/shadow"]})", R"({"files":[{"fd":0,"file":"x"}]})"})
        EXPECT_EQ(status_of(front.ask("POST", "/api/v1/patches", json_body, body)), 400);
    EXPECT_TRUE(front.back.seen("patch.add").empty());
}

TEST(FrontApi, a_larger_body_needs_a_caller_that_the_back_knows) {
    FrontLimits limits;
    limits.upload = 100'000;
    FrontServer front(echo, limits);
    const std::string form = "Content-Type: multipart/form-data; boundary=b\r\n";
    const std::string body(50'000, 'x');
    EXPECT_EQ(status_of(front.ask("POST", "/api/v1/patches", form, body, "")), 401);
    EXPECT_EQ(status_of(front.ask("POST", "/api/v1/patches", form, body, "plt_bad")), 401);
    EXPECT_EQ(status_of(front.ask("POST", "/api/v1/patches", form, body)), 422);
    EXPECT_EQ(status_of(front.ask("POST", "/api/v1/patches", form, std::string(200'000, 'x'))),
              413);
}

TEST(FrontApi, documents_for_programs_come_compressed_and_pages_do_not) {
    FrontServer front([](const Seen&) -> std::vector<Json> {
        return {ok({{"schema", "test"}, {"text", std::string(50'000, 'x')}})};
    });
    const std::string accepts = "Accept-Encoding: gzip\r\n";
    const std::string packed = front.ask("GET", "/api/v1/runs/r-1", accepts);
    EXPECT_EQ(status_of(packed), 200);
    EXPECT_NE(packed.find("Content-Encoding: gzip"), std::string::npos) << packed.substr(0, 500);
    EXPECT_LT(packed.size(), 5'000U);
    const std::string plain = front.ask("GET", "/api/v1/runs/r-1");
    EXPECT_EQ(plain.find("Content-Encoding"), std::string::npos);
    EXPECT_NE(plain.find("Vary: Accept-Encoding"), std::string::npos);
    const std::string style = front.ask("GET", "/static/console.css", accepts, "", "");
    EXPECT_NE(style.find("Content-Encoding: gzip"), std::string::npos) << style.substr(0, 500);
    const std::string page =
        front.ask("GET", "/help", accepts + "Cookie: patchlab=good\r\n", "", "");
    EXPECT_EQ(page.find("Content-Encoding"), std::string::npos);
}

TEST(FrontApi, the_same_key_does_a_thing_once) {
    FrontServer front([](const Seen&) -> std::vector<Json> { return {ok({{"id", "r-7"}})}; });
    const std::string fields = json_body + "Idempotency-Key: k1\r\n";
    const std::string body = R"({"lab":"web","patches":["p"]})";
    const std::string first = front.ask("POST", "/api/v1/runs", fields, body);
    const std::string again = front.ask("POST", "/api/v1/runs", fields, body);
    EXPECT_EQ(status_of(first), 202);
    EXPECT_EQ(status_of(again), 202);
    EXPECT_NE(again.find("Idempotent-Replayed: true"), std::string::npos);
    EXPECT_EQ(front.back.seen("run.start").size(), 1U);
    EXPECT_EQ(
        status_of(front.ask("POST", "/api/v1/runs", fields, R"({"lab":"b","patches":["p"]})")),
        422);
}

TEST(FrontApi, a_repetition_of_what_was_followed_gets_its_end) {
    FrontServer front([](const Seen&) -> std::vector<Json> {
        return {{{"run_event", {{"run", "r-7"}, {"text", "one"}}}}, ok({{"id", "r-7"}}, 1)};
    });
    const std::string fields =
        json_body + "Accept: application/x-ndjson\r\nIdempotency-Key: k1\r\n";
    const std::string body = R"({"lab":"web","patches":["p"]})";
    front.ask("POST", "/api/v1/runs", fields, body);
    const std::string again = front.ask("POST", "/api/v1/runs", fields, body);
    EXPECT_NE(again.find("Idempotent-Replayed: true"), std::string::npos);
    EXPECT_EQ(body_of(again), "{\"response\":{\"id\":\"r-7\"},\"exit\":1}\n") << again;
    EXPECT_EQ(front.back.seen("run.start").size(), 1U);
}

TEST(FrontApi, a_repetition_of_what_was_refused_while_followed_is_refused_again) {
    FrontServer front(
        [](const Seen&) -> std::vector<Json> { return {failed("not-allowed", "no role for it")}; });
    const std::string fields =
        json_body + "Accept: application/x-ndjson\r\nIdempotency-Key: k1\r\n";
    for (int times = 0; times < 2; ++times) {
        const std::string refused =
            front.ask("POST", "/api/v1/runs", fields, R"({"lab":"web","patches":["p"]})");
        EXPECT_EQ(status_of(refused), 403) << refused;
        EXPECT_EQ(document(refused).at("detail"), "no role for it");
    }
}

TEST(FrontApi, whoever_follows_with_a_key_and_hangs_up_starts_nothing_twice) {
    std::atomic<bool> go_on = false;
    FrontServer front([&](const Seen&) -> std::vector<Json> {
        while (!go_on) std::this_thread::sleep_for(std::chrono::milliseconds(5));
        std::vector<Json> said(50, {{"run_event", {{"run", "r-7"}, {"text", "one"}}}});
        said.push_back(ok({{"id", "r-7"}}));
        return said;
    });
    const std::string fields =
        json_body + "Accept: application/x-ndjson\r\nIdempotency-Key: k1\r\n";
    const std::string body = R"({"lab":"web","patches":["p"]})";
    {
        RawClient client(front.port);
        client.send("POST /api/v1/runs HTTP/1.1\r\nHost: localhost\r\n" + fields +
                    "Authorization: Bearer plt_good\r\nContent-Length: " +
                    std::to_string(body.size()) + "\r\n\r\n" + body);
        EXPECT_TRUE(testing::wait_until([&] { return front.back.seen("run.start").size() == 1; }));
    }
    EXPECT_EQ(status_of(front.ask("POST", "/api/v1/runs", fields, body)), 409) << "at work";
    go_on = true;
    std::string again;
    EXPECT_TRUE(testing::wait_until([&] {
        again = front.ask("POST", "/api/v1/runs", fields, body);
        return status_of(again) == 200;
    })) << again;
    EXPECT_NE(body_of(again).find("\"id\":\"r-7\""), std::string::npos) << again;
    EXPECT_EQ(front.back.seen("run.start").size(), 1U);
}

TEST(FrontApi, a_response_that_is_too_long_to_be_kept_is_not_repeated_as_an_empty_one) {
    FrontServer front([](const Seen&) -> std::vector<Json> {
        return {ok({{"id", "r-7"}, {"text", std::string(100'000, 'x')}})};
    });
    const std::string fields = json_body + "Idempotency-Key: k1\r\n";
    const std::string body = R"({"lab":"web","patches":["p"]})";
    EXPECT_EQ(status_of(front.ask("POST", "/api/v1/runs", fields, body)), 202);
    const std::string again = front.ask("POST", "/api/v1/runs", fields, body);
    EXPECT_EQ(status_of(again), 409);
    EXPECT_NE(document(again).at("detail").get<std::string>().find("was done"), std::string::npos);
    EXPECT_EQ(front.back.seen("run.start").size(), 1U);
}

TEST(FrontApi, the_badge_of_a_run_holds_only_words_of_the_product) {
    FrontServer front([](const Seen& seen) -> std::vector<Json> {
        const std::string verdict = seen.request.at("run") == "r-1" ? "validated" : "<script>";
        return {ok({{"verdict", verdict}, {"state", "<b>"}})};
    });
    const std::string good = front.ask("GET", "/api/v1/runs/r-1/badge.svg");
    EXPECT_EQ(status_of(good), 200);
    EXPECT_NE(good.find("Content-Type: image/svg+xml"), std::string::npos);
    EXPECT_NE(good.find("patchlab: validated"), std::string::npos);
    const std::string hostile = front.ask("GET", "/api/v1/runs/r-2/badge.svg");
    EXPECT_EQ(hostile.find("script"), std::string::npos);
    EXPECT_NE(hostile.find("patchlab: unknown"), std::string::npos);
}

TEST(FrontApi, the_file_that_an_operation_writes_is_the_response) {
    FrontServer front([](const Seen& seen) -> std::vector<Json> {
        EXPECT_EQ(seen.request.at("file"), Json({{"fd", 0}, {"file", "r-1.tar.zst"}}));
        return {ok({{"schema", "test"}})};
    });
    front.back.write_into_files("archive");
    const std::string response = front.ask("GET", "/api/v1/evidence/r-1/export");
    EXPECT_EQ(status_of(response), 200) << response;
    EXPECT_NE(response.find("attachment; filename=\"r-1.tar.zst\""), std::string::npos);
    EXPECT_NE(response.find("archive"), std::string::npos);
}

TEST(FrontApi, a_back_that_is_gone_is_no_mistake_of_the_caller) {
    http::Loop loop;
    Upstream upstream(loop, []() -> UniqueFd { throw Error(ErrorCode::lab, "the back has gone"); });
    BackReply reply;
    const auto ask = [](Upstream& to, BackReply& got) -> http::Task<void> {
        got = co_await to.call(BackCall("run.list"));
    };
    loop.spawn(ask(upstream, reply));
    loop.run();
    EXPECT_FALSE(reply.ok);
    EXPECT_EQ(reply.document.at("code"), "lab");
}

}  // namespace
}  // namespace patchlab::service::front
