// SPDX-License-Identifier: Apache-2.0
//
// What is decided after an entry was made: it stops the entry wherever it is offered or deployed,
// and the same packages under another run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/governance/decision.hpp"
#include "platform/core/error.hpp"
#include "tests/pipeline/catalog/catalog_door.hpp"

namespace patchlab::tests {
namespace {

using catalog::EntryState;
using governance::RulingKind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class DecidedLater : public CatalogDoor {
  protected:
    /// Promoted and published.
    std::string offered_entry(const std::string& run, const std::string& channel = "ring-0") {
        const std::string id = catalog_.make(rhea_, run).id;
        catalog_.promote(rhea_, id, channel);
        publish(channel);
        return id;
    }
    std::string reasons(const std::string& id) {
        std::string text;
        for (const catalog::Refusal& refusal : catalog_.verify(id)) text += refusal.text() + "\n";
        return text;
    }
};

TEST_F(DecidedLater, a_rejection_stops_the_entry_everywhere) {
    const std::string run = approved({{"hello", {"1.0"}, "2.0"}}), id = offered_entry(run);
    state_.say("ross", RulingKind::reject, run);
    EXPECT_THAT(reasons(id), HasSubstr("rejected by ross"));
    EXPECT_THAT(why_not([&] { publish(); }, ErrorCode::refused), HasSubstr("rejected by ross"));
    EXPECT_THAT(why_not([&] { catalog_.refresh(rhea_, "ring-0"); }, ErrorCode::refused),
                HasSubstr("rejected by ross"));
    why_not([&] { catalog_.promote(rhea_, id, "ring-1"); }, ErrorCode::refused);
    const catalog::Standing standing = catalog_.standing(id);
    EXPECT_FALSE(standing.deployable());
    EXPECT_EQ(standing.word(), "rejected");
    EXPECT_EQ(standing.state, EntryState::offered);
    // who changes their mind decides anew
    state_.say("ross", RulingKind::approve, run);
    EXPECT_THAT(reasons(id), IsEmpty());
    EXPECT_NO_THROW(publish());
}

TEST_F(DecidedLater, a_rejection_keeps_nobody_from_taking_another_entry_back) {
    const std::string rejected = approved({{"other", {"1.0"}, "2.0"}});
    const std::string id = offered_entry(approved({{"hello", {"1.0"}, "2.0"}}));
    offered_entry(rejected);
    state_.say("ross", RulingKind::reject, rejected);
    const catalog::TakenBack taken = catalog_.withdraw(rhea_, id, "it broke");
    ASSERT_EQ(taken.published.size(), 1U);
    EXPECT_THAT(taken.published[0].notes, ElementsAre(HasSubstr("should be withdrawn")));
    EXPECT_EQ(offered(), "1.0");
}

TEST_F(DecidedLater, packages_that_were_quarantined_are_not_approved_under_another_run) {
    const std::string bad = offered_entry(approved({{"hello", {"1.0"}, "2.0"}}));
    catalog_.quarantine(rhea_, bad, "lab and production disagree on web-3");
    const std::string again = state_.rehearse({{"hello", {"1.0"}, "2.0"}});
    const std::string why =
        why_not([&] { state_.say("rhea", RulingKind::approve, again); }, ErrorCode::not_allowed);
    EXPECT_THAT(why, HasSubstr("not-taken-back"));
    const governance::Decision decision = governance::decide(state_.house(), again);
    const governance::Requirement* requirement = decision.find(governance::not_taken_back);
    ASSERT_NE(requirement, nullptr);
    EXPECT_THAT(requirement->detail, HasSubstr("hello 2.0 is quarantined as entry " + bad));
    EXPECT_THAT(requirement->detail, HasSubstr("lab and production disagree on web-3"));
    // another version of the same package is another patch
    EXPECT_NO_THROW(approved({{"hello", {"1.0"}, "3.0"}}));
}

TEST_F(DecidedLater, a_waiver_answers_for_packages_that_were_taken_back) {
    const std::string bad = offered_entry(approved({{"hello", {"1.0"}, "2.0"}}));
    catalog_.quarantine(rhea_, bad, "lab and production disagree on web-3");
    EXPECT_EQ(offered(), "1.0");
    const std::string again = state_.rehearse({{"hello", {"1.0"}, "2.0"}});
    state_.waive(again, std::string(governance::not_taken_back));
    state_.say("rhea", RulingKind::approve, again);
    const std::string id = offered_entry(again);
    EXPECT_THAT(reasons(id), IsEmpty()) << "the decision follows from its documents alone";
    EXPECT_EQ(offered(), "2.0");
    state_.clock.advance(Seconds(72 * 3600));
    EXPECT_THAT(reasons(id), HasSubstr("waiver of 'not-taken-back'"));
}

TEST_F(DecidedLater, the_same_packages_leave_every_channel_with_the_entry_that_was_quarantined) {
    const std::string one = approved({{"hello", {"1.0"}, "2.0"}}),
                      two = approved({{"hello", {"1.0"}, "2.0"}});
    const std::string first = offered_entry(one, "ring-0");
    const std::string second = offered_entry(two, "ring-0");
    const std::string elsewhere = offered_entry(approved({{"hello", {"1.0"}, "2.0"}}), "ring-1");
    catalog_.quarantine(rhea_, first, "it broke web-3");
    EXPECT_THAT(reasons(second), HasSubstr("quarantined as entry " + first));
    EXPECT_EQ(offered("ring-0"), "1.0");
    EXPECT_THAT(why_not([&] { publish("ring-1"); }, ErrorCode::refused),
                HasSubstr("entry '" + elsewhere + "'"));
}

TEST_F(DecidedLater, only_an_entry_that_was_taken_back_speaks_against_its_packages) {
    const std::string id = offered_entry(approved({{"hello", {"1.0"}, "2.0"}}));
    const auto ask = catalog::ask_taken_back(state_.state(), state_.database());
    const std::string digest = catalog_.entries().get(id).packages[0].after.sha256;
    EXPECT_THAT(ask({digest}), IsEmpty()) << "offered";
    catalog_.recall(rhea_, id, "a drill");
    EXPECT_THAT(ask({digest}), IsEmpty()) << "nothing speaks against it";
    EXPECT_EQ(catalog::taken_back_with(state_.state(), state_.database(), {digest}).size(), 1U);
    catalog_.quarantine(rhea_, id, "it broke");
    ASSERT_EQ(ask({digest}).size(), 1U);
    EXPECT_EQ(ask({digest})[0].entry, id);
    EXPECT_THAT(ask({std::string(64, 'a')}), IsEmpty());
}

TEST_F(DecidedLater, a_store_that_calls_a_withdrawn_entry_offered_is_found_out) {
    const std::string id = offered_entry(approved({{"hello", {"1.0"}, "2.0"}}));
    catalog_.withdraw(rhea_, id, "it broke");
    state_.database().execute("UPDATE catalog_entries SET state = 'offered' WHERE id = ?", {id});
    EXPECT_THAT(reasons(id), HasSubstr("the audit trail says that it is withdrawn"));
    EXPECT_THAT(why_not([&] { publish(); }, ErrorCode::refused), HasSubstr("audit trail"));
}

TEST_F(DecidedLater, a_recalled_entry_is_offered_again_when_somebody_releases_it) {
    const std::string id = offered_entry(approved({{"hello", {"1.0"}, "2.0"}}));
    catalog_.recall(rhea_, id, "rollout ro-1 goes back: a drill");
    EXPECT_EQ(catalog_.standing(id).state, EntryState::recalled);
    EXPECT_TRUE(catalog_.standing(id).signed_);
    EXPECT_EQ(catalog_.standing(id).by, "rhea");
    EXPECT_EQ(offered(), "1.0");
    why_not([&] { catalog_.promote(rhea_, id, "ring-1"); }, ErrorCode::refused);
    why_not([&] { catalog_.release(ApprovedCatalog::actor("tess"), id, "go on"); },
            ErrorCode::not_allowed);
    why_not([&] { catalog_.release(rhea_, id, ""); }, ErrorCode::usage);
    catalog_.release(rhea_, id, "the drill is over");
    EXPECT_THAT(reasons(id), IsEmpty());
    EXPECT_EQ(offered(), "1.0") << "adding waits for a publish";
    publish();
    EXPECT_EQ(offered(), "2.0");
    EXPECT_TRUE(state_.house().audit.verify().ok());
}

TEST_F(DecidedLater, what_was_taken_back_for_good_is_neither_recalled_nor_released) {
    const std::string id = offered_entry(approved({{"hello", {"1.0"}, "2.0"}}));
    catalog_.quarantine(rhea_, id, "it broke web-3");
    catalog_.recall(rhea_, id, "and it goes back");
    EXPECT_EQ(catalog_.standing(id).state, EntryState::quarantined);
    EXPECT_THAT(why_not([&] { catalog_.release(rhea_, id, "go on"); }, ErrorCode::conflict),
                HasSubstr("is quarantined, not recalled"));
    const std::string recalled = offered_entry(approved({{"other", {"1.0"}, "2.0"}}), "ring-1");
    catalog_.recall(rhea_, recalled, "a drill");
    catalog_.quarantine(rhea_, recalled, "it broke after all");
    EXPECT_EQ(catalog_.standing(recalled).state, EntryState::quarantined);
}

TEST_F(DecidedLater, a_recalled_entry_that_was_rejected_meanwhile_is_not_released) {
    const std::string run = approved({{"hello", {"1.0"}, "2.0"}}), id = offered_entry(run);
    catalog_.recall(rhea_, id, "a drill");
    state_.say("ross", RulingKind::reject, run);
    EXPECT_THAT(why_not([&] { catalog_.release(rhea_, id, "go on"); }, ErrorCode::refused),
                HasSubstr("rejected by ross"));
    EXPECT_EQ(catalog_.standing(id).state, EntryState::recalled);
}

}  // namespace
}  // namespace patchlab::tests
