// SPDX-License-Identifier: Apache-2.0
//
// A watch that is killed at each of its steps: what the next one makes good.
#include "tests/pipeline/watch/watch_fixture.hpp"

namespace patchlab::tests {
namespace {

/// The program dies at a fail point; the next look makes it good.
class WatchKilled : public Watch, public testing::WithParamInterface<std::string> {};

TEST_P(WatchKilled, forgets_no_candidate_and_rehearses_none_twice) {
    play({{"fails_with", {{"db", "nginx/front page answers"}}}});
    offer({{"web", "2-1"}, {"db", "2-1"}});
    const auto killed = look({{"PATCHLAB_FAULT", GetParam() + ":kill"}});
    EXPECT_NE(killed.signal, 0) << killed.out << killed.err;
    const auto result = look();
    EXPECT_EQ(result.exit_code, 1) << result.err;
    const Json found = candidates();
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found.at(0).at("campaign"), found.at(1).at("campaign"));
    for (const Json& one : found) {
        EXPECT_EQ(one.at("state"), "judged");
        EXPECT_EQ(one.at("verdict"), one.at("patch") == "db_2-1" ? "rejected" : "validated");
    }
    const Json campaigns = parse_json(lab.run({"campaign", "list", "--json"}).out, "campaigns");
    ASSERT_EQ(campaigns.at("campaigns").size(), 1U);
    EXPECT_EQ(campaigns.at("campaigns").at(0).at("run_count"), lab.run_count());
    EXPECT_LE(lab.run_count(), 3U);
}

/// The watch that looks for ever dies; another one takes up what it left, and so do the campaigns
/// that go on in processes of their own.
class DaemonKilled : public Watch, public testing::WithParamInterface<std::string> {};

TEST_P(DaemonKilled, is_made_good_by_the_next_one) {
    ASSERT_EQ(add_watch(std::string(watch_text) + "every: 10s\n").exit_code, 0);
    offer({{"web", "2-1"}, {"db", "2-1"}});
    const auto killed = watch_for(30, GetParam() + ":kill");
    EXPECT_NE(killed.exit_code, 0);
    EXPECT_NE(killed.exit_code, 124) << "it was not killed: " << killed.err;
    const auto next = watch_for(14);
    look();  // where the host was too slow for those seconds
    ASSERT_EQ(candidates().size(), 2U) << next.err;
    for (const Json& one : candidates()) EXPECT_EQ(one.at("verdict"), "validated") << next.err;
    EXPECT_EQ(lab.run_count(), 1U) << "both were rehearsed together, and once";
}

INSTANTIATE_TEST_SUITE_P(AtEachStep, DaemonKilled,
                         testing::Values("watch-looked", "watch-fetched", "watch-took",
                                         "watch-recorded", "watch-acted"));

INSTANTIATE_TEST_SUITE_P(AtEachStep, WatchKilled,
                         testing::Values("watch-looked", "watch-fetched", "watch-retracted",
                                         "watch-took", "watch-recorded", "campaign-wants-a-run",
                                         "run-recorded", "campaign-began-a-run",
                                         "campaign-answered", "watch-acted"));

}  // namespace
}  // namespace patchlab::tests
