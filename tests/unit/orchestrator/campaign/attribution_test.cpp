// SPDX-License-Identifier: Apache-2.0
//
// Whom the reasons of a run name.
#include "orchestrator/campaign/attribution.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchlab::campaign {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

intake::PatchPackage package_named(const std::string& name, bool prerequisite) {
    intake::PatchPackage package;
    package.name = name;
    package.to = "2";
    package.prerequisite = prerequisite;
    return package;
}

intake::Patch patch_with(const std::string& package, const std::string& prerequisite = "") {
    intake::Patch patch;
    patch.id = package + "_2";
    patch.packages.push_back(package_named(package, false));
    if (!prerequisite.empty()) patch.packages.push_back(package_named(prerequisite, true));
    return patch;
}

class Attribution : public ::testing::Test {
  protected:
    void change(const std::string& subject, const std::string& package) {
        reports::RunChange change;
        change.machine = "web";
        change.cls = "port";
        change.subject = subject;
        change.package = package;
        change.attribution =
            package.empty() ? reports::Attribution::unexplained : reports::Attribution::package;
        run.changes.items.push_back(change);
    }
    void reason(const std::string& kind, const std::string& subject) {
        run.reasons.push_back({kind, "web", subject, "", reports::Effect::review});
    }

    reports::RunDocument run = [] {
        reports::RunDocument document;
        document.verdict = Verdict::needs_review;
        return document;
    }();
    std::vector<intake::Patch> patches{patch_with("nginx", "libssl3"), patch_with("libssl3"),
                                       patch_with("redis")};
};

TEST_F(Attribution, a_sensitive_change_is_that_of_the_patch_whose_package_explains_it) {
    change("tcp/4444", "redis");
    reason("sensitive-change", "port tcp/4444");
    EXPECT_THAT(blamed_by(run, patches), ElementsAre(2));
}

TEST_F(Attribution, a_prerequisite_belongs_to_its_own_patch) {
    change("tcp/4444", "libssl3");
    reason("sensitive-change", "port tcp/4444");
    EXPECT_THAT(blamed_by(run, patches), ElementsAre(1));
}

TEST_F(Attribution, one_reason_that_nobody_explains_leaves_everybody_under_suspicion) {
    change("tcp/4444", "redis");
    reason("sensitive-change", "port tcp/4444");
    change("tcp/5555", "");
    reason("unexplained-change", "port tcp/5555");
    EXPECT_THAT(blamed_by(run, patches), IsEmpty());
}

TEST_F(Attribution, what_works_worse_is_nobodys_before_it_was_searched_for) {
    reason("regression", "nginx/front page answers");
    EXPECT_THAT(blamed_by(run, patches), IsEmpty());
}

TEST_F(Attribution, a_change_on_another_machine_says_nothing) {
    change("tcp/4444", "redis");
    run.changes.items.back().machine = "db";
    reason("sensitive-change", "port tcp/4444");
    EXPECT_THAT(blamed_by(run, patches), IsEmpty());
}

TEST_F(Attribution, a_rejected_run_names_nobody) {
    change("tcp/4444", "redis");
    reason("sensitive-change", "port tcp/4444");
    run.verdict = Verdict::rejected;
    EXPECT_THAT(blamed_by(run, patches), IsEmpty());
}

}  // namespace
}  // namespace patchlab::campaign
