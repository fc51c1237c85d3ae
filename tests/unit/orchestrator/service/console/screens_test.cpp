// SPDX-License-Identifier: Apache-2.0
//
// Every screen, rendered from a recorded sample: pages that hold together, and lead only to what
// exists.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "orchestrator/operations/operation.hpp"
#include "platform/core/files.hpp"
#include "tests/support/console_sample.hpp"
#include "tests/unit/orchestrator/service/console/html_check.hpp"

namespace patchlab::service::console {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const tests::ConsoleSample& sample() {
    static const tests::ConsoleSample one(fs::path(PATCHLAB_GOLDEN) / "console");
    return one;
}

struct Rendered {
    tests::SampleVisit visit;
    std::string html;
    tests::HtmlPage page;
};

const std::vector<Rendered>& rendered() {
    static const std::vector<Rendered> all = [] {
        std::vector<Rendered> pages;
        for (const tests::SampleVisit& visit : sample().visits()) {
            const Page page = sample().render(visit, tests::sample_viewer(sample().now()));
            pages.push_back({visit, page.html, tests::read_html(page.html)});
        }
        return pages;
    }();
    return all;
}

std::string path_of(const std::string& address) {
    return address.substr(0, address.find_first_of("?#"));
}

std::string decoded(const std::string& path) {
    std::string out;
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (path[i] != '%') {
            out += path[i];
            continue;
        }
        out += static_cast<char>(std::stoi(path.substr(i + 1, 2), nullptr, 16));
        i += 2;
    }
    return out;
}

TEST(ConsoleScreens, every_page_is_well_formed) {
    ASSERT_GT(rendered().size(), 35U);
    for (const Rendered& one : rendered())
        EXPECT_THAT(one.page.mistakes, IsEmpty()) << one.visit.name;
}

TEST(ConsoleScreens, every_pattern_is_visited_by_the_sample) {
    std::set<std::string_view> visited;
    for (const Rendered& one : rendered()) visited.insert(one.visit.screen->pattern);
    for (const Screen& screen : screens())
        EXPECT_TRUE(visited.contains(screen.pattern) || screen.file) << screen.pattern;
}

TEST(ConsoleScreens, no_page_holds_script_or_style_of_its_own) {
    for (const Rendered& one : rendered()) {
        for (const tests::HtmlElement& element : one.page.elements)
            for (const auto& [name, value] : element.attributes) {
                EXPECT_NE(name, "style") << one.visit.name;
                EXPECT_FALSE(name.starts_with("on")) << one.visit.name << ": " << name;
                EXPECT_THAT(value, Not(HasSubstr("javascript:"))) << one.visit.name;
            }
        EXPECT_THAT(one.page.all("style"), IsEmpty()) << one.visit.name;
        for (const tests::HtmlElement* script : one.page.all("script"))
            EXPECT_THAT(script->text, IsEmpty()) << one.visit.name;
    }
}

TEST(ConsoleScreens, every_link_leads_to_a_screen_or_into_the_page) {
    for (const Rendered& one : rendered()) {
        std::set<std::string> ids;
        for (const tests::HtmlElement& element : one.page.elements) ids.insert(element.at("id"));
        for (const tests::HtmlElement* anchor : one.page.all("a")) {
            const std::string to = anchor->at("href");
            if (to.starts_with('#')) {
                EXPECT_TRUE(ids.contains(to.substr(1))) << one.visit.name << ": " << to;
                continue;
            }
            EXPECT_TRUE(find_screen(decoded(path_of(to)))) << one.visit.name << ": " << to;
        }
    }
}

TEST(ConsoleScreens, every_form_posts_to_a_form_of_its_screen_with_the_token) {
    std::size_t forms = 0;
    for (const Rendered& one : rendered())
        for (std::size_t i = 0; i < one.page.elements.size(); ++i) {
            const tests::HtmlElement& form = one.page.elements[i];
            if (form.tag != "form" || form.at("method") != "post") continue;
            ++forms;
            const auto found = find_screen(decoded(path_of(form.at("action"))));
            ASSERT_TRUE(found) << one.visit.name;
            std::vector<std::string> names;
            bool token = false;
            for (const tests::HtmlElement& field : one.page.elements) {
                const bool within =
                    std::find(field.inside.begin(), field.inside.end(), i) != field.inside.end();
                if (within && field.at("name") == "_form") names.push_back(field.at("value"));
                if (within && field.at("name") == "_csrf")
                    token = field.at("value") == "csrf-of-the-sample";
            }
            EXPECT_TRUE(token) << one.visit.name;
            EXPECT_FALSE(names.empty()) << one.visit.name;
            for (const std::string& name : names)
                EXPECT_TRUE(find_form(*found->screen, name)) << one.visit.name << ": " << name;
        }
    EXPECT_GT(forms, 30U);
}

/// Operations of accounts and overviews that a state may lack.
bool may_be_missing(std::string_view operation) {
    static const std::set<std::string_view> nouns{"session", "token", "management", "overview"};
    return nouns.contains(operation.substr(0, operation.find('.'))) || operation == "user.password";
}

