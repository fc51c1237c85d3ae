// SPDX-License-Identifier: Apache-2.0
//
// What a caller can do to the server, and what it costs.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <vector>

#include "tests/contract/http/echo_server.hpp"

namespace patchlab::http {
namespace {

using testing::RawClient;
using testing::status_of;
using testing::wait_until;

Limits quick() {
    Limits limits;
    limits.idle = Seconds(0.3);
    return limits;
}

int status_for(const std::string& bytes) {
    EchoServer server;
    RawClient client(server.port);
    client.send(bytes);
    const std::string response = client.read_all(10);
    EXPECT_TRUE(client.hung_up()) << bytes.substr(0, 60);
    return status_of(response);
}

TEST(HttpLimits, what_is_no_request_gets_one_answer_and_no_second) {
    for (const char* bytes :
         {"\x16\x03\x01\x02\x01\r\n\r\n", "GET\r\n\r\n", "\x01\x02\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: a\r\n folded: 1\r\n\r\n", "GET / HTTP/1.1\nHost: a\n\n\r\n\r\n"})
        EXPECT_EQ(status_for(bytes), 400) << bytes;
    EXPECT_EQ(status_for("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
    EXPECT_EQ(status_for("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
                         "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
              400);
}

TEST(HttpLimits, a_head_has_8_KiB) {
    const std::string begin = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: ";
    EXPECT_EQ(status_for(begin + std::string(8000, 'x') + "\r\n\r\n"), 200);
    EXPECT_EQ(status_for(begin + std::string(9000, 'x') + "\r\n\r\n"), 431);
    EXPECT_EQ(status_for(begin + std::string(1'000'000, 'x')), 431);
}

TEST(HttpLimits, a_body_of_a_gigabyte_is_refused_before_it_is_sent) {
    EchoServer server;
    RawClient client(server.port);
    client.send(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1073741824\r\n"
        "Expect: 100-continue\r\n\r\n");
    const std::string response = client.read_all();
    EXPECT_EQ(status_of(response), 413);
    EXPECT_TRUE(client.hung_up());
}

TEST(HttpLimits, who_sends_a_refused_body_all_the_same_still_hears_why) {
    EchoServer server;
    server.handler.most = 1000;
    RawClient client(server.port);
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n");
    client.send(std::string(200'000, 'x'));
    EXPECT_EQ(status_of(client.read_all()), 413);
}

TEST(HttpLimits, a_stranger_is_refused_before_the_body) {
    EXPECT_EQ(status_for("POST /refused HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n"), 401);
}

TEST(HttpLimits, who_sends_a_head_too_slowly_is_let_go) {
    EchoServer server(quick());
    RawClient slow(server.port);
    const Stopwatch time;
    const std::string head = "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(1000, 'x');
    for (const char c : head) {
        if (!slow.send({&c, 1}) || time.seconds() > 5) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    EXPECT_EQ(status_of(slow.read_all()), 408);
    EXPECT_TRUE(slow.hung_up());
    EXPECT_LT(time.seconds(), 5);
}

TEST(HttpLimits, who_sends_nothing_is_let_go_without_a_word) {
    EchoServer server(quick());
    RawClient silent(server.port);
    EXPECT_EQ(silent.read_all(5), "");
    EXPECT_TRUE(silent.hung_up());
}

TEST(HttpLimits, who_sends_a_body_too_slowly_is_let_go) {
    Limits limits = quick();
    limits.slowest = 1U << 20;
    EchoServer server(limits);
    RawClient slow(server.port);
    slow.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nsome");
    EXPECT_EQ(status_of(slow.read_all(5)), 408);
    EXPECT_TRUE(slow.hung_up());
}

TEST(HttpLimits, who_does_not_take_what_was_asked_for_is_let_go) {
    Limits limits = quick();
    limits.slowest = 200U << 20;
    EchoServer server(limits);
    RawClient client(server.port);
    client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(status_of(client.read_until("\r\n\r\n")), 200);
    wait_until([&] { return server.counts().connections == 0; });
    EXPECT_EQ(server.counts().connections, 0U);
}

TEST(HttpLimits, one_connection_too_many_hears_so) {
    Limits limits;
    limits.connections = 3;
    EchoServer server(limits);
    std::vector<RawClient> there;
    for (int i = 0; i < 3; ++i) {
        there.emplace_back(server.port);
        there.back().send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        there.back().read_response();
    }
    RawClient one_more(server.port);
    const std::string response = one_more.read_all();
    EXPECT_EQ(status_of(response), 503);
    EXPECT_NE(response.find("Retry-After: 1"), std::string::npos);
    there.pop_back();
    wait_until([&] { return server.counts().connections <= 2; });
    RawClient again(server.port);
    again.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(status_of(again.read_response()), 200);
}

TEST(HttpLimits, streams_have_room_of_their_own) {
    Limits limits;
    limits.connections = 2;
    limits.streams = 2;
    EchoServer server(limits);
    std::vector<RawClient> streams;
    for (int i = 0; i < 2; ++i) {
        streams.emplace_back(server.port);
        streams.back().send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
        streams.back().read_until("first\n");
    }
    RawClient third(server.port);
    third.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(status_of(third.read_response()), 503);
}

TEST(HttpLimits, ten_thousand_connections_leave_it_answering) {
    rlimit descriptors{};
    ::getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = descriptors.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &descriptors);
    EchoServer server;
    RawClient kept(server.port);
    kept.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_EQ(status_of(kept.read_response()), 200);
    const int wanted = std::min<int>(10'000, static_cast<int>(descriptors.rlim_cur / 2) - 500);
    int made = 0;
    {
        std::vector<RawClient> crowd;
        for (; made < wanted; ++made) crowd.emplace_back(server.port);
        kept.send("GET /still HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_EQ(status_of(kept.read_response()), 200);
        EXPECT_LE(server.counts().connections, 200U);
    }
    EXPECT_GE(server.counts().refused + 200, static_cast<std::uint64_t>(made));
    wait_until([&] { return server.counts().connections <= 1; });
    RawClient after(server.port);
    after.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(status_of(after.read_response()), 200);
}

}  // namespace
}  // namespace patchlab::http
