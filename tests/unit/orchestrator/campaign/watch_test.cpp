// SPDX-License-Identifier: Apache-2.0
//
// The watch file, quiet hours, and what is remembered of candidates.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/campaign/store.hpp"
#include "orchestrator/campaign/watch/definition.hpp"
#include "orchestrator/campaign/watch/store.hpp"
#include "platform/core/files.hpp"

namespace patchlab::campaign {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* watch_head = "schema: patchlab/watch/v1\nname: web\nlabs: [shop]\n";

WatchDefinition read(const std::string& more) {
    Diagnostics diagnostics;
    const WatchDefinition watch = parse_watch(watch_head + more, "web.yaml", diagnostics);
    EXPECT_TRUE(diagnostics.ok()) << diagnostics.to_json();
    return watch;
}

std::vector<std::string> mistakes(const std::string& more) {
    Diagnostics diagnostics;
    parse_watch(watch_head + more, "web.yaml", diagnostics);
    std::vector<std::string> texts;
    for (const Diagnostic& one : diagnostics.items) texts.push_back(one.text());
    return texts;
}

TEST(WatchFile, says_what_is_usual_where_it_says_nothing) {
    const WatchDefinition watch = read("");
    EXPECT_EQ(watch.how, How::campaign);
    EXPECT_EQ(watch.every, Seconds(3600));
    EXPECT_TRUE(watch.drill && watch.reboot_check);
    EXPECT_EQ(watch.most_runs, 0U);
    EXPECT_FALSE(quiet_until(watch, from_rfc3339("2026-11-30T12:00:00Z")));
}

TEST(WatchFile, reports_all_mistakes_with_their_lines) {
    const auto found =
        mistakes("every: 1s\nat-most: { runs: 3, per: 0s }\nhow: each\nrun: { smallest: true }\n");
    EXPECT_THAT(found, Contains(HasSubstr("web.yaml:4: /every")));
    EXPECT_THAT(found, Contains(HasSubstr("web.yaml:5: /at-most/per")));
    EXPECT_THAT(found, Contains(HasSubstr("web.yaml:7: /run/smallest")));
}

TEST(WatchFile, tells_the_targets_of_the_watch_and_of_the_verdict_each_once) {
    const WatchDefinition watch = read(
        "tell: [ops]\non:\n  rejected: { tell: [ticket, ops] }\n  validated: { promote: "
        "ring-0 }\n");
    EXPECT_THAT(told_of(watch, Verdict::rejected), ElementsAre("ops", "ticket"));
    EXPECT_THAT(told_of(watch, std::nullopt), ElementsAre("ops"));
    EXPECT_EQ(watch.on.at(Verdict::validated).promote, "ring-0");
}

TEST(WatchFile, is_quiet_until_the_last_of_the_windows_that_touch_has_closed) {
    const WatchDefinition watch = read(
        "quiet:\n  - { zone: UTC, from: \"08:00\", to: \"12:00\" }\n  - { zone: UTC, from: "
        "\"12:00\", to: \"18:00\" }\n");
    const auto quiet = quiet_until(watch, from_rfc3339("2026-11-30T09:00:00Z"));
    ASSERT_TRUE(quiet);
    EXPECT_EQ(to_rfc3339(*quiet), "2026-11-30T18:00:00Z");
    EXPECT_FALSE(quiet_until(watch, from_rfc3339("2026-11-30T19:00:00Z")));
}

TEST(WatchPause, doubles_with_each_failure_and_ends_at_six_hours) {
    EXPECT_EQ(pause_after(0), Seconds(0));
    EXPECT_EQ(pause_after(1), Seconds(60));
    EXPECT_EQ(pause_after(3), Seconds(240));
    EXPECT_EQ(pause_after(40), Seconds(6 * 3600));
}

class WatchMemory : public ::testing::Test {
  protected:
    std::vector<std::string> take(const std::vector<std::string>& patches) {
        return watches.take("web", "shop", {{"http://vendor/InRelease", "d"}}, patches,
                            from_rfc3339("2026-11-30T09:00:00Z"));
    }
    TempFolder folder{fs::temp_directory_path(), "watch-memory"};
    store::Database database{folder.path() / "db", migrations()};
    WatchStore watches{database};
};

TEST_F(WatchMemory, a_candidate_is_new_once) {
    EXPECT_THAT(take({"a_2", "b_2"}), ElementsAre("a_2", "b_2"));
    EXPECT_THAT(take({"a_2", "b_2"}), IsEmpty());
    EXPECT_THAT(watches.waiting("web", "shop"), ElementsAre("a_2", "b_2"));
    watches.start("web", "shop", "c-1", {"a_2"});
    EXPECT_THAT(watches.waiting("web", "shop"), ElementsAre("b_2"));
    EXPECT_THAT(take({"a_2", "b_2"}), IsEmpty()) << "one that was started is not taken again";
    watches.settle("c-1", {{"a_2", "validated"}});
    EXPECT_THAT(take({"a_2", "b_2"}), IsEmpty());
    EXPECT_THAT(watches.unsettled("web"), IsEmpty());
}

TEST_F(WatchMemory, what_a_newer_version_replaced_waits_no_more_and_may_come_back) {
    take({"a_2"});
    EXPECT_THAT(take({"a_3"}), ElementsAre("a_3"));
    EXPECT_THAT(watches.waiting("web", "shop"), ElementsAre("a_3"));
    EXPECT_THAT(take({"a_2"}), ElementsAre("a_2"));
    EXPECT_THAT(watches.waiting("web", "shop"), ElementsAre("a_2"));
}

TEST_F(WatchMemory, knows_for_which_suites_a_lab_was_fetched) {
    EXPECT_THAT(watches.fetched("web", "shop"), IsEmpty());
    take({});
    EXPECT_EQ(watches.fetched("web", "shop").at("http://vendor/InRelease"), "d");
    EXPECT_THAT(watches.fetched("web", "other"), IsEmpty());
}

TEST_F(WatchMemory, a_suite_is_remembered_with_its_failures) {
    SuiteRow row = watches.suite({"security", "http://vendor/InRelease"});
    EXPECT_TRUE(row.seen.digest.empty());
    row.seen = {"\"tag\"", "", "digest"};
    row.claimed = "2026-11-30T08:00:00Z";
    row.failures = 2;
    row.trouble = "unreachable";
    watches.save(row);
    const SuiteRow again = watches.suite({"security", "http://vendor/InRelease"});
    EXPECT_EQ(again.seen.tag, "\"tag\"");
    EXPECT_EQ(again.claimed, "2026-11-30T08:00:00Z");
    EXPECT_EQ(again.failures, 2);
    EXPECT_EQ(again.trouble, "unreachable");
}

}  // namespace
}  // namespace patchlab::campaign
