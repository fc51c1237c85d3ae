// SPDX-License-Identifier: Apache-2.0
#include "platform/http/message.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace patchlab::http {
namespace {

int status_of(const std::string& head) {
    const auto parsed = parse_head(head);
    const auto* refusal = std::get_if<Refusal>(&parsed);
    return refusal ? refusal->status : 0;
}

std::string get(const std::string& fields) {
    return "GET / HTTP/1.1\r\nHost: lab\r\n" + fields + "\r\n";
}

TEST(Head, is_read_with_its_fields) {
    const auto parsed = parse_head(
        "POST /api/v1/runs?x=1&y=%20 HTTP/1.1\r\nHost: lab:80\r\nX-Two:  a b \r\n"
        "Content-Length: 12\r\nConnection: close\r\n\r\n");
    const auto& request = std::get<Request>(parsed);
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/api/v1/runs");
    EXPECT_EQ(request.query, "x=1&y=%20");
    EXPECT_EQ(request.field("x-two"), "a b");
    EXPECT_EQ(request.field("host"), "lab:80");
    EXPECT_EQ(request.length, 12U);
    EXPECT_FALSE(request.keep_alive);
}

TEST(Head, whose_body_could_be_read_in_two_ways_is_refused) {
    EXPECT_EQ(status_of(get("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n")), 400);
    EXPECT_EQ(status_of(get("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n")), 400);
    EXPECT_EQ(status_of(get("Content-Length: 1\r\nContent-Length: 2\r\n")), 400);
    EXPECT_EQ(status_of(get("Content-Length: 1\r\nContent-Length: 1\r\n")), 400);
    EXPECT_EQ(status_of(get("Content-Length: 1, 1\r\n")), 400);
    EXPECT_EQ(status_of(get("Content-Length: +1\r\n")), 400);
    EXPECT_EQ(status_of(get("Content-Length: -1\r\n")), 400);
    EXPECT_EQ(status_of(get("Content-Length: 0x10\r\n")), 400);
    EXPECT_EQ(status_of(get("Content-Length: 99999999999999999999\r\n")), 400);
    EXPECT_EQ(status_of(get("Transfer-Encoding: chunked\r\n")), 411);
}

TEST(Head, that_is_sloppy_is_refused) {
    EXPECT_EQ(status_of(get("X-A: 1\r\n continued\r\n")), 400);
    EXPECT_EQ(status_of(get("X-A : 1\r\n")), 400);
    EXPECT_EQ(status_of(get(std::string("X-A: a\0b\r\n", 10))), 400);
    EXPECT_EQ(status_of("GET / HTTP/1.1\nHost: lab\n\n"), 400);
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: lab\rX: 1\r\n\r\n"), 400);
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: lab\r\nHost: other\r\n\r\n"), 400);
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\n\r\n"), 400);
    EXPECT_EQ(status_of("GET\r\n\r\n"), 400);
    EXPECT_EQ(status_of("\x16\x03\x01\x02\r\n\r\n"), 400);
    EXPECT_EQ(status_of(get("Expect: tea\r\n")), 417);
}

TEST(Head, names_a_path_of_this_server) {
    EXPECT_EQ(status_of("GET http://other/ HTTP/1.1\r\nHost: lab\r\n\r\n"), 400);
    EXPECT_EQ(status_of("CONNECT lab:80 HTTP/1.1\r\nHost: lab\r\n\r\n"), 400);
    EXPECT_EQ(status_of("OPTIONS * HTTP/1.1\r\nHost: lab\r\n\r\n"), 400);
    EXPECT_EQ(status_of("GET /a#b HTTP/1.1\r\nHost: lab\r\n\r\n"), 400);
    EXPECT_EQ(status_of("PRI * HTTP/2.0\r\n\r\n"), 505);
    EXPECT_EQ(status_of("GET / HTTP/1.2\r\nHost: lab\r\n\r\n"), 505);
    EXPECT_EQ(status_of("GET / HTTP/1.0\r\n\r\n"), 0);
}

TEST(Head, of_a_response_lets_no_value_begin_a_field) {
    Response response;
    response.fields = {{"Location", "/x\r\nSet-Cookie: a=b"}, {"ETag", "\"1\""}};
    const std::string text = head_text(response, 0, false, true, "now");
    EXPECT_EQ(text.find("Set-Cookie"), std::string::npos);
    EXPECT_NE(text.find("ETag: \"1\"\r\n"), std::string::npos);
}

TEST(Head, dates_are_those_of_http) {
    EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
}

RC_GTEST_PROP(Head, any_bytes_give_a_request_or_a_refusal, (const std::string& bytes)) {
    const auto parsed = parse_head("GET / HTTP/1.1\r\nHost: lab\r\n" + bytes + "\r\n\r\n");
    if (const auto* refusal = std::get_if<Refusal>(&parsed)) {
        RC_ASSERT(refusal->status >= 400 && refusal->status < 600);
        return;
    }
    for (const auto& [name, value] : std::get<Request>(parsed).fields) {
        RC_ASSERT(!name.empty());
        RC_ASSERT(value.find_first_of("\r\n") == std::string::npos);
    }
}

}  // namespace
}  // namespace patchlab::http
