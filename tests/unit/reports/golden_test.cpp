// SPDX-License-Identifier: Apache-2.0
//
// The examples under tests/golden: each run document obeys the published schema and is rendered to
// the page and the JUnit file kept beside it. After a wanted change: PATCHLAB_UPDATE_GOLDEN=1 ctest
// -R Golden, then look at the difference.
#include <gtest/gtest.h>

#include <cstdlib>

#include "platform/core/files.hpp"
#include "platform/core/schema.hpp"
#include "reports/html/page.hpp"
#include "reports/render.hpp"

namespace patchlab::reports {
namespace {

const fs::path golden = PATCHLAB_GOLDEN;

struct Golden : ::testing::TestWithParam<const char*> {
    Json json = read_json(golden / "run" / (std::string(GetParam()) + ".json"));

    static void expect_same(const fs::path& file, const std::string& text) {
        if (std::getenv("PATCHLAB_UPDATE_GOLDEN")) write_file_atomic(file, text);
        EXPECT_EQ(read_file_if_any(file).value_or(""), text) << file;
    }
};

TEST_P(Golden, run_document_obeys_the_published_schema) {
    Diagnostics diagnostics;
    Schema(run_schema()).check({"run.json", json, {}}, diagnostics);
    EXPECT_EQ(diagnostics.items.size(), 0U)
        << (diagnostics.ok() ? "" : diagnostics.items.front().text());
}

TEST_P(Golden, page_is_as_it_was_looked_at) {
    const std::string page = html::page(
        {parse_run_document(json), std::string(64, 'd'), "2026-11-23T05:48:03Z", 12, {}});
    // the style sheet has its own file; a change of colour is no change of the page
    const auto from = page.find("<style>"), to = page.find("</style>"),
               hash = page.find("'sha256-");
    const std::string body = page.substr(0, hash) +
                             page.substr(page.find("';", hash), from - page.find("';", hash)) +
                             page.substr(to);
    expect_same(golden / "html" / (std::string(GetParam()) + ".html"), body);
}

TEST_P(Golden, junit_is_as_it_was_looked_at) {
    expect_same(golden / "junit" / (std::string(GetParam()) + ".xml"),
                junit_xml(parse_run_document(json)));
}

TEST(GoldenSchema, finds_a_document_that_breaks_it) {
    Json json = read_json(golden / "run" / "validated.json");
    json["verdict"] = "perhaps";
    json["checks"][0].erase("name");
    Diagnostics diagnostics;
    Schema(run_schema()).check({"run.json", json, {}}, diagnostics);
    EXPECT_EQ(diagnostics.items.size(), 2U);
}

INSTANTIATE_TEST_SUITE_P(Examples, Golden,
                         ::testing::Values("validated", "needs-review", "rejected", "inconclusive"),
                         [](const auto& example) {
                             std::string word = example.param;
                             for (char& c : word) c = c == '-' ? '_' : c;
                             return word;
                         });

}  // namespace
}  // namespace patchlab::reports
