// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "orchestrator/notify/message.hpp"

namespace patchlab::notify {
namespace {

using governance::Requirement;
using governance::RequirementState;

std::optional<Notice> notice_for(std::vector<Requirement> requirements) {
    governance::Decision decision;
    decision.verdict = "validated";
    decision.requirements = std::move(requirements);
    reports::RunDocument run;
    run.id = "r-1";
    run.lab = "shop";
    run.requester = "tess";
    run.patches.emplace_back().id = "hello_2.0";
    return approval_wanted(decision, run);
}

Requirement passed(const char* id) { return {id, RequirementState::passed, "", {}}; }
Requirement missing(const char* id) { return {id, RequirementState::missing, "", {}}; }

TEST(ApprovalWanted, is_told_when_nothing_else_is_missing) {
    const auto notice = notice_for(
        {passed("verdict"), missing("approval:release-manager"), missing("approval:system-owner")});
    ASSERT_TRUE(notice);
    EXPECT_EQ(notice->kind, NoticeKind::approval_wanted);
    EXPECT_EQ(notice->details.at("roles"), Json::array({"release-manager", "system-owner"}));
    EXPECT_EQ(notice->text,
              "approval wanted of release-manager, system-owner: run r-1 of hello_2.0 in lab shop "
              "is validated");
}

TEST(ApprovalWanted, is_told_also_while_days_must_pass_for_people_may_decide_meanwhile) {
    EXPECT_TRUE(notice_for(
        {missing("release-age"), missing("freeze"), missing("approval:release-manager")}));
}

TEST(ApprovalWanted, is_not_told_of_what_no_approval_helps) {
    EXPECT_FALSE(notice_for({passed("verdict"), passed("approval:release-manager")}))
        << "it is through";
    EXPECT_FALSE(notice_for({missing("drill"), missing("approval:release-manager")}));
    EXPECT_FALSE(notice_for({{"rejection:bob", RequirementState::failed, "", {}},
                             missing("approval:release-manager")}));
    EXPECT_FALSE(notice_for({missing("release-age")})) << "it waits for time alone";
    EXPECT_FALSE(notice_for({})) << "nothing was looked at";
}

}  // namespace
}  // namespace patchlab::notify
