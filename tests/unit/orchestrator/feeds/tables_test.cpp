// SPDX-License-Identifier: Apache-2.0
//
// Both decision tables against the public ones, row by row (CERTCC/SSVC: cisa_bod_26_04_1_0_0 and
// deployer_patch_application_priority_1_0_0), and what becomes of unknown answers.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <set>
#include <string>

#include "orchestrator/feeds/ranking/tables.hpp"

namespace patchlab::feeds {
namespace {

struct BodRow {
    bool exploited, exposed, automatable, total;
    Limit limit;
};
constexpr bool yes = true, no = false, total = true, partial = false;
constexpr std::array bod_rows{
    BodRow{no, no, no, partial, Limit::next_upgrade},
    BodRow{yes, no, no, partial, Limit::fourteen_days},
    BodRow{no, yes, no, partial, Limit::sixty_days},
    BodRow{no, no, yes, partial, Limit::sixty_days},
    BodRow{no, no, no, total, Limit::next_upgrade},
    BodRow{yes, yes, no, partial, Limit::fourteen_days},
    BodRow{yes, no, yes, partial, Limit::fourteen_days},
    BodRow{no, yes, yes, partial, Limit::fourteen_days},
    BodRow{yes, no, no, total, Limit::fourteen_days},
    BodRow{no, yes, no, total, Limit::fourteen_days},
    BodRow{no, no, yes, total, Limit::sixty_days},
    BodRow{yes, yes, yes, partial, Limit::three_days},
    BodRow{yes, yes, no, total, Limit::three_days_and_forensics},
    BodRow{yes, no, yes, total, Limit::three_days_and_forensics},
    BodRow{no, yes, yes, total, Limit::three_days},
    BodRow{yes, yes, yes, total, Limit::three_days_and_forensics},
};

TEST(DecisionTables, of_the_directive_are_the_public_one_row_by_row) {
    std::set<int> seen;
    for (const BodRow& row : bod_rows) {
        EXPECT_EQ(bod_26_04(row.exploited, row.exposed, row.automatable, row.total), row.limit)
            << "row " << &row - bod_rows.data();
        seen.insert(row.exploited * 8 + row.exposed * 4 + row.automatable * 2 + row.total);
    }
    EXPECT_EQ(seen.size(), 16U) << "a row is missing";
}

struct DeployerRow {
    Exploitation exploitation;
    Exposure exposure;
    bool automatable;
    /// By human impact: low, medium, high, very high.
    std::array<const char*, 4> priorities;
};
const std::array deployer_rows{
    DeployerRow{
        Exploitation::none, Exposure::small, no, {"defer", "defer", "scheduled", "scheduled"}},
    DeployerRow{
        Exploitation::none, Exposure::small, yes, {"defer", "scheduled", "scheduled", "scheduled"}},
    DeployerRow{Exploitation::none,
                Exposure::controlled,
                no,
                {"defer", "scheduled", "scheduled", "scheduled"}},
    DeployerRow{Exploitation::none,
                Exposure::controlled,
                yes,
                {"scheduled", "scheduled", "scheduled", "scheduled"}},
    DeployerRow{
        Exploitation::none, Exposure::open, no, {"defer", "scheduled", "scheduled", "scheduled"}},
    DeployerRow{Exploitation::none,
                Exposure::open,
                yes,
                {"scheduled", "scheduled", "scheduled", "out-of-cycle"}},
    DeployerRow{
        Exploitation::poc, Exposure::small, no, {"defer", "scheduled", "scheduled", "scheduled"}},
    DeployerRow{Exploitation::poc,
                Exposure::small,
                yes,
                {"scheduled", "scheduled", "scheduled", "scheduled"}},
    DeployerRow{Exploitation::poc,
                Exposure::controlled,
                no,
                {"defer", "scheduled", "scheduled", "scheduled"}},
    DeployerRow{Exploitation::poc,
                Exposure::controlled,
                yes,
                {"scheduled", "scheduled", "scheduled", "out-of-cycle"}},
    DeployerRow{Exploitation::poc,
                Exposure::open,
                no,
                {"scheduled", "scheduled", "scheduled", "out-of-cycle"}},
    DeployerRow{Exploitation::poc,
                Exposure::open,
                yes,
                {"scheduled", "scheduled", "out-of-cycle", "out-of-cycle"}},
    DeployerRow{Exploitation::active,
                Exposure::small,
                no,
                {"scheduled", "scheduled", "out-of-cycle", "out-of-cycle"}},
    DeployerRow{Exploitation::active,
                Exposure::small,
                yes,
                {"scheduled", "out-of-cycle", "out-of-cycle", "out-of-cycle"}},
    DeployerRow{Exploitation::active,
                Exposure::controlled,
                no,
                {"scheduled", "scheduled", "out-of-cycle", "out-of-cycle"}},
    DeployerRow{Exploitation::active,
                Exposure::controlled,
                yes,
                {"out-of-cycle", "out-of-cycle", "out-of-cycle", "out-of-cycle"}},
    DeployerRow{Exploitation::active,
                Exposure::open,
                no,
                {"scheduled", "out-of-cycle", "out-of-cycle", "immediate"}},
    DeployerRow{Exploitation::active,
                Exposure::open,
                yes,
                {"out-of-cycle", "out-of-cycle", "immediate", "immediate"}},
};

TEST(DecisionTables, of_the_deployer_are_the_public_one_row_by_row) {
    EXPECT_EQ(deployer_rows.size() * 4, 72U);
    for (const DeployerRow& row : deployer_rows)
        for (std::size_t impact = 0; impact < 4; ++impact)
            EXPECT_EQ(name(deployer(row.exploitation, row.exposure, row.automatable,
                                    static_cast<HumanImpact>(impact))),
                      row.priorities[impact])
                << "line " << &row - deployer_rows.data() << ", impact " << impact;
}

Known<bool> any_known() {
    const int kind = *rc::gen::inRange(0, 3);
    return kind == 2 ? std::nullopt : Known<bool>(kind == 1);
}

RC_GTEST_PROP(DecisionTableProperties, an_answer_never_makes_the_worst_case_worse, ()) {
    const BodQuestions asked{any_known(), any_known(), any_known(), any_known()};
    BodQuestions less = asked;
    switch (*rc::gen::inRange(0, 4)) {
        case 0: less.exploited = std::nullopt; break;
        case 1: less.exposed = std::nullopt; break;
        case 2: less.automatable = std::nullopt; break;
        default: less.total = std::nullopt; break;
    }
    RC_ASSERT(bod_26_04(less).at_worst <= bod_26_04(asked).at_worst);
    RC_ASSERT(bod_26_04(less).at_best >= bod_26_04(asked).at_best);
}

TEST(DecisionTables, tell_both_ends_of_what_is_not_known) {
    const auto nothing = bod_26_04(BodQuestions{});
    EXPECT_EQ(nothing.at_worst, Limit::three_days_and_forensics);
    EXPECT_EQ(nothing.at_best, Limit::next_upgrade);
    const auto certain = bod_26_04(BodQuestions{true, std::nullopt, true, true});
    EXPECT_TRUE(certain.certain());
    EXPECT_EQ(certain.at_worst, Limit::three_days_and_forensics);
    const auto tree = deployer(DeployerQuestions{});
    EXPECT_EQ(tree.at_worst, Priority::immediate);
    EXPECT_EQ(tree.at_best, Priority::defer);
}

}  // namespace
}  // namespace patchlab::feeds
