// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/catalog/composition.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "orchestrator/families/package_family.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"

namespace patchlab::catalog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

EntryFile file(const std::string& name, const std::string& version, const std::string& salt = "") {
    return {name + "_" + version + ".deb", version, sha256_hex(name + version + salt), 100};
}

Candidate candidate(const std::string& id, const std::string& name, const std::string& to,
                    const std::vector<std::string>& from, EntryState state = EntryState::offered) {
    Candidate one;
    one.state = state;
    one.entry.id = id;
    EntryPackage package{name, "amd64", "deb", file(name, to), {}, !from.empty(), false};
    for (const std::string& old : from) package.before.push_back(file(name, old));
    one.entry.packages = {package};
    return one;
}

std::vector<std::string> words(const Composition& composition) {
    std::vector<std::string> lines;
    for (const ChannelPackage& package : composition.packages)
        lines.push_back(std::string(name(package.role)) + " " + package.name + " " +
                        package.file.version + " " + package.entry);
    return lines;
}

TEST(Composition, offers_the_new_version_and_keeps_the_old_one_for_the_way_back) {
    EXPECT_THAT(words(compose({candidate("e-1", "nginx", "2.0", {"1.0"})})),
                ElementsAre("way-back nginx 1.0 e-1", "offer nginx 2.0 e-1"));
}

TEST(Composition, a_newer_entry_takes_the_place_of_an_older_one) {
    const Composition made = compose(
        {candidate("e-1", "nginx", "2.0", {"1.0"}), candidate("e-2", "nginx", "3.0", {"2.0"})});
    EXPECT_THAT(words(made), ElementsAre("way-back nginx 2.0 e-2", "offer nginx 3.0 e-2"));
    EXPECT_THAT(made.superseded_by, ElementsAre(testing::Pair("e-1", "e-2")));
}

TEST(Composition, a_withdrawn_entry_gives_its_place_to_the_older_one_which_is_still_approved) {
    const Composition made =
        compose({candidate("e-1", "nginx", "2.0", {"1.0"}),
                 candidate("e-2", "nginx", "3.0", {"1.0"}, EntryState::withdrawn)});
    EXPECT_THAT(words(made), ElementsAre("way-back nginx 1.0 e-1", "offer nginx 2.0 e-1"));
    EXPECT_THAT(made.superseded_by, IsEmpty());
}

TEST(Composition, without_an_older_entry_the_old_version_is_offered_again) {
    EXPECT_THAT(words(compose({candidate("e-1", "nginx", "2.0", {"1.0"}, EntryState::withdrawn)})),
                ElementsAre("way-back nginx 1.0 e-1"));
    EXPECT_THAT(
        words(compose({candidate("e-1", "nginx", "2.0", {"1.0"}, EntryState::quarantined)})),
        ElementsAre("way-back nginx 1.0 e-1"));
}

TEST(Composition, names_the_versions_to_return_to_and_no_others) {
    const auto leading = [](const std::vector<Candidate>& candidates) {
        std::vector<std::string> all;
        for (const ChannelPackage& package : compose(candidates).packages)
            if (package.leads_back) all.push_back(package.name + " " + package.file.version);
        return all;
    };
    const Candidate kept = candidate("e-1", "nginx", "2.0", {"1.0"});
    EXPECT_THAT(leading({kept}), IsEmpty());
    EXPECT_THAT(leading({kept, candidate("e-2", "nginx", "3.0", {"2.0"}, EntryState::withdrawn),
                         candidate("e-3", "openssl", "5.0", {"4.0"})}),
                ElementsAre("nginx 2.0"));
    EXPECT_THAT(leading({candidate("e-1", "nginx", "2.0", {"1.0"}, EntryState::recalled)}),
                ElementsAre("nginx 1.0"));
    // a newer version ends it
    EXPECT_THAT(leading({candidate("e-1", "nginx", "2.0", {"1.0"}, EntryState::withdrawn),
                         candidate("e-2", "nginx", "3.0", {"1.0"})}),
                IsEmpty());
}

TEST(Composition, what_was_taken_back_does_not_return_as_the_old_version_of_another_entry) {
    const std::vector<Candidate> both{
        candidate("e-1", "nginx", "2.0", {"1.0"}, EntryState::withdrawn),
        candidate("e-2", "nginx", "3.0", {"2.0"})};
    EXPECT_THAT(words(compose(both)), ElementsAre("way-back nginx 1.0 e-1", "offer nginx 3.0 e-2"));
    std::vector<Candidate> none = both;
    none[1].state = EntryState::withdrawn;
    EXPECT_THAT(words(compose(none)), ElementsAre("way-back nginx 1.0 e-1"));
}

