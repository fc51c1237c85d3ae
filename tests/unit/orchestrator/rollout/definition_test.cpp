// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rollout/plan/definition.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/inventory/windows_file.hpp"
#include "platform/core/error.hpp"

namespace patchlab::rollout {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> mistakes(const std::string& yaml) {
    Diagnostics found;
    parse_definition(yaml, "rollout.yaml", found);
    std::vector<std::string> texts;
    for (const Diagnostic& item : found.items) texts.push_back(item.text());
    return texts;
}

Definition good(const std::string& yaml) {
    Diagnostics found;
    Definition definition = parse_definition(yaml, "rollout.yaml", found);
    for (const Diagnostic& item : found.items) ADD_FAILURE() << item.text();
    return definition;
}

const std::string head = "schema: patchlab/rollout/v1\nname: web\n";

TEST(RolloutDefinition, the_example_that_ships_is_right) {
    const Definition definition = good(example_definition());
    ASSERT_EQ(definition.rings.size(), 3U);
    EXPECT_EQ(definition.rings[0].take, Take::count);
    EXPECT_EQ(definition.rings[0].concurrency, 1U);
    EXPECT_EQ(definition.rings[1].soak, Seconds(86400));
    EXPECT_EQ(definition.rings[1].concurrency, 10U);
    EXPECT_EQ(definition.rings[2].window, "night");
    EXPECT_EQ(definition.rings[2].channel, "ring-2");
    EXPECT_EQ(definition.windows.at("night").from, 22 * 60);
    EXPECT_FALSE(definition.windows.at("night").days[4]);
    EXPECT_EQ(definition.needed(), Seconds(1200));
}

TEST(RolloutDefinition, every_mistake_is_reported_with_its_line) {
    const std::vector<std::string> found =
        mistakes(head +
                 "rings:\n"
                 "  - { name: one, count: 1, percent: 5 }\n"
                 "  - { name: one, rest: true, window: nihgt }\n"
                 "  - { name: two, percent: 1 }\n"
                 "windows:\n"
                 "  night: { zone: Europe/Zurihc, from: \"22:00\", to: \"04:00\", except: "
                 "[\"2026-02-30\"] }\n"
                 "  short: { zone: UTC, from: \"22:00\", to: \"22:10\" }\n"
                 "notify:\n"
                 "  - { target: pager, mail: { to: [a@example.org] } }\n");
    EXPECT_THAT(
        found,
        testing::UnorderedElementsAre(
            "rollout.yaml:4: /rings/0: must take hosts by exactly one of count, percent, group and "
            "rest",
            "rollout.yaml:5: /rings/1/name: there is a ring 'one' already",
            "rollout.yaml:5: /rings/1/window: there is no window 'nihgt'; did you mean 'night'?",
            "rollout.yaml:6: /rings/2: comes after a ring that takes all that are left",
            "rollout.yaml:8: /windows/night/zone: there is no time zone 'Europe/Zurihc'; did you "
            "mean 'Europe/Zurich'?",
            "rollout.yaml:8: /windows/night/except/0: '2026-02-30' is not a day of the calendar",
            "rollout.yaml:9: /windows/short: is open for 10 minutes, but the installation and the "
            "way back need 20 minutes (time)",
            "rollout.yaml:11: /notify/0: must be exactly one of target, webhook and mail"))
        << testing::PrintToString(found);
}

TEST(RolloutDefinition, mistakes_of_form_are_reported_together) {
    const auto found = mistakes(
        head + "rings:\n  - { name: One, count: 0, soak: 5 }\nfailure-budget: {}\nconcurency: 3\n");
    ASSERT_EQ(found.size(), 5U) << testing::PrintToString(found);
    EXPECT_THAT(testing::PrintToString(found), HasSubstr("concurrency"));
}

TEST(RolloutDefinition, a_ring_that_checks_nothing_is_refused) {
    EXPECT_THAT(
        mistakes(head + "rings:\n  - { name: all, rest: true }\ngate: { lab-suites: false }\n"),
        ElementsAre(HasSubstr("/gate: leaves nothing to check")));
}

TEST(RolloutDefinition, two_rings_may_not_follow_one_channel) {
    EXPECT_THAT(
        mistakes(
            head +
            "rings:\n  - { name: a, count: 1, channel: ring-1 }\n  - { name: b, rest: true }\n"),
        ElementsAre(HasSubstr("follows the channel ring-1 too")));
}

TEST(RolloutDefinition, no_budget_means_that_the_first_failure_halts) {
    EXPECT_EQ(good(head + "rings:\n  - { name: all, rest: true }\n").budget.of(1000), 0U);
}

TEST(RolloutDefinition, the_smaller_of_both_budgets_counts) {
    FailureBudget budget;
    budget.hosts = 3;
    EXPECT_EQ(budget.of(1000), 3U);
    budget.percent = 5;
    EXPECT_EQ(budget.of(1000), 3U);
    EXPECT_EQ(budget.of(20), 1U);
    EXPECT_EQ(budget.of(19), 0U);
    budget.hosts.reset();
    EXPECT_EQ(budget.of(1000), 50U);
}

TEST(RolloutDefinition, notices_go_to_exactly_one_place_each) {
    EXPECT_THAT(
        mistakes(head + "rings:\n  - { name: all, rest: true }\nnotify:\n  - { on: [halted] }\n"),
        ElementsAre(HasSubstr("exactly one of")));
    const Definition definition = good(head +
                                       "rings:\n  - { name: all, rest: true }\nnotify:\n  - { on: "
                                       "[halted], target: pager }\n");
    EXPECT_THAT(definition.notify.at(0).on, ElementsAre(notify::NoticeKind::halted));
    EXPECT_EQ(definition.notify.at(0).target, "pager");
}

TEST(RolloutDefinition, runs_no_program_of_this_host) {
    const std::string evil = head +
                             "rings:\n  - { name: all, rest: true }\nnotify:\n  - { command: "
                             "[/bin/sh, -c, id] }\n";
    EXPECT_THAT(mistakes(evil),
                ElementsAre(HasSubstr("/notify/0/command: a definition runs no "
                                      "program: an administrator gives it a name")));
    Diagnostics found;
    const Definition stored = parse_stored_definition(evil, "rollout.yaml", found);
    EXPECT_TRUE(found.ok()) << "a rollout that was started before can still be ended";
    EXPECT_EQ(stored.notify.size(), 1U);
}

TEST(RolloutDefinition, accepts_the_zones_that_a_window_of_the_inventory_may_have) {
    for (const std::string zone :
         {"UTC", "Europe/Zurich", "US/Eastern", "Etc/GMT+5", "localtime", "leapseconds",
          "posix/Europe/Zurich", "right/UTC", "posixrules", "Factory", "Mars/Base"}) {
        const std::string windows =
            "windows:\n  w: { zone: " + zone + ", from: \"22:00\", to: \"04:00\" }\n";
        Diagnostics of_the_inventory;
        inventory::parse_windows("schema: patchlab/windows/v1\n" + windows, "w.yaml",
                                 of_the_inventory);
        const auto of_a_rollout =
            mistakes(head + "rings:\n  - { name: one, rest: true }\n" + windows);
        EXPECT_EQ(of_the_inventory.ok(), of_a_rollout.empty()) << zone;
    }
}

}  // namespace
}  // namespace patchlab::rollout
