// SPDX-License-Identifier: Apache-2.0
//
// Windows across changes of clocks. In Europe/Zurich clocks go from 02:00 to 03:00 on 2026-03-29
// and from 03:00 to 02:00 on 2026-10-25.
#include "orchestrator/assessment/window.hpp"
#include "platform/core/json.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace patchlab::assessment {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

TimePoint at(const std::string& time) { return from_rfc3339(time); }

Window zurich(int from_hour, int from_minute, int to_hour, int to_minute) {
    Window window;
    window.zone = "Europe/Zurich";
    window.from = from_hour * 60 + from_minute;
    window.to = to_hour * 60 + to_minute;
    return window;
}

std::string opening_text(const Window& window, const std::string& time) {
    const auto opening = opening_at_or_after(window, at(time));
    return opening ? to_rfc3339(opening->opens) + " " + to_rfc3339(opening->closes) : "never";
}

TEST(Window, follows_the_clocks_of_its_zone) {
    EXPECT_EQ(opening_text(zurich(22, 0, 4, 0), "2026-01-10T12:00:00Z"),
              "2026-01-10T21:00:00Z 2026-01-11T03:00:00Z");
    EXPECT_EQ(opening_text(zurich(22, 0, 4, 0), "2026-07-10T12:00:00Z"),
              "2026-07-10T20:00:00Z 2026-07-11T02:00:00Z");
}

TEST(Window, yesterdays_opening_may_still_be_open) {
    EXPECT_EQ(opening_text(zurich(22, 0, 4, 0), "2026-01-11T02:59:59Z"),
              "2026-01-10T21:00:00Z 2026-01-11T03:00:00Z");
    EXPECT_EQ(opening_text(zurich(22, 0, 4, 0), "2026-01-11T03:00:00Z"),
              "2026-01-11T21:00:00Z 2026-01-12T03:00:00Z");
}

TEST(Window, is_an_hour_shorter_in_the_night_that_loses_one) {
    EXPECT_EQ(opening_text(zurich(22, 0, 4, 0), "2026-03-28T12:00:00Z"),
              "2026-03-28T21:00:00Z 2026-03-29T02:00:00Z");
}

TEST(Window, does_not_open_in_an_hour_that_does_not_happen) {
    EXPECT_EQ(opening_text(zurich(2, 0, 3, 0), "2026-03-28T12:00:00Z"),
              "2026-03-30T00:00:00Z 2026-03-30T01:00:00Z");
}

TEST(Window, opens_at_the_change_when_its_start_is_skipped) {
    EXPECT_EQ(opening_text(zurich(2, 30, 5, 0), "2026-03-28T12:00:00Z"),
              "2026-03-29T01:00:00Z 2026-03-29T03:00:00Z");
}

TEST(Window, is_what_every_reading_permits_in_the_hour_that_happens_twice) {
    EXPECT_EQ(opening_text(zurich(2, 30, 5, 0), "2026-10-24T12:00:00Z"),
              "2026-10-25T01:30:00Z 2026-10-25T04:00:00Z");  // the later 02:30
    EXPECT_EQ(opening_text(zurich(1, 0, 2, 30), "2026-10-24T12:00:00Z"),
              "2026-10-24T23:00:00Z 2026-10-25T00:30:00Z");  // the earlier 02:30
    EXPECT_EQ(opening_text(zurich(2, 15, 2, 45), "2026-10-24T12:00:00Z"),
              "2026-10-25T00:15:00Z 2026-10-25T00:45:00Z");  // one of the two
}

TEST(Window, opens_only_on_its_days_and_not_on_excepted_ones) {
    Window window = zurich(22, 0, 4, 0);
    window.days = {false, false, false, false, false, true, false};  // Saturday
    window.except = {"2026-12-26"};
    EXPECT_EQ(opening_text(window, "2026-12-21T00:00:00Z"),
              "2027-01-02T21:00:00Z 2027-01-03T03:00:00Z");
}

TEST(Window, nothing_starts_when_what_is_left_is_too_short) {
    const Window window = zurich(22, 0, 4, 0);
    EXPECT_EQ(next_start({&window}, at("2026-01-11T02:30:00Z"), minutes(30)),
              at("2026-01-11T02:30:00Z"));
    EXPECT_EQ(next_start({&window}, at("2026-01-11T02:30:01Z"), minutes(30)),
              at("2026-01-11T21:00:00Z"));
    EXPECT_EQ(next_start({&window}, at("2026-01-11T02:30:01Z"), hours(7)),
              at("2026-10-24T20:00:00Z"));  // the one night that gains an hour
    EXPECT_EQ(next_start({&window}, at("2026-01-11T02:30:01Z"), hours(8)), std::nullopt);
}

TEST(Window, a_night_that_a_change_of_clocks_makes_too_short_is_passed_over) {
    const Window window = zurich(22, 0, 4, 0);
    EXPECT_EQ(next_start({&window}, at("2026-03-28T12:00:00Z"), hours(6)),
              at("2026-03-29T20:00:00Z"));
}