TEST(Composition, the_same_bytes_approved_by_another_run_are_offered) {
    EXPECT_THAT(words(compose({candidate("e-1", "nginx", "2.0", {"1.0"}, EntryState::withdrawn),
                               candidate("e-2", "nginx", "2.0", {"1.0"})})),
                ElementsAre("way-back nginx 1.0 e-1", "offer nginx 2.0 e-2"));
}

TEST(Composition, nothing_stands_above_what_is_offered_when_an_entry_is_a_step_back_itself) {
    EXPECT_THAT(words(compose({candidate("e-1", "nginx", "1.0", {"2.0"})})),
                ElementsAre("offer nginx 1.0 e-1"));
}

TEST(Composition, another_architecture_is_another_package) {
    Candidate other = candidate("e-2", "nginx", "3.0", {});
    other.entry.packages[0].architecture = "arm64";
    const Composition made = compose({candidate("e-1", "nginx", "2.0", {}), other});
    EXPECT_THAT(words(made), ElementsAre("offer nginx 2.0 e-1", "offer nginx 3.0 e-2"));
    EXPECT_THAT(made.superseded_by, IsEmpty());
}

TEST(Composition, refuses_two_files_that_claim_to_be_one_version) {
    Candidate other = candidate("e-2", "nginx", "3.0", {"1.0"});
    other.entry.packages[0].before[0] = file("nginx", "1.0", "another build");
    EXPECT_THROW(compose({candidate("e-1", "nginx", "2.0", {"1.0"}, EntryState::withdrawn), other}),
                 Error);
}

TEST(Composition, versions_are_ordered_by_the_rules_of_their_format) {
    EXPECT_LT(families::compare_versions("deb", "1.0~rc1", "1.0"), 0);
    EXPECT_LT(families::compare_versions("rpm", "1.0~rc1-1", "1.0-1"), 0);
    EXPECT_GT(families::compare_versions("rpm", "1:1.0-1", "9.0-1"), 0);
}

TEST(Conflict, nobody_is_led_back_behind_what_a_channel_offers) {
    const std::vector<Candidate> there{candidate("e-1", "nginx", "2.0", {"1.0"})};
    EXPECT_NE(conflict_with(there, candidate("e-2", "nginx", "1.5", {}).entry), "");
    EXPECT_EQ(conflict_with(there, candidate("e-2", "nginx", "2.5", {}).entry), "");
    EXPECT_EQ(conflict_with(there, candidate("e-2", "nginx", "2.0", {}).entry), "");
    Candidate other = candidate("e-2", "nginx", "2.0", {});
    other.entry.packages[0].after.sha256 = std::string(64, '0');
    EXPECT_NE(conflict_with(there, other.entry), "");
    std::vector<Candidate> gone = there;
    gone[0].state = EntryState::withdrawn;
    EXPECT_EQ(conflict_with(gone, candidate("e-2", "nginx", "1.5", {}).entry), "");
}

/// Whatever was promoted and taken back in whatever order.
RC_GTEST_PROP(Composition, never_offers_what_was_taken_back_and_always_the_newest_of_the_rest, ()) {
    std::vector<Candidate> candidates;
    const int count = *rc::gen::inRange(0, 8);
    for (int i = 0; i < count; ++i) {
        const int to = *rc::gen::inRange(1, 6), from = *rc::gen::inRange(0, 6);
        const auto state = *rc::gen::element(EntryState::offered, EntryState::superseded,
                                             EntryState::withdrawn, EntryState::quarantined);
        candidates.push_back(candidate(
            "e-" + std::to_string(i), *rc::gen::element(std::string("a"), std::string("b")),
            std::to_string(to),
            from == 0 ? std::vector<std::string>{} : std::vector<std::string>{std::to_string(from)},
            state));
    }
    const Composition made = compose(candidates);
    for (const char* package : {"a", "b"}) {
        std::string newest;
        for (const Candidate& one : candidates)
            if (one.live() && one.entry.packages[0].name == package)
                newest = std::max(newest, one.entry.packages[0].after.version);
        std::string top;
        for (const ChannelPackage& one : made.packages)
            if (one.name == package) top = std::max(top, one.file.version);
        if (!newest.empty()) RC_ASSERT(top == newest);
        for (const ChannelPackage& one : made.packages) {
            if (one.name != package) continue;
            bool taken = false, approved = false;
            for (const Candidate& other : candidates)
                if (other.entry.packages[0].after.sha256 == one.file.sha256)
                    (other.live() ? approved : taken) = true;
            RC_ASSERT(!taken || approved);
        }
    }
}

}  // namespace
}  // namespace patchlab::catalog
