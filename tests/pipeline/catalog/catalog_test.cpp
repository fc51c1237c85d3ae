// SPDX-License-Identifier: Apache-2.0
//
// The catalog as doors and rollouts use it: who may do what, what follows from it, and what the
// audit trail holds afterwards.
#include "orchestrator/catalog/catalog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/governance/policy.hpp"
#include "platform/core/error.hpp"
#include "tests/pipeline/catalog/catalog_door.hpp"

namespace patchlab::tests {
namespace {

using catalog::Catalog;
using catalog::EntryState;
using catalog::TakenBack;
using governance::RulingKind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Knows one host.
class OneHost final : public catalog::HostLookup {
  public:
    std::optional<std::vector<std::string>> hosts_with(const std::string& package,
                                                       const std::string& version) const override {
        if (package == "hello" && version == "2.0") return std::vector<std::string>{"web-1"};
        return std::vector<std::string>{};
    }
};

class CatalogTest : public CatalogDoor {
  protected:
    std::string entry_of(const std::vector<TestedPackage>& packages) {
        return catalog_.make(rhea_, approved(packages)).id;
    }
    std::vector<std::string> actions() {
        std::vector<std::string> all;
        for (const governance::AuditRow& row : state_.house().audit.list())
            all.push_back(row.event.action + " " + row.event.subject);
        return all;
    }
};

TEST_F(CatalogTest, carries_an_approved_run_into_a_channel_and_records_each_step) {
    const std::string run = approved({{"hello", {"1.0"}, "2.0"}});
    const catalog::Entry entry = catalog_.make(rhea_, run);
    EXPECT_THAT(entry.approvers, ElementsAre("rhea"));
    EXPECT_EQ(entry.requester, "tess");
    EXPECT_TRUE(entry.has_way_back());
    EXPECT_THAT(catalog_.verify(entry.id), IsEmpty());
    EXPECT_THAT(catalog_.promote(rhea_, entry.id, "ring-0"), IsEmpty());
    EXPECT_EQ(catalog_.channel("ring-0").snapshot, "") << "adding waits for a publish";
    publish();
    EXPECT_EQ(offered(), "2.0");
    EXPECT_THAT(actions(), testing::IsSupersetOf({"entry-made " + entry.id, "promote " + entry.id,
                                                  std::string("publish ring-0")}));
    EXPECT_TRUE(state_.house().audit.verify().ok());
    ASSERT_EQ(catalog_.forward(entry.id).size(), 1U);
    EXPECT_TRUE(fs::exists(catalog_.forward(entry.id)[0].file));
    ASSERT_EQ(catalog_.back(entry.id).size(), 1U);
    EXPECT_EQ(catalog_.back(entry.id)[0].version, "1.0");
    why_not([&] { catalog_.make(rhea_, run); }, ErrorCode::conflict);
}

TEST_F(CatalogTest, lets_nobody_without_the_role_change_anything) {
    const std::string run = approved({{"hello", {"1.0"}, "2.0"}});
    const std::string id = catalog_.make(rhea_, run).id;
    for (const char* name : {"tess", "vera", "sam", "root"}) {
        const governance::Actor who = ApprovedCatalog::actor(name);
        why_not([&] { catalog_.make(who, run); }, ErrorCode::not_allowed);
        why_not([&] { catalog_.promote(who, id, "ring-0"); }, ErrorCode::not_allowed);
        why_not([&] { catalog_.publish(who, "ring-0", true); }, ErrorCode::not_allowed);
        if (std::string(name) != "sam")
            why_not([&] { catalog_.withdraw(who, id, "no"); }, ErrorCode::not_allowed);
    }
    EXPECT_TRUE(catalog_.channel("ring-0").snapshot.empty());
    EXPECT_EQ(catalog_.entries().status(id).state, EntryState::offered);
}

TEST_F(CatalogTest, makes_no_entry_of_a_run_that_nobody_approved) {
    const std::string run = state_.rehearse({{"hello", {"1.0"}, "2.0"}});
    EXPECT_THAT(why_not([&] { catalog_.make(rhea_, run); }, ErrorCode::refused),
                HasSubstr("approval"));
    state_.say("rhea", RulingKind::approve, run);
    state_.say("ross", RulingKind::reject, run);
    EXPECT_THAT(why_not([&] { catalog_.make(rhea_, run); }, ErrorCode::refused), HasSubstr("ross"));
    EXPECT_THAT(catalog_.entries().list(), IsEmpty());
    why_not([&] { catalog_.make(rhea_, "r-999"); }, ErrorCode::not_found);
}

TEST_F(CatalogTest, asks_the_policy_again_before_it_promotes) {
    const std::string run = approved({{"hello", {"1.0"}, "2.0"}});
    const std::string id = catalog_.make(rhea_, run).id;
    state_.say("ross", RulingKind::reject, run);
    EXPECT_THAT(why_not([&] { catalog_.promote(rhea_, id, "ring-0"); }, ErrorCode::refused),
                HasSubstr("ross"));
    EXPECT_THAT(catalog_.entries().in_channel("ring-0"), IsEmpty());
}

TEST_F(CatalogTest, a_newer_entry_supersedes_and_the_older_returns_when_it_is_withdrawn) {
    const std::string older = entry_of({{"hello", {"1.0"}, "2.0"}}),
                      newer = entry_of({{"hello", {"1.0"}, "3.0"}});
    catalog_.promote(rhea_, older, "ring-0");
    catalog_.promote(rhea_, older, "ring-1");
    EXPECT_THAT(catalog_.promote(rhea_, newer, "ring-0"), IsEmpty())
        << "ring-1 still offers the older one";
    EXPECT_THAT(catalog_.promote(rhea_, newer, "ring-1"), ElementsAre(older));
    EXPECT_EQ(catalog_.entries().status(older).state, EntryState::superseded);
    EXPECT_THAT(catalog_.entries().status(older).reason, HasSubstr(newer));
    publish("ring-0");
    EXPECT_EQ(offered(), "3.0");
    const TakenBack taken = catalog_.withdraw(rhea_, newer, "it broke");
    EXPECT_EQ(catalog_.entries().status(older).state, EntryState::offered);
    EXPECT_EQ(offered(), "2.0");
    ASSERT_EQ(taken.published.size(), 1U) << "ring-1 was never published";
    EXPECT_THAT(taken.offered_again, ElementsAre("hello 2.0 in ring-0"));
    EXPECT_FALSE(taken.hosts.has_value()) << "without an inventory it is unknown who has it";
}

TEST_F(CatalogTest, supersede_promotes_into_every_channel_of_the_older_one) {
    const std::string older = entry_of({{"hello", {"1.0"}, "2.0"}}),
                      newer = entry_of({{"hello", {"1.0"}, "3.0"}}),
                      other = entry_of({{"other", {"1.0"}, "2.0"}});
    catalog_.promote(rhea_, older, "ring-0");
    catalog_.promote(rhea_, older, "production");
    why_not([&] { catalog_.supersede(rhea_, older, other); }, ErrorCode::conflict);
    EXPECT_THAT(catalog_.supersede(rhea_, older, newer),
                testing::UnorderedElementsAre("ring-0", "production"));
    EXPECT_EQ(catalog_.entries().status(older).state, EntryState::superseded);
    why_not(
        [&] {
            catalog_.promote(rhea_, older, "ring-2"), catalog_.promote(rhea_, newer, "ring-2"),
                catalog_.supersede(rhea_, newer, older);
        },
        ErrorCode::conflict);
}

TEST_F(CatalogTest, does_not_lead_a_channel_back_in_silence) {
    const std::string older = entry_of({{"hello", {"1.0"}, "2.0"}}),
                      newer = entry_of({{"hello", {"1.0"}, "3.0"}});
    catalog_.promote(rhea_, newer, "ring-0");
    EXPECT_THAT(why_not([&] { catalog_.promote(rhea_, older, "ring-0"); }, ErrorCode::conflict),
                HasSubstr("hello 3.0 is offered already"));
    EXPECT_THAT(catalog_.entries().in_channel("ring-0"), ElementsAre(newer));
}

TEST_F(CatalogTest, tells_which_hosts_have_what_is_withdrawn_and_what_has_no_way_back) {
    const OneHost inventory;
    Catalog with_inventory(state_.house(), state_.runner(), inventory);
    const std::string id = entry_of({{"hello", {"1.0"}, "2.0"},
                                     {"hello-extra", {}, "2.0"},
                                     {"hello-lost", {"1.0"}, "2.0", "amd64", "deb", false}});
    catalog_.promote(rhea_, id, "ring-0");
    publish();
    const TakenBack taken =
        with_inventory.withdraw(ApprovedCatalog::actor("sam"), id, "the shop is down");
    ASSERT_TRUE(taken.hosts.has_value());
    EXPECT_THAT(*taken.hosts, ElementsAre("web-1"));
    EXPECT_THAT(taken.without_way_back, ElementsAre("hello-extra (new)", "hello-lost"));
    EXPECT_THAT(taken.offered_again, ElementsAre("hello 1.0 in ring-0"));
    EXPECT_EQ(offered(), "1.0");
    EXPECT_THAT(catalog_.verify(id)[0].text(), HasSubstr("is withdrawn: the shop is down"));
    why_not([&] { catalog_.promote(rhea_, id, "ring-0"); }, ErrorCode::refused);
    why_not([&] { catalog_.withdraw(rhea_, id, "again"); }, ErrorCode::conflict);
}

TEST_F(CatalogTest, quarantine_takes_the_entry_from_every_channel_and_may_be_said_twice) {
    const std::string id = entry_of({{"hello", {"1.0"}, "2.0"}});
    for (const char* channel : {"ring-0", "ring-1"}) {
        catalog_.promote(rhea_, id, channel);
        publish(channel);
    }
    const governance::Actor rollout{"rollout", "root"};
    EXPECT_EQ(catalog_.quarantine(rollout, id, "ring 1 failed").published.size(), 2U);
    EXPECT_EQ(catalog_.entries().status(id).state, EntryState::quarantined);
    EXPECT_EQ(offered("ring-0"), "1.0");
    EXPECT_EQ(offered("ring-1"), "1.0");
    for (const catalog::Published& again :
         catalog_.quarantine(rollout, id, "ring 1 failed").published)
        EXPECT_FALSE(again.changed);
    EXPECT_EQ(catalog_.entries().status(id).reason, "ring 1 failed");
}

TEST_F(CatalogTest, withdraws_from_the_other_channels_although_one_cannot_be_published) {
    const std::string broken = entry_of({{"other", {"1.0"}, "2.0"}}),
                      id = entry_of({{"hello", {"1.0"}, "2.0"}});
    catalog_.promote(rhea_, broken, "a");
    for (const char* channel : {"a", "b"}) {
        catalog_.promote(rhea_, id, channel);
        publish(channel);
    }
    tamper(catalog_.forward(broken)[0].file, flip_a_bit);
    EXPECT_THAT(why_not([&] { catalog_.withdraw(rhea_, id, "it broke"); }, ErrorCode::lab),
                HasSubstr("channel 'a' cannot be published"));
    EXPECT_EQ(catalog_.entries().status(id).state, EntryState::withdrawn);
    EXPECT_EQ(offered("b"), "1.0");
    EXPECT_EQ(offered("a"), "2.0") << "the channel stays as it was, and the error says so";
    catalog_.withdraw(rhea_, broken, "damaged");
    EXPECT_EQ(offered("a"), "1.0");
}

TEST_F(CatalogTest, an_expired_waiver_stops_the_entry_and_the_next_publish) {
    governance::PolicyStore(state_.house())
        .add(ApprovedCatalog::actor("root"),
             "schema: patchlab/policy/v1\nname: drilled\ndrill: restore\napprovals: [{ role: "
             "release-manager }]\n",
             "policy.yaml");
    const std::string run = state_.rehearse({{"hello", {"1.0"}, "2.0"}});
    state_.waive(run, "drill");
    state_.say("rhea", RulingKind::approve, run);
    const std::string id = catalog_.make(rhea_, run).id;
    catalog_.promote(rhea_, id, "ring-0");
    publish();
    EXPECT_THAT(catalog_.verify(id), IsEmpty());
    state_.clock.advance(Seconds(72 * 3600));
    ASSERT_EQ(catalog_.verify(id).size(), 1U);
    EXPECT_THAT(catalog_.verify(id)[0].text(), HasSubstr("waiver of 'drill'"));
    why_not([&] { catalog_.promote(rhea_, id, "ring-1"); }, ErrorCode::refused);
    EXPECT_THAT(why_not([&] { publish(); }, ErrorCode::refused), HasSubstr("waiver of 'drill'"));
    EXPECT_EQ(offered(), "2.0") << "what was published stays until somebody takes it back";
    catalog_.withdraw(rhea_, id, "nobody answers for it any more");
    EXPECT_EQ(offered(), "1.0");
}

TEST_F(CatalogTest, lists_its_channels) {
    const std::string id = entry_of({{"hello", {"1.0"}, "2.0"}});
    catalog_.promote(rhea_, id, "ring-0");
    catalog_.publish(rhea_, "production", true);
    const auto all = catalog_.channels();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].name, "production");
    EXPECT_NE(all[0].snapshot, "");
    EXPECT_EQ(all[1].name, "ring-0");
    EXPECT_EQ(all[1].snapshot, "");
    EXPECT_THAT(catalog_.verify_channel("production"), IsEmpty());
    EXPECT_THAT(catalog_.verify_channel("ring-0"), testing::SizeIs(1));
}

}  // namespace
}  // namespace patchlab::tests
