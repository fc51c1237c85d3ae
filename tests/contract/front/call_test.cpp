// SPDX-License-Identifier: Apache-2.0
//
// The command line over HTTP: calls as they are, for whoever proves who they are.
#include <gtest/gtest.h>

#include <atomic>

#include "platform/core/digest.hpp"
#include "tests/contract/front/fake_back.hpp"

namespace patchlab::service::front {
namespace {

using testing::body_of;
using testing::status_of;

const std::string with_id = "Content-Type: application/json\r\nCall-Id: c-1\r\n";

/// Of a body that comes in chunks.
Json last_line(const std::string& response) {
    const std::string body = body_of(response);
    const std::size_t begin = body.rfind("\n{") + 1, end = body.find('\n', begin);
    return parse_json(body.substr(begin, end - begin), "the last line");
}

TEST(FrontCall, passes_words_events_and_the_exit_code_on) {
    FrontServer front([](const Seen& seen) -> std::vector<Json> {
        return {{{"note", "a note"}}, ok({{"asked", seen.request}}, 5)};
    });
    const std::string response = front.ask("POST", "/api/v1/call/run.list", with_id,
                                           R"({"request":{"filter":{"limit":3}}})");
    EXPECT_EQ(status_of(response), 200) << response;
    EXPECT_NE(body_of(response).find("{\"note\":\"a note\"}\n"), std::string::npos) << response;
    const Json end = last_line(response);
    EXPECT_EQ(end.at("response").at("asked"), Json({{"filter", {{"limit", 3}}}}));
    EXPECT_EQ(end.at("exit"), 5);
}

TEST(FrontCall, an_error_keeps_its_cause) {
    FrontServer front([](const Seen&) -> std::vector<Json> {
        return {failed("not-found", "there is no run 'r-9'")};
    });
    const std::string response =
        front.ask("POST", "/api/v1/call/run.show", with_id, R"({"request":{"run":"r-9"}})");
    EXPECT_EQ(last_line(response).at("error").at("cause"), "there is no run 'r-9'");
}

TEST(FrontCall, is_for_nobody_that_a_browser_speaks_for) {
    FrontServer front([](const Seen&) -> std::vector<Json> { return {ok(Json::object())}; });
    const std::string body = R"({"request":{}})";
    const std::string plain = "Content-Type: application/json\r\n";
    EXPECT_EQ(status_of(front.ask("POST", "/api/v1/call/run.list", plain, body)), 403);
    EXPECT_EQ(status_of(front.ask("POST", "/api/v1/call/run.list",
                                  with_id + "Origin: http://evil.example\r\n", body)),
              403);
    EXPECT_EQ(status_of(front.ask("POST", "/api/v1/call/run.list", with_id, body, "")), 401);
    EXPECT_EQ(status_of(front.ask("POST", "/api/v1/call/backup.create", with_id, body)), 403);
    EXPECT_EQ(status_of(front.ask("POST", "/api/v1/call/no.such", with_id, body)), 404);
    EXPECT_EQ(status_of(front.ask("GET", "/api/v1/call/run.list", with_id, "")), 405);
    EXPECT_TRUE(front.back.seen("run.list").empty());
    const std::string session = front.ask("POST", "/api/v1/call/run.list",
                                          with_id + "Authorization: Session good\r\n", body, "");
    EXPECT_EQ(status_of(session), 200);
    ASSERT_EQ(front.back.seen("run.list").size(), 1U);
    EXPECT_EQ(front.back.seen("run.list")[0].credential, Json({{"session", "good"}}));
}

TEST(FrontCall, files_come_and_go_in_the_order_that_the_request_counts_them_in) {
    FrontServer front([](const Seen& seen) -> std::vector<Json> {
        EXPECT_EQ(seen.files.size(), 2U);
        return {ok(Json::object())};
    });
    front.back.write_into_files("written");
    const std::string form =
        "--b\r\nContent-Disposition: form-data; name=\"call\"\r\n\r\n"
        R"({"request":{"files":[{"fd":1,"file":"x"}],"file":{"fd":0,"file":"y"}},"files":2,)"
        R"("written":[0]})"
        "\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"1\"\r\n\r\n"
        "the package\r\n--b--\r\n";
    const std::string response =
        front.ask("POST", "/api/v1/call/evidence.export",
                  "Content-Type: multipart/form-data; boundary=b\r\nCall-Id: c-1\r\n", form);
    EXPECT_EQ(status_of(response), 200) << response;
    const auto seen = front.back.seen("evidence.export");
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].files[0], "");
    EXPECT_EQ(seen[0].files[1], "the package");
    const std::string line = to_line(Json{{"file", 0}, {"bytes", base64_encode("written")}}) + "\n";
    EXPECT_NE(body_of(response).find(line), std::string::npos) << response;
    const std::string short_of_one = R"({"request":{},"files":1})";
    EXPECT_EQ(status_of(front.ask("POST", "/api/v1/call/run.list", with_id, short_of_one)), 422);
    for (const char* odd : {R"(["0"])", "[-1]", "0", R"("0")"}) {
        const std::string body = R"({"request":{},"files":1,"written":)" + std::string(odd) + "}";
        EXPECT_EQ(status_of(front.ask("POST", "/api/v1/call/run.list", with_id, body)), 422) << odd;
    }
}

TEST(FrontCall, an_interrupt_reaches_the_work_of_its_caller_alone) {
    std::atomic<bool> go_on = false;
    FrontServer front([&](const Seen& seen) -> std::vector<Json> {
        while (seen.call == "run.start" && !go_on)
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        return {ok({{"id", "r-7"}})};
    });
    std::thread follower([&] {
        const std::string response =
            front.ask("POST", "/api/v1/call/run.start", with_id, R"({"request":{}})");
        EXPECT_EQ(last_line(response).at("response").at("id"), "r-7") << response;
    });
    EXPECT_TRUE(testing::wait_until([&] { return front.back.seen("run.start").size() == 1; }));
    front.ask("POST", "/api/v1/interrupt", with_id, "", "plt_good_other");
    std::this_thread::sleep_for(std::chrono::milliseconds(700));
    EXPECT_EQ(front.back.interrupts(), 0);
    front.ask("POST", "/api/v1/interrupt", with_id, "");
    std::this_thread::sleep_for(std::chrono::milliseconds(700));
    go_on = true;
    follower.join();
    EXPECT_TRUE(testing::wait_until([&] { return front.back.interrupts() == 1; }));
}

}  // namespace
}  // namespace patchlab::service::front
