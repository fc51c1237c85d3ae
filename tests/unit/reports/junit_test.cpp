// SPDX-License-Identifier: Apache-2.0
#include "reports/render.hpp"

#include <gtest/gtest.h>

#include <pugixml.hpp>

#include "golden_runs.hpp"

namespace patchlab::reports {
namespace {

struct Junit {
    explicit Junit(const RunDocument& run, NeedsReview needs_review = NeedsReview::failure) {
        const std::string text = junit_xml(run, needs_review);
        EXPECT_TRUE(document.load_string(text.c_str())) << text;
    }
    /// "failure", "error", "skipped" or "passed".
    std::string result(const std::string& suite, const std::string& test) const {
        const pugi::xml_node found =
            node(suite).find_child_by_attribute("testcase", "name", test.c_str());
        if (!found) return "absent";
        return found.first_child() ? found.first_child().name() : "passed";
    }
    std::string message(const std::string& suite, const std::string& test) const {
        return node(suite)
            .find_child_by_attribute("testcase", "name", test.c_str())
            .first_child()
            .attribute("message")
            .value();
    }
    pugi::xml_node node(const std::string& suite) const {
        return document.child("testsuites")
            .find_child_by_attribute("testsuite", "name", suite.c_str());
    }
    pugi::xml_document document;
};

TEST(Junit, fails_what_the_patch_broke_and_counts_it) {
    const Junit xml(example("rejected"));
    EXPECT_EQ(xml.result("web.nginx", "front page answers"), "failure");
    EXPECT_EQ(xml.message("web.nginx", "front page answers"),
              "GET http://127.0.0.1/: connection refused");
    EXPECT_EQ(xml.result("web.nginx", "configuration is valid"), "passed");
    EXPECT_STREQ(xml.node("web.nginx").attribute("failures").value(), "2");
    EXPECT_STREQ(xml.node("web.nginx").attribute("errors").value(), "1");
    EXPECT_EQ(xml.result("patchlab", "verdict"), "failure");
    EXPECT_EQ(xml.result("patchlab", "unexplained changes"), "failure");
}

TEST(Junit, what_could_not_be_observed_is_an_error_and_never_a_pass) {
    const Junit xml(example("inconclusive"));
    EXPECT_EQ(xml.result("web.nginx", "front page answers"), "error");
    for (const char* test : {"unexplained changes", "drill", "verdict"})
        EXPECT_EQ(xml.result("patchlab", test), "error") << test;
    RunDocument run = example("validated");
    run.stages.clear();
    run.checks[0].after = CheckOutcome::absent;
    run.verdict.reset();
    const Junit unfinished(run);
    EXPECT_EQ(unfinished.result("patchlab", "apply"), "error");
    EXPECT_EQ(unfinished.result("patchlab", "verdict"), "error");
    EXPECT_EQ(unfinished.result("web.base", "system is running"), "error");
}

TEST(Junit, does_not_blame_an_old_failure_on_the_patch) {
    const Junit xml(example("needs-review"));
    EXPECT_EQ(xml.result("web.nginx", "error log is quiet"), "skipped");
    EXPECT_TRUE(
        xml.message("web.nginx", "error log is quiet").starts_with("failed before the patch too"));
    EXPECT_EQ(xml.result("patchlab", "verdict"),
              "failure");  // a person must look: CI may not go on by itself
}

TEST(Junit, passes_whole_when_the_patch_is_validated) {
    const Junit xml(example("validated"));
    EXPECT_TRUE(xml.document.select_nodes("//failure|//error|//skipped").empty());
    EXPECT_EQ(xml.document.select_nodes("//testcase").size(), 14U + 5U);
}

TEST(Junit, has_a_case_for_each_reason_that_no_check_tells) {
    const Junit xml(example("needs-review"));
    EXPECT_EQ(xml.result("patchlab.reasons", "unexplained-change: db: file /etc/motd"), "failure");
    EXPECT_EQ(xml.result("patchlab", "sensitive changes"), "failure");
    const Junit rejected(example("rejected"));
    EXPECT_EQ(rejected.result("patchlab.reasons", "check-failed: web: nginx/front page answers"),
              "absent")
        << "the check has its own case";
}

TEST(Junit, calls_what_needs_a_review_skipped_where_that_is_wanted) {
    const Junit xml(example("needs-review"), NeedsReview::skipped);
    EXPECT_TRUE(xml.document.select_nodes("//failure|//error").empty());
    EXPECT_EQ(xml.result("patchlab", "verdict"), "skipped");
    const Junit rejected(example("rejected"), NeedsReview::skipped);
    EXPECT_EQ(rejected.result("patchlab", "verdict"), "failure");
    EXPECT_EQ(rejected.result("patchlab.reasons", "unexplained-change: web: port tcp/4444"),
              "failure")
        << "it rejects";
}

TEST(Junit, a_stage_that_was_not_asked_for_is_skipped_and_its_reason_is_told) {
    RunDocument run = example_without_practice();
    run.stages.push_back({"drill", "skipped", "not asked for (--no-drill)", 0});
    const Junit xml(run);
    EXPECT_EQ(xml.message("patchlab", "drill"), "not asked for (--no-drill)");
    EXPECT_EQ(xml.result("patchlab", "reboot check"), "skipped");
    run.stages.back().detail.clear();
    EXPECT_EQ(Junit(run).result("patchlab", "drill"), "error") << "nobody says why";
}

TEST(Junit, has_the_times_of_checks_stages_and_the_whole_run) {
    RunDocument run = example("validated");
    run.seconds = 3600;
    run.checks[0].seconds = 1.25;
    const Junit xml(run);
    EXPECT_STREQ(xml.node("patchlab").attribute("time").value(), "3600.000");
    EXPECT_STREQ(xml.node("web.base").child("testcase").attribute("time").value(), "1.250");
    EXPECT_TRUE(std::string(xml.node("patchlab").attribute("timestamp").value()).ends_with("Z"));
}

TEST(Junit, survives_text_that_xml_cannot_hold) {
    RunDocument run = example("rejected");
    run.checks[7].detail = std::string("a\0b\x1b]]>\xff\ufffe", 12);
    run.checks[7].name = "<&\"'>";
    const Junit xml(run);
    EXPECT_EQ(xml.result("web.nginx", "<&\"'>"), "failure");
    EXPECT_TRUE(xml.message("web.nginx", "<&\"'>").starts_with("a⟨U+0000⟩b⟨U+001B⟩]]>⟨byte FF⟩"));
}

}  // namespace
}  // namespace patchlab::reports
