// SPDX-License-Identifier: Apache-2.0
//
// What somebody may not do stands there with the reason, what was typed is never lost, and what a
// form asks for is a request that its operation takes.
#include "orchestrator/service/console/forms.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/operations/operation.hpp"
#include "orchestrator/service/api/tags.hpp"
#include "platform/core/schema.hpp"
#include "tests/support/console_sample.hpp"
#include "tests/unit/orchestrator/service/console/html_check.hpp"

namespace patchlab::service::console {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

tests::ConsoleSample recorded_sample() {
    return tests::ConsoleSample(fs::path(PATCHLAB_GOLDEN) / "console");
}

tests::SampleVisit visit_named(const tests::ConsoleSample& from, const std::string& name) {
    for (tests::SampleVisit& visit : from.visits())
        if (visit.name == name) return visit;
    ADD_FAILURE() << "there is no visit " << name;
    return {};
}

TEST(ConsoleForms, a_button_without_the_role_is_disabled_and_says_which_role_it_needs) {
    const auto documents = recorded_sample();
    Viewer viewer = tests::sample_viewer(documents.now());
    viewer.roles = {"viewer"};
    const auto page =
        tests::read_html(documents.render(visit_named(documents, "decision"), viewer).html);
    std::size_t disabled = 0;
    for (const tests::HtmlElement* button : page.all("button"))
        if (button->text.starts_with("Approve")) {
            EXPECT_TRUE(button->has("disabled"));
            EXPECT_TRUE(button->has("aria-describedby"));
            ++disabled;
        }
    EXPECT_EQ(disabled, 1U);
    EXPECT_THAT(page.text(), HasSubstr("This needs the role release-manager or system-owner"));
}

TEST(ConsoleForms, nobody_approves_the_run_that_they_asked_for) {
    const auto documents = recorded_sample();
    Viewer viewer = tests::sample_viewer(documents.now());
    viewer.user = "tess";
    const auto page =
        tests::read_html(documents.render(visit_named(documents, "decision"), viewer).html);
    EXPECT_THAT(page.text(), HasSubstr("Whoever asks for a run does not approve it"));
}

TEST(ConsoleForms, the_decision_shows_the_whole_digest_that_is_signed) {
    const auto documents = recorded_sample();
    const auto visit = visit_named(documents, "decision");
    const Json policy = documents.answers(visit).at("policy").document;
    const auto page =
        tests::read_html(documents.render(visit, tests::sample_viewer(documents.now())).html);
    EXPECT_THAT(page.text(), HasSubstr(policy.at("evidence_digest").get<std::string>()));
}

TEST(ConsoleForms, a_decision_carries_the_whole_tag_of_what_was_seen) {
    const auto documents = recorded_sample();
    const auto visit = visit_named(documents, "decision");
    const std::string tag =
        api::tag_in("policy.explain", documents.answers(visit).at("policy").document);
    ASSERT_NE(tag.find('.'), std::string::npos);
    const Page page = documents.render(visit, tests::sample_viewer(documents.now()));
    EXPECT_THAT(page.html, HasSubstr("name=\"seen\" value=\"" + tag + "\""));
    EXPECT_THAT(page.html, HasSubstr("If-Match: &quot;" + tag)) << "in the line to be copied";
    for (const Form& form : visit.screen->forms) EXPECT_EQ(form.match, "seen");
}

TEST(ConsoleForms, what_was_typed_is_there_again_after_a_failure) {
    const auto documents = recorded_sample();
    tests::SampleVisit visit = visit_named(documents, "decision");
    visit.visit.attempt = Attempt{"approve",
                                  {{"reason", "looked at <the> ports"}},
                                  Failure{"conflict", "somebody decided meanwhile", "look again"},
                                  {}};
    const auto page =
        tests::read_html(documents.render(visit, tests::sample_viewer(documents.now())).html);
    EXPECT_THAT(page.mistakes, IsEmpty());
    EXPECT_THAT(page.text(), HasSubstr("somebody decided meanwhile"));
    bool kept = false;
    for (const tests::HtmlElement* area : page.all("textarea"))
        kept = kept || area->text == "looked at <the> ports";
    EXPECT_TRUE(kept);
}

TEST(ConsoleForms, a_dangerous_form_wants_the_password_again_after_a_while) {
    const TimePoint now = from_rfc3339("2026-11-30T12:00:00Z");
    const Form* abort = find_form(*find_screen("/rollouts/ro-1")->screen, "abort");
    ASSERT_TRUE(abort);
    Viewer viewer = tests::sample_viewer(now);
    const Values typed{{"hosts", "20"}, {"confirm", "20"}};
    EXPECT_FALSE(refusal(*abort, typed, viewer, now));
    viewer.fresh_until = now - std::chrono::minutes(1);
    ASSERT_TRUE(refusal(*abort, typed, viewer, now));
    EXPECT_EQ(refusal(*abort, typed, viewer, now)->code, "sign_in_again");
    Values with_password = typed;
    with_password.add("_password", "correct horse battery");
    EXPECT_FALSE(refusal(*abort, with_password, viewer, now));
}

TEST(ConsoleForms, a_rollout_is_ended_only_by_who_types_its_number_of_hosts) {
    const TimePoint now = from_rfc3339("2026-11-30T12:00:00Z");
    const Screen& screen = *find_screen("/rollouts/ro-1")->screen;
    for (const char* name : {"abort", "back-out"}) {
        const auto refused = refusal(*find_form(screen, name), {{"hosts", "20"}, {"confirm", "2"}},
                                     tests::sample_viewer(now), now);
        ASSERT_TRUE(refused) << name;
        EXPECT_THAT(refused->message, HasSubstr("20"));
    }
}

TEST(ConsoleForms, all_ways_to_steer_a_rollout_stand_on_its_page_whatever_its_state) {
    const auto documents = recorded_sample();
    for (const tests::SampleVisit& visit : documents.visits()) {
        if (visit.screen->pattern != "/rollouts/{rollout}") continue;
        const auto page =
            tests::read_html(documents.render(visit, tests::sample_viewer(documents.now())).html);
        for (const char* form : {"form-pause", "form-resume", "form-abort", "form-back-out"}) {
            bool there = false;
            for (const tests::HtmlElement* element : page.all("form"))
                there = there || element->at("id") == form;
            EXPECT_TRUE(there) << visit.name << ": " << form;
        }
    }
}

TEST(ConsoleForms, a_refused_document_shows_as_forbidden_and_never_as_empty) {
    auto documents = recorded_sample();
    for (auto& [key, answer] : documents.recorded())
        answer.failure = Failure{"not_allowed", "user 'rhea' may not see this", "ask an admin"};
    for (const tests::SampleVisit& visit : documents.visits()) {
        if (visit.screen->calls(visit.visit).empty()) continue;
        const Page page = documents.render(visit, tests::sample_viewer(documents.now()));
        EXPECT_EQ(page.status, 403) << visit.name;
        EXPECT_NE(page.html.find("may not see"), std::string::npos) << visit.name;
        EXPECT_EQ(page.html.find("class=\"nothing\""), std::string::npos) << visit.name;
    }
}

/// Something plausible in every field.
Values everything_typed() {
    return {{"lab", "web-shop"},   {"patch", "p-1"},         {"patch", "p-2"},
            {"reason", "because"}, {"requirement", "drill"}, {"expires", "2026-12-31"},
            {"hosts", "2"},        {"confirm", "2"},         {"definition", "name: x"},
            {"entry", "e-1"},      {"channel", "ring-0"},    {"name", "vera"},
            {"role", "tester"},    {"now", "yes"},           {"publish", "yes"}};
}

TEST(ConsoleForms, every_form_makes_a_request_that_its_operation_takes) {
    for (const Screen& screen : screens())
        for (const Form& form : screen.forms) {
            const operations::Operation* operation = operations::find(form.operation);
            if (!operation) continue;
            const Values params{{"run", "r-1"},  {"entry", "e-1"}, {"channel", "ring-0"},
                                {"lab", "shop"}, {"user", "vera"}, {"rollout", "ro-1"},
                                {"patch", "p-1"}};
            Values fields = everything_typed();
            if (form.operation.starts_with("decision.")) {
                fields = {{"reason", "because"},
                          {"role", "system-owner"},
                          {"requirement", "drill"},
                          {"expires", "2026-12-31"}};
            }
            const Json request = form.request(params, fields);
            Diagnostics mistakes;
            Schema(to_line(operations::request_schema(*operation)))
                .check({"request", request, {}}, mistakes);
            EXPECT_TRUE(mistakes.ok()) << screen.pattern << " " << form.name << ": "
                                       << (mistakes.ok() ? "" : mistakes.items.front().text());
        }
}

TEST(ConsoleForms, what_was_typed_comes_through_a_new_sign_in_but_no_password_does) {
    const auto documents = recorded_sample();
    tests::SampleVisit visit = visit_named(documents, "login");
    visit.visit.attempt = Attempt{"reject",
                                  {{"reason", "half a page"},
                                   {"_password", "one-secret"},
                                   {"password", "another-secret"},
                                   {"_csrf", "of-the-former-session"}},
                                  std::nullopt,
                                  {}};
    const Page page = documents.render(visit, Viewer{});
    EXPECT_THAT(page.html, HasSubstr("name=\"kept.reason\" value=\"half a page\""));
    EXPECT_THAT(page.html, HasSubstr("name=\"kept._form\" value=\"reject\""));
    for (const char* secret : {"one-secret", "another-secret", "of-the-former-session"})
        EXPECT_EQ(page.html.find(secret), std::string::npos) << secret;
}

TEST(ConsoleForms, after_signing_in_nobody_is_sent_out_of_the_console) {
    const Form* login = find_form(*find_screen("/login")->screen, "login");
    const auto next = [&](const char* to) { return login->next({}, {{"next", to}}, {}); };
    EXPECT_EQ(next("/runs/r-1?x=1"), "/runs/r-1?x=1");
    for (const char* elsewhere : {"//evil.example", "https://evil.example", "/\\evil.example", ""})
        EXPECT_EQ(next(elsewhere), "/") << elsewhere;
}

}  // namespace
}  // namespace patchlab::service::console
