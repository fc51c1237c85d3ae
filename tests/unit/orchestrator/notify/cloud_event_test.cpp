// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/notify/message.hpp"
#include "orchestrator/notify/target.hpp"
#include "platform/core/json.hpp"

namespace patchlab::notify {
namespace {

Message run_finished_message() {
    Message message{"n-1", "2026-11-24T22:00:00Z", {}};
    message.notice.kind = NoticeKind::run_finished;
    message.notice.text = "run r-20261124-0001 in lab web has ended: validated";
    message.notice.details = {{"run", "r-20261124-0001"}};
    return message;
}

TEST(CloudEvent, has_what_version_1_0_asks_for_and_the_notice_as_its_data) {
    const TimePoint sent = from_rfc3339("2026-11-24T22:00:01Z");
    const Message message = run_finished_message();
    const Json event = parse_json(cloud_event_of(message, "lab-1", sent), "an event");
    EXPECT_EQ(event.at("specversion"), "1.0");
    EXPECT_EQ(event.at("id"), "n-1");
    EXPECT_EQ(event.at("source"), "urn:patchlab:lab-1");
    EXPECT_EQ(event.at("type"), "org.patchlab.run.finished.v1");
    EXPECT_EQ(event.at("time"), "2026-11-24T22:00:00Z");
    EXPECT_EQ(event.at("subject"), "r-20261124-0001");
    EXPECT_EQ(event.at("data"), parse_json(body_of(message, sent), "a notice"));
    Message test = message;
    test.notice = {};
    test.notice.kind = NoticeKind::test;
    EXPECT_FALSE(parse_json(cloud_event_of(test, "lab-1", sent), "an event").contains("subject"))
        << "an empty subject is no subject";
}

TEST(CloudEvent, is_for_targets_that_ask_for_it) {
    Diagnostics mistakes;
    const auto targets = parse_notify(
        "schema: patchlab/notify/v1\ntargets:\n"
        "  - webhook: { url: \"https://h.example.org/a\", secret-file: k, format: cloudevents }\n"
        "  - webhook: { url: \"https://h.example.org/b\", secret-file: k }\n"
        "    on: [run-finished]\n",
        "notify.yaml", "/etc", mistakes);
    ASSERT_TRUE(mistakes.ok()) << mistakes.items.front().text();
    EXPECT_TRUE(targets.at(0).cloud_events);
    EXPECT_FALSE(targets.at(1).cloud_events);
    EXPECT_EQ(to_json(targets.at(0)).at("webhook").at("format"), "cloudevents");
    EXPECT_FALSE(wants(targets.at(0), NoticeKind::run_finished))
        << "nobody hears of each run from one day to the next";
    EXPECT_TRUE(wants(targets.at(0), NoticeKind::halted));
    EXPECT_TRUE(wants(targets.at(1), NoticeKind::run_finished));
    EXPECT_FALSE(wants(targets.at(1), NoticeKind::halted));
}

}  // namespace
}  // namespace patchlab::notify