TEST(ConsoleScreens, every_form_and_call_names_an_operation_that_exists) {
    for (const Screen& screen : screens()) {
        for (const Form& form : screen.forms)
            EXPECT_TRUE(operations::find(form.operation) || may_be_missing(form.operation))
                << screen.pattern << ": " << form.operation;
    }
    for (const tests::SampleVisit& visit : sample().visits())
        for (const Call& call : visit.screen->calls(visit.visit))
            EXPECT_TRUE(operations::find(call.operation) || may_be_missing(call.operation))
                << visit.name << ": " << call.operation;
}

TEST(ConsoleScreens, every_field_has_a_label) {
    for (const Rendered& one : rendered()) {
        std::set<std::string> labelled;
        for (const tests::HtmlElement* label : one.page.all("label"))
            labelled.insert(label->at("for"));
        for (const char* tag : {"input", "select", "textarea"})
            for (const tests::HtmlElement* field : one.page.all(tag)) {
                if (field->at("type") == "hidden") continue;
                EXPECT_TRUE(field->has("aria-label") || labelled.contains(field->at("id")))
                    << one.visit.name << ": " << field->at("name");
            }
    }
}

TEST(ConsoleScreens, every_page_has_one_title_and_says_when_it_was_computed) {
    for (const Rendered& one : rendered()) {
        EXPECT_EQ(one.page.all("h1").size(), 1U) << one.visit.name;
        EXPECT_THAT(one.page.text(), HasSubstr("Computed ")) << one.visit.name;
    }
}

TEST(ConsoleScreens, relative_times_have_the_moment_in_utc_as_their_title) {
    for (const Rendered& one : rendered())
        for (const tests::HtmlElement* time : one.page.all("time"))
            if (time->text.ends_with(" ago")) {
                EXPECT_THAT(time->at("title"), HasSubstr("UTC")) << one.visit.name;
            }
}

TEST(ConsoleScreens, a_path_finds_the_screen_that_says_it_most_exactly) {
    EXPECT_EQ(find_screen("/rollouts/new")->screen->pattern, "/rollouts/new");
    EXPECT_EQ(find_screen("/rollouts/ro-1")->params.one("rollout"), "ro-1");
    EXPECT_EQ(find_screen("/")->screen->pattern, "/");
    EXPECT_FALSE(find_screen("/nothing"));
    EXPECT_FALSE(find_screen("runs"));
}

TEST(ConsoleScreens, hosts_that_are_not_listed_are_counted) {
    const Screen& screen = *find_screen("/cve")->screen;
    Visit visit;
    visit.path = "/cve";
    visit.query = {{"id", "CVE-2026-1"}};
    visit.now = sample().now();
    ASSERT_EQ(screen.calls(visit).size(), 1U);
    EXPECT_EQ(screen.calls(visit).front().operation, "inventory.needed");
    Json items = Json::array();
    for (int host = 0; host < 250; ++host) {
        const std::string name = "web-" + std::to_string(1000 + host);
        items.push_back({{"host", name}, {"need", "not-needed"}, {"id", "p-0"}});
        for (const char* offer : {"p-1", "p-2"})
            items.push_back({{"host", name}, {"need", "needed"}, {"id", offer}});
    }
    Answers answers;
    answers["needed"].document = {{"items", items}};
    const auto page =
        tests::read_html(render(screen, visit, tests::sample_viewer(sample().now()), answers).html);
    std::size_t links = 0;
    for (const tests::HtmlElement* link : page.all("a"))
        if (link->at("href").starts_with("/hosts/web-")) ++links;
    EXPECT_EQ(links, 200U) << "each once, and none that does not need it";
    EXPECT_THAT(page.text(), HasSubstr("the first 200 of 250"));
}

TEST(ConsoleScreens, the_page_of_a_user_says_what_they_did) {
    for (const Rendered& one : rendered()) {
        if (one.visit.screen->pattern != "/users/{user}") continue;
        EXPECT_THAT(one.page.text(), HasSubstr("What they did last"));
        EXPECT_THAT(one.html, HasSubstr("href=\"/audit?subject="));
        EXPECT_EQ(one.html.find("No answer about"), std::string::npos);
    }
}

TEST(ConsoleStatic, the_module_is_small_and_nothing_is_loaded_from_elsewhere) {
    EXPECT_LE(static_file("console.js").size(), 15U * 1024);
    EXPECT_GT(static_file("console.css").size(), 10000U);
    EXPECT_THAT(static_file("nothing.js"), IsEmpty());
    for (const char* name : {"console.js", "console.css"}) {
        EXPECT_THAT(std::string(static_file(name)), Not(HasSubstr("http:")));
        EXPECT_THAT(std::string(static_file(name)), Not(HasSubstr("https:")));
        EXPECT_THAT(std::string(static_file(name)), Not(HasSubstr("url(")));
    }
}

}  // namespace
}  // namespace patchlab::service::console
