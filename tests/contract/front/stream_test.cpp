// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/contract/front/fake_back.hpp"

namespace patchlab::service::front {
namespace {

using testing::RawClient;
using testing::wait_until;

Json event(int number) {
    return {
        {"run_event",
         {{"id", "run/r-1/" + std::to_string(number)}, {"text", "e" + std::to_string(number)}}}};
}

std::vector<Json> nothing(const Seen&) { return {ok(Json::object())}; }

RawClient listen(FrontServer& front, const std::string& fields = "") {
    RawClient client(front.port);
    client.send(
        "GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer plt_good\r\n" +
        fields + "\r\n");
    const std::string head = client.read_until("retry: 3000\n\n");
    EXPECT_NE(head.find("text/event-stream"), std::string::npos) << head;
    return client;
}

TEST(FrontStream, all_listeners_share_one_call_of_the_back) {
    FrontServer front(nothing);
    RawClient first = listen(front), second = listen(front);
    EXPECT_TRUE(wait_until([&] { return front.back.is_followed() && front.listeners() == 2; }));
    front.back.publish(event(1));
    for (RawClient* client : {&first, &second}) {
        const std::string text = client->read_until("e1\"}\n\n");
        EXPECT_NE(text.find("id: run/r-1/1\nevent: run\ndata: {"), std::string::npos) << text;
    }
    EXPECT_EQ(front.back.seen("event.follow").size(), 1U);
}

TEST(FrontStream, who_comes_back_gets_what_was_missed) {
    FrontServer front(nothing);
    RawClient stays = listen(front);
    EXPECT_TRUE(wait_until([&] { return front.back.is_followed(); }));
    for (int i = 1; i <= 3; ++i) front.back.publish(event(i));
    stays.read_until("e3\"}\n\n");
    RawClient back = listen(front, "Last-Event-ID: run/r-1/1\r\n");
    const std::string missed = back.read_until("e3\"}\n\n");
    EXPECT_EQ(missed.find("e1\""), std::string::npos);
    EXPECT_NE(missed.find("e2\""), std::string::npos);
    RawClient lost = listen(front, "Last-Event-ID: run/r-0/9\r\n");
    EXPECT_NE(lost.read_until("\n\n").find("event: reset"), std::string::npos);
}

TEST(FrontStream, a_listener_that_takes_nothing_is_let_go) {
    FrontServer front(nothing);
    RawClient sleeper = listen(front), awake = listen(front);
    EXPECT_TRUE(wait_until([&] { return front.back.is_followed() && front.listeners() == 2; }));
    const std::string much(8000, 'm');
    for (int i = 0; i < 2000 && front.listeners() == 2; ++i) {
        front.back.publish({{"run_event", {{"id", std::to_string(i)}, {"text", much}}}});
        awake.read_until("id: " + std::to_string(i) + "\n", 10);
    }
    EXPECT_EQ(front.listeners(), 1U);
}

}  // namespace
}  // namespace patchlab::service::front
