// SPDX-License-Identifier: Apache-2.0
//
// Names of packages, users and hosts, versions, and lines of logs come from guests and vendors. The
// console shows them and nothing of them acts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/console_sample.hpp"
#include "tests/unit/orchestrator/service/console/html_check.hpp"

namespace patchlab::service::console {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string evil =
    "\"'><script>alert(1)</script><img src=x onerror=alert(1)>&lt;b&gt;\x1b[31m\xe2\x80\xae"
    "moc.live\xff javascript:alert(1)";

/// Words that a document's reader acts upon stay as they are.
bool is_word_of_the_contract(const std::string& key) {
    for (const char* one :
         {"schema", "state", "verdict", "outcome", "kind", "effect", "change", "type", "need",
          "custody", "before", "control", "after", "after_reboot"})
        if (key == one) return true;
    return false;
}

bool is_time(const std::string& text) {
    return text.size() == 20 && text[10] == 'T' && text.back() == 'Z';
}

void make_hostile(Json& value, const std::string& key) {
    if (value.is_object())
        for (auto& [name, member] : value.items()) make_hostile(member, name);
    else if (value.is_array())
        for (Json& item : value) make_hostile(item, key);
    else if (value.is_string() && !is_word_of_the_contract(key) &&
             !is_time(value.get<std::string>()) && !value.get<std::string>().empty())
        value = evil;
}

void expect_harmless(const std::string& html, const std::string& where) {
    EXPECT_EQ(html.find("<script>"), std::string::npos) << where;
    EXPECT_EQ(html.find("<img"), std::string::npos) << where;
    EXPECT_EQ(html.find("\x1b"), std::string::npos) << where;
    EXPECT_EQ(html.find("\xe2\x80\xae"), std::string::npos) << where;
    EXPECT_EQ(html.find("\xff"), std::string::npos) << where;
    const tests::HtmlPage page = tests::read_html(html);
    for (const std::string& mistake : page.mistakes)
        EXPECT_THAT(mistake, HasSubstr("comes twice")) << where;
    for (const tests::HtmlElement& element : page.elements) {
        EXPECT_FALSE(element.has("onerror")) << where;
        for (const char* name : {"href", "action", "src"})
            if (element.has(name)) {
                EXPECT_TRUE(element.at(name).starts_with('/') || element.at(name).starts_with('#'))
                    << where << ": " << element.at(name);
            }
    }
}

TEST(ConsoleHostile, nothing_in_a_document_becomes_markup_or_an_address_elsewhere) {
    tests::ConsoleSample sample(fs::path(PATCHLAB_GOLDEN) / "console");
    for (auto& [key, answer] : sample.recorded()) make_hostile(answer.document, "");
    for (const tests::SampleVisit& visit : sample.visits())
        expect_harmless(sample.render(visit, tests::sample_viewer(sample.now())).html, visit.name);
}

TEST(ConsoleHostile, nothing_in_an_error_becomes_markup) {
    tests::ConsoleSample sample(fs::path(PATCHLAB_GOLDEN) / "console");
    for (auto& [key, answer] : sample.recorded()) answer.failure = Failure{evil, evil, evil};
    for (const tests::SampleVisit& visit : sample.visits())
        expect_harmless(sample.render(visit, tests::sample_viewer(sample.now())).html, visit.name);
}

TEST(ConsoleHostile, nothing_in_an_address_or_a_viewer_becomes_markup) {
    const tests::ConsoleSample sample(fs::path(PATCHLAB_GOLDEN) / "console");
    Viewer viewer = tests::sample_viewer(sample.now());
    viewer.user = evil;
    viewer.roles = {evil};
    viewer.theme = evil;
    for (tests::SampleVisit visit : sample.visits()) {
        Values params;
        for (const auto& [name, value] : visit.visit.params.all()) params.add(name, evil);
        visit.visit.params = params;
        visit.visit.path = "/" + evil;
        for (const char* name : {"q", "page", "only", "file", "other", "id", "next", "name"})
            visit.visit.query.add(name, evil);
        visit.visit.attempt = Attempt{"approve", {{"reason", evil}}, Failure{"x", evil, evil}, {}};
        expect_harmless(sample.render(visit, viewer).html, visit.name);
    }
}

/// The same document, with this in place of every text.
Json with_every_text(const Json& document, const std::string& text) {
    if (document.is_string()) return text;
    if (!document.is_structured()) return document;
    Json other = document;
    for (Json& one : other) one = with_every_text(one, text);
    return other;
}

TEST(ConsoleHostile, a_time_that_is_none_is_shown_and_breaks_no_page) {
    tests::ConsoleSample sample(fs::path(PATCHLAB_GOLDEN) / "console");
    for (const char* text : {"yesterday", "2026-99-99T99:99:99Z", "2026-11-30T12:00:00"}) {
        for (auto& [key, answer] : sample.recorded())
            answer.document = with_every_text(answer.document, text);
        for (const tests::SampleVisit& visit : sample.visits())
            EXPECT_NO_THROW(sample.render(visit, tests::sample_viewer(sample.now())))
                << visit.name << " with " << text;
    }
}

TEST(ConsoleHostile, a_document_of_another_shape_still_gives_a_page) {
    tests::ConsoleSample sample(fs::path(PATCHLAB_GOLDEN) / "console");
    for (const Json& shape : {Json::object(), Json::array(), Json("text"), Json(7), Json()}) {
        for (auto& [key, answer] : sample.recorded()) answer.document = shape;
        for (const tests::SampleVisit& visit : sample.visits())
            EXPECT_THAT(sample.render(visit, tests::sample_viewer(sample.now())).html,
                        HasSubstr("</html>"))
                << visit.name;
    }
}

}  // namespace
}  // namespace patchlab::service::console