TEST(Window, two_windows_must_be_open_at_once) {
    const Window ring = zurich(22, 0, 4, 0);
    Window host = zurich(3, 0, 6, 0);
    EXPECT_EQ(next_start({&ring, &host}, at("2026-01-10T12:00:00Z"), minutes(30)),
              at("2026-01-11T02:00:00Z"));
    EXPECT_EQ(next_start({&ring, &host}, at("2026-01-10T12:00:00Z"), minutes(90)), std::nullopt);
    host = zurich(5, 0, 6, 0);
    EXPECT_EQ(next_start({&ring, &host}, at("2026-01-10T12:00:00Z"), minutes(1)), std::nullopt);
}

TEST(Window, no_window_is_any_time) {
    EXPECT_EQ(next_start({}, at("2026-01-10T12:00:00Z"), hours(9)), at("2026-01-10T12:00:00Z"));
}

TEST(Window, days_of_the_calendar_are_told_from_others) {
    EXPECT_TRUE(is_date("2028-02-29"));
    for (const char* text : {"2026-02-29", "2026-13-01", "2026-1-1", "", "tomorrow"})
        EXPECT_FALSE(is_date(text)) << text;
    EXPECT_TRUE(zone_exists("America/Argentina/Buenos_Aires"));
    for (const char* text : {"", "Europe", "../Europe/Zurich", "Mars/Base"})
        EXPECT_FALSE(zone_exists(text)) << text;
}

TEST(Window, is_described_in_one_line) {
    Window window = zurich(22, 0, 4, 5);
    window.days = {true, true, false, true, false, false, true};
    EXPECT_EQ(describe(window), "mon-tue,thu,sun 22:00-04:05 Europe/Zurich");
}

TEST(Window, is_stored_as_a_definition_writes_it) {
    const Json json{{"zone", "Europe/Zurich"},
                    {"from", "22:05"},
                    {"to", "04:00"},
                    {"days", {"mon", "sat"}},
                    {"except", {"2026-12-24"}}};
    EXPECT_EQ(to_json(window_from_json(json)), json);
    EXPECT_EQ(describe(window_from_json(json)), "mon,sat 22:05-04:00 Europe/Zurich");
    const Json always{{"zone", "UTC"}, {"from", "00:00"}, {"to", "00:00"}};
    EXPECT_EQ(to_json(window_from_json(always)), always);
}

TEST(Window, each_mistake_is_reported_with_its_path) {
    std::vector<std::string> mistakes;
    read_window({{"zone", "Europe/Zurihc"},
                 {"from", "22:00"},
                 {"to", "04:00"},
                 {"except", {"2026-12-24", "2026-02-30"}}},
                "/w", [&](const std::string& path, const std::string& message) {
                    mistakes.push_back(path + ": " + message);
                });
    EXPECT_EQ(mistakes, (std::vector<std::string>{
                            "/w/zone: there is no time zone 'Europe/Zurihc'; did you mean "
                            "'Europe/Zurich'?",
                            "/w/except/1: '2026-02-30' is not a day of the calendar"}));
}

TEST(Window, a_file_of_the_time_zone_database_is_not_always_a_zone) {
    for (const char* text : {"leapseconds", "posix/Europe/Zurich", "right/UTC", "zone.tab"})
        EXPECT_FALSE(zone_exists(text)) << text;
    for (const char* text : {"UTC", "US/Eastern", "Europe/Zurich"})
        EXPECT_TRUE(zone_exists(text)) << text;
}

RC_GTEST_PROP(WindowProperty, an_opening_is_never_in_the_past_nor_longer_than_meant, ()) {
    Window window;
    window.zone =
        *rc::gen::element<std::string>("UTC", "Europe/Zurich", "America/New_York",
                                       "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia");
    window.from = *rc::gen::inRange(0, 24 * 60);
    window.to = *rc::gen::inRange(0, 24 * 60);
    const TimePoint now =
        at("2026-01-01T00:00:00Z") + minutes(*rc::gen::inRange(0, 2 * 365 * 24 * 60));
    const auto opening = opening_at_or_after(window, now);
    RC_ASSERT(opening.has_value());
    RC_ASSERT(opening->closes > now);
    RC_ASSERT(opening->closes > opening->opens);
    // a night that gains an hour outside of both ends is as much longer; never more
    RC_ASSERT(opening->closes - opening->opens <= nominal_length(window) + hours(1));
    const Seconds needed = minutes(*rc::gen::inRange(1, 200));
    if (const auto start = next_start({&window}, now, needed)) {
        const auto around = opening_at_or_after(window, *start);
        RC_ASSERT(*start >= now);
        RC_ASSERT(around->opens <= *start);
        RC_ASSERT(around->closes - *start >=
                  std::chrono::duration_cast<std::chrono::seconds>(needed));
    }
}

}  // namespace
}  // namespace patchlab::assessment
