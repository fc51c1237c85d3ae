// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/unit/testsuites/canned_server.hpp"
#include "tests/unit/testsuites/local_channel.hpp"
#include "testsuites/batch.hpp"

namespace patchlab::testsuites {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

CheckResult get(const std::string& answer, HttpCheck check = {}, bool hold = false) {
    const CannedServer server(answer, hold);
    check.url = server.url();
    Check whole{"c", check};
    whole.timeout = Seconds(5);
    return run_one(whole);
}

TEST(HttpCheck, passes_on_the_status_and_the_text_that_are_expected) {
    HttpCheck check;
    check.status = 404;
    check.body_contains = "not here";
    EXPECT_EQ(
        get("HTTP/1.1 404 Not Found\r\nContent-Length: 14\r\n\r\nit is not here", check).outcome,
        Outcome::pass);
    check.body_contains = "something else";
    EXPECT_THAT(
        get("HTTP/1.1 404 Not Found\r\nContent-Length: 14\r\n\r\nit is not here", check).detail,
        HasSubstr("does not contain 'something else'"));
    EXPECT_THAT(get("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy").detail,
                StartsWith("status 503, expected 200: busy"));
}

TEST(HttpCheck, asks_as_http_1_1_demands) {
    const CannedServer server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    run_one({"c", HttpCheck{server.url("/a?b=c"), 200, "", "POST", false}});
    EXPECT_EQ(server.last_request(),
              "POST /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                  "\r\nUser-Agent: patchlab\r\nAccept: */*\r\nContent-Length: 0\r\nConnection: "
                  "close\r\n\r\n");
}

TEST(HttpCheck, reads_chunks_and_interim_answers) {
    HttpCheck check;
    check.body_contains = "hello world";
    const std::string chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n "
        "world\r\n0\r\n\r\n";
    EXPECT_EQ(get(chunked, check).outcome, Outcome::pass);
    EXPECT_EQ(get(chunked, check, true).outcome, Outcome::pass)
        << "though the connection stays open";
    EXPECT_EQ(get("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + chunked, check).outcome,
              Outcome::pass);
}

TEST(HttpCheck, does_not_wait_for_a_connection_that_stays_open_once_the_answer_is_whole) {
    const CheckResult result = get("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", {}, true);
    EXPECT_EQ(result.outcome, Outcome::pass);
    EXPECT_LT(result.seconds, 4);
}

TEST(HttpCheck, an_answer_that_is_cut_short_or_is_not_http_fails) {
    EXPECT_EQ(get("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort").detail,
              "the body ended after 5 of 10 bytes");
    EXPECT_EQ(get("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel").detail,
              "a chunk of the body is not whole");
    EXPECT_EQ(get("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n").detail,
              "the body ended before its last chunk");
    EXPECT_EQ(get("HTTP/1.1 200 OK\r\nContent-").detail, "the answer ended within its head");
    EXPECT_EQ(get("SSH-2.0-OpenSSH\r\n").detail, "the answer is not HTTP: SSH-2.0-OpenSSH");
    EXPECT_EQ(get("").detail, "the server closed the connection without an answer");
}

TEST(HttpCheck, a_body_after_head_fails) {
    HttpCheck check;
    check.method = "HEAD";
    EXPECT_EQ(get("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", check).outcome, Outcome::pass);
    EXPECT_EQ(get("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", check).detail,
              "a body was sent where none may be");
}

TEST(HttpCheck, a_body_without_end_is_read_only_so_far) {
    HttpCheck check;
    EXPECT_EQ(get("HTTP/1.1 200 OK\r\n\r\n" + std::string(3 << 20, 'x'), check).outcome,
              Outcome::pass);
    check.body_contains = "y";
    EXPECT_EQ(get("HTTP/1.1 200 OK\r\n\r\n" + std::string(3 << 20, 'x') + "y", check).outcome,
              Outcome::fail);
}

TEST(HttpCheck, says_where_it_stood_when_the_time_was_up) {
    const CannedServer server("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", true);
    Check check{"c", HttpCheck{server.url()}};
    check.timeout = Seconds(0.3);
    const CheckResult result = run_one(check);
    EXPECT_EQ(result.outcome, Outcome::fail);
    EXPECT_EQ(result.detail,
              "not done after 0.300 s while waiting for the answer of " + server.url());
}

TEST(HttpCheck, gives_a_time_for_each_sample) {
    const CannedServer server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    Check check{"c", HttpCheck{server.url()}};
    check.samples = 10;
    EXPECT_EQ(run_one(check).samples.size(), 10U);
}

TEST(TcpCheck, connects_sends_and_waits_for_the_answer) {
    const CannedServer server("+PONG\r\n", true);
    EXPECT_EQ(run_one({"c", TcpCheck{"127.0.0.1", server.port(), "PING\r\n", "+PONG"}}).outcome,
              Outcome::pass);
    EXPECT_EQ(server.last_request(), "PING\r\n");
    Check other{"c", TcpCheck{"127.0.0.1", server.port(), "PING\r\n", "+OK"}};
    other.timeout = Seconds(0.2);
    EXPECT_EQ(run_one(other).detail,
              "not done after 0.200 s while waiting for the expected answer");
}

TEST(TcpCheck, a_closed_port_is_a_failure_with_the_reason) {
    int port = 0;
    { port = CannedServer("").port(); }
    EXPECT_EQ(run_one({"c", TcpCheck{"127.0.0.1", port, "", ""}}).detail,
              "cannot connect to 127.0.0.1 port " + std::to_string(port) + ": Connection refused");
}

}  // namespace
}  // namespace patchlab::testsuites
