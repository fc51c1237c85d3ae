// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/families/package_family.hpp"
#include "platform/core/json.hpp"

namespace patchlab::families {
namespace {

using snapshots::Need;

TEST(Rules, of_deb_are_read_and_are_all_there) {
    const snapshots::AttributionRules& rules = family("deb").attribution_rules();
    EXPECT_GE(rules.effects.size(), 80U);
    EXPECT_GE(rules.storage.size(), 19U);
    EXPECT_GE(rules.search_paths.size(), 90U);
    EXPECT_EQ(rules.manager, "dpkg");
    EXPECT_THAT(rules.leftovers, ::testing::Contains(".dpkg-dist"));
}

TEST(Rules, keep_what_is_needed_and_whether_a_removal_is_explained) {
    Diagnostics diagnostics;
    const auto rules = parse_rules(
        "schema: patchlab/rules/v1\n"
        "effects:\n"
        "  - {path: \"/a/*\", why: every one does it}\n"
        "  - {path: \"/b\", ships: \"*.so\", removal: true, why: a cache}\n"
        "  - {path: \"/c\", trigger: t, why: a trigger}\n",
        "rules.yaml", diagnostics);
    ASSERT_TRUE(diagnostics.ok());
    ASSERT_EQ(rules.effects.size(), 3U);
    EXPECT_EQ(rules.effects[0].need, Need::nothing);
    EXPECT_FALSE(rules.effects[0].removal);
    EXPECT_EQ(rules.effects[1].need, Need::ships);
    EXPECT_EQ(rules.effects[1].detail, "*.so");
    EXPECT_TRUE(rules.effects[1].removal);
    EXPECT_EQ(rules.effects[2].need, Need::trigger);
}

TEST(Rules, tell_in_which_order_folders_are_read_and_which_entries_are_shown) {
    Diagnostics diagnostics;
    const auto rules = parse_rules(
        "schema: patchlab/rules/v1\n"
        "search_paths:\n"
        "  - {family: f, reader: r, folders: [/etc/f, /usr/lib/f], match: first, shown: changed,\n"
        "     entries: tmpfiles, home: [/etc/f]}\n"
        "  - {family: g, reader: r, folders: [/etc/g]}\n"
        "drop_ins:\n"
        "  - {path: \"/etc/h/*.d/*\", home: /etc/h}\n",
        "rules.yaml", diagnostics);
    ASSERT_TRUE(diagnostics.ok());
    ASSERT_EQ(rules.search_paths.size(), 3U);
    const snapshots::SearchPath& first = rules.search_paths[0];
    EXPECT_TRUE(first.first_wins);
    EXPECT_EQ(first.shown, snapshots::Shown::changed);
    EXPECT_EQ(first.language, snapshots::EntryLanguage::tmpfiles);
    EXPECT_FALSE(rules.search_paths[1].first_wins);
    EXPECT_EQ(rules.search_paths[1].shown, snapshots::Shown::fresh);
    EXPECT_THAT(rules.search_paths[2].folders, ::testing::ElementsAre("/etc/h/*.d"));
    EXPECT_EQ(rules.search_paths[2].names, "*");
    EXPECT_THAT(rules.search_paths[2].home, ::testing::ElementsAre("/etc/h"));
}

TEST(Rules, of_a_lab_about_a_place_come_before_those_of_the_family) {
    snapshots::AttributionRules rules = family("deb").attribution_rules();
    add_rules(rules, rules_from_json(Json{{"search_paths",
                                           {{{"family", "ours"},
                                             {"reader", "us"},
                                             {"folders", {"/etc/profile.d"}},
                                             {"shown", "never"}}}}}));
    EXPECT_EQ(rules.search_paths.front().family, "ours");
}

TEST(Rules, with_a_mistake_are_refused_with_its_line) {
    Diagnostics diagnostics;
    parse_rules("schema: patchlab/rules/v1\neffects:\n  - {path: \"/a\", because: x}\n",
                "rules.yaml", diagnostics);
    EXPECT_FALSE(diagnostics.ok());
}

TEST(Rules, of_a_lab_come_after_those_of_the_family) {
    snapshots::AttributionRules rules = family("deb").attribution_rules();
    const std::size_t before = rules.effects.size();
    add_rules(rules,
              rules_from_json(Json{{"effects", {{{"path", "/srv/app/*"}, {"why", "its cache"}}}}}));
    ASSERT_EQ(rules.effects.size(), before + 1);
    EXPECT_EQ(rules.effects.back().why, "its cache");
    EXPECT_EQ(rules.manager, "dpkg");
}

}  // namespace
}  // namespace patchlab::families
