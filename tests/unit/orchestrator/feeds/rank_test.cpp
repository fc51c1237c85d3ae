// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/feeds/ranking/rank.hpp"

#include "tests/unit/orchestrator/feeds/feeds_fixture.hpp"

namespace patchlab::feeds {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* known_since = "2026-11-26T09:00:00Z";

class Ranking : public FeedsTest {
  protected:
    static Stakes reachable(Known<Exposure> exposure) {
        Stakes stakes;
        stakes.exposure = exposure;
        stakes.hosts = 1;
        return stakes;
    }
    RankedCve rank(const std::string& cve, Known<Exposure> exposure,
                   Table table = Table::bod_26_04) {
        return rank_cve(about(cve), reachable(exposure), known_since, table);
    }
    RankedPatch patch(const std::string& id, const std::vector<std::string>& cves,
                      Known<Exposure> exposure) {
        RankedPatch ranked;
        ranked.id = id;
        for (const std::string& cve : cves) ranked.cves.push_back(rank(cve, exposure));
        settle(ranked);
        return ranked;
    }
    void add_feeds() {
        for (const char* name : {"kev.json", "ssvc.zip", "epss.csv.gz"}) add(golden(name));
    }
};

TEST_F(Ranking, counts_the_days_from_when_patch_and_exploitation_are_known) {
    add_feeds();
    const RankedCve cve = rank("CVE-2026-1001", Exposure::open);
    EXPECT_EQ(cve.at_worst, Limit::three_days_and_forensics);
    EXPECT_THAT(cve.assumed, IsEmpty());
    // the catalogue, after the directive came into force, says an earlier day
    EXPECT_EQ(cve.due, "2026-11-23T23:59:59Z");
    EXPECT_EQ(cve.by, "kev");
    const RankedCve calm = rank("CVE-2026-1003", Exposure::open);
    EXPECT_EQ(calm.at_worst, Limit::sixty_days);
    EXPECT_EQ(calm.due, "2027-01-25T09:00:00Z");
    EXPECT_EQ(calm.by, "bod-26-04");
    EXPECT_EQ(rank("CVE-2026-1003", Exposure::small).due, "") << "at the next upgrade";
}

TEST_F(Ranking, does_not_take_dates_that_the_directive_revoked) {
    add_feeds();
    const RankedCve cve = rank("CVE-2021-3156", Exposure::small);
    EXPECT_EQ(cve.by, "bod-26-04");
    EXPECT_GT(cve.due, known_since);
}

TEST_F(Ranking, counts_an_unknown_answer_as_the_worse_one_and_says_so) {
    const RankedCve cve = rank("CVE-2026-1003", std::nullopt);
    EXPECT_EQ(cve.at_worst, Limit::three_days_and_forensics);
    EXPECT_EQ(cve.at_best, Limit::next_upgrade);
    EXPECT_THAT(cve.assumed, ElementsAre("exploited", "exposed", "automatable", "impact"));
    EXPECT_EQ(cve.due, "2026-11-29T09:00:00Z");
    EXPECT_EQ(cve.due_at_best, "");
}

TEST_F(Ranking, is_never_less_urgent_for_a_feed_that_is_cut_or_stale_or_gone) {
    const auto all = [&](Known<Exposure> exposure) {
        std::vector<Limit> limits;
        for (const char* cve : {"CVE-2026-1001", "CVE-2026-1002", "CVE-2026-1003", "CVE-2026-1004"})
            limits.push_back(rank(cve, exposure).at_worst);
        return limits;
    };
    const auto without = all(Exposure::small);
    add_feeds();
    const auto with = all(Exposure::small);
    now_ = from_rfc3339("2027-06-01T00:00:00Z");
    const auto stale = all(Exposure::small);
    for (std::size_t i = 0; i < with.size(); ++i) {
        EXPECT_LE(without[i], with[i]) << i;
        EXPECT_LE(stale[i], with[i]) << i;
    }
}

TEST_F(Ranking, of_a_patch_is_that_of_its_most_urgent_cve) {
    add_feeds();
    const RankedPatch ranked = patch("nginx_1", {"CVE-2026-1003", "CVE-2026-1001"}, Exposure::open);
    ASSERT_TRUE(ranked.decisive());
    EXPECT_EQ(ranked.decisive()->answers.cve, "CVE-2026-1001");
    EXPECT_FALSE(patch("other_1", {}, Exposure::open).decisive());
}

TEST_F(Ranking, orders_by_date_and_within_one_date_and_limit_by_score) {
    add_feeds();
    std::vector<RankedPatch> patches{patch("d_none", {}, Exposure::open),
                                     patch("c_calm", {"CVE-2026-1003"}, Exposure::small),
                                     patch("b_unscored", {"CVE-2026-1004"}, Exposure::open),
                                     patch("a_listed", {"CVE-2026-1001"}, Exposure::open)};
    sort_by_due_date(patches);
    std::vector<std::string> order;
    for (const RankedPatch& one : patches) order.push_back(one.id);
    EXPECT_THAT(order, ElementsAre("a_listed", "b_unscored", "c_calm", "d_none"));
}

TEST_F(Ranking, shows_a_vendor_that_says_not_affected_and_moves_no_date_by_it) {
    add_feeds();
    const RankedCve before = rank("CVE-2026-1001", Exposure::open);
    add(golden("openvex.json"));
    const RankedCve after = rank("CVE-2026-1001", Exposure::open);
    ASSERT_FALSE(after.answers.vex.empty());
    EXPECT_EQ(after.answers.vex[0].statement.status, "not_affected");
    EXPECT_EQ(after.due, before.due);
    EXPECT_EQ(after.at_worst, before.at_worst);
}

TEST_F(Ranking, by_the_deployer_tree_has_priorities) {
    add_feeds();
    const RankedCve cve = rank("CVE-2026-1001", Exposure::open, Table::ssvc_deployer);
    ASSERT_TRUE(cve.priority);
    EXPECT_EQ(cve.priority->at_worst, Priority::immediate);
    EXPECT_EQ(cve.priority->at_best, Priority::out_of_cycle);
    EXPECT_THAT(cve.assumed, ElementsAre("human impact"));
}

}  // namespace
}  // namespace patchlab::feeds
