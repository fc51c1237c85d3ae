// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/contract/http/echo_server.hpp"

namespace patchlab::http {
namespace {

using testing::body_of;
using testing::RawClient;
using testing::status_of;
using testing::wait_until;

std::string request(const std::string& line, const std::string& fields = "",
                    const std::string& body = "") {
    return line + " HTTP/1.1\r\nHost: lab\r\n" + fields + "\r\n" + body;
}

TEST(HttpServer, answers_one_request_after_the_other) {
    EchoServer server;
    RawClient client(server.port);
    for (int i = 0; i < 3; ++i) {
        client.send(request("POST /a", "Content-Length: 2\r\n", "hi"));
        EXPECT_EQ(body_of(client.read_response()), "POST /a hi");
    }
}

TEST(HttpServer, answers_pipelined_requests_in_their_order) {
    EchoServer server;
    RawClient client(server.port);
    client.send(request("GET /1") + request("POST /2", "Content-Length: 1\r\n", "x") +
                request("GET /3", "Connection: close\r\n"));
    EXPECT_EQ(body_of(client.read_response()), "GET /1 ");
    EXPECT_EQ(body_of(client.read_response()), "POST /2 x");
    EXPECT_EQ(body_of(client.read_response()), "GET /3 ");
    EXPECT_EQ(client.read_all(), "");
    EXPECT_TRUE(client.hung_up());
}

TEST(HttpServer, a_request_may_come_byte_by_byte) {
    EchoServer server;
    RawClient client(server.port);
    for (const char c : request("POST /slow", "Content-Length: 3\r\n", "abc")) client.send({&c, 1});
    EXPECT_EQ(body_of(client.read_response()), "POST /slow abc");
}

TEST(HttpServer, HEAD_gets_the_head_alone) {
    EchoServer server;
    RawClient client(server.port);
    client.send(request("HEAD /a") + request("GET /b"));
    const std::string head = client.read_response(false);
    EXPECT_NE(head.find("Content-Length: 8\r\n"), std::string::npos) << head;
    EXPECT_EQ(body_of(client.read_response()), "GET /b ");
}

TEST(HttpServer, a_large_body_becomes_a_file) {
    Limits limits;
    limits.in_memory = 1000;
    EchoServer server(limits);
    RawClient client(server.port);
    const std::string body(300'000, 'b');
    client.send(request("POST /f", "Content-Length: 300000\r\n", body));
    EXPECT_EQ(body_of(client.read_response()), "POST /f file 300000");
}

TEST(HttpServer, tells_a_caller_that_waits_to_go_on) {
    EchoServer server;
    RawClient client(server.port);
    client.send(request("POST /a", "Content-Length: 1\r\nExpect: 100-continue\r\n"));
    EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 100 "));
    client.send("x");
    EXPECT_EQ(body_of(client.read_response()), "POST /a x");
}

TEST(HttpServer, an_older_client_is_hung_up_on_after_its_response) {
    EchoServer server;
    RawClient client(server.port);
    client.send("GET /old HTTP/1.0\r\n\r\n");
    EXPECT_EQ(body_of(client.read_all()), "GET /old ");
    EXPECT_TRUE(client.hung_up());
}

TEST(HttpServer, a_handler_that_fails_costs_one_response) {
    EchoServer server;
    RawClient client(server.port);
    client.send(request("GET /throws"));
    EXPECT_EQ(status_of(client.read_all()), 500);
    RawClient next(server.port);
    next.send(request("GET /b"));
    EXPECT_EQ(status_of(next.read_response()), 200);
}

TEST(HttpServer, a_stream_notices_that_its_caller_left) {
    EchoServer server;
    RawClient client(server.port);
    client.send(request("GET /stream"));
    EXPECT_NE(client.read_until("first\n").find("chunked"), std::string::npos);
    EXPECT_EQ(server.counts().streams, 1U);
    client.close();
    wait_until([&] { return server.counts().streams == 0; });
    EXPECT_EQ(server.counts().streams, 0U);
    EXPECT_EQ(server.handler.ended_by, static_cast<int>(Wake::closed));
}

TEST(HttpServer, when_it_stops_idle_connections_end_and_others_get_their_response) {
    EchoServer server;
    RawClient idle(server.port), busy(server.port);
    busy.send("POST /late HTTP/1.1\r\nHost: lab\r\nContent-Length: 2\r\n\r\na");
    idle.send(request("GET /"));
    idle.read_response();
    server.stop();
    EXPECT_EQ(idle.read_all(), "");
    EXPECT_TRUE(idle.hung_up());
    busy.send("b");
    const std::string response = busy.read_all();
    EXPECT_EQ(body_of(response), "POST /late ab");
    EXPECT_NE(response.find("Connection: close"), std::string::npos);
}

}  // namespace
}  // namespace patchlab::http
