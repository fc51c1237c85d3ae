// SPDX-License-Identifier: Apache-2.0
#include "reports/reason_kind.hpp"
#include "platform/core/json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "platform/core/files.hpp"
#include "reports/run_document.hpp"
#include "reports/words.hpp"

namespace patchlab::reports {
namespace {

using testing::HasSubstr;

std::string read_doc(const std::string& path) {
    return read_file(std::string(PATCHLAB_SOURCE) + "/" + path);
}

/// The rows of docs/formats/run.md, in the table's order.
std::string documented_kinds() {
    std::string rows;
    for (const ReasonRule& rule : reason_rules)
        rows += "| `" + std::string(rule.id) + "` | " + std::string(rule.words) + " | `" +
                std::string(name(rule.unless_said)) + "` |\n";
    return rows;
}

TEST(ReasonKinds, are_documented_as_they_are) {
    EXPECT_THAT(read_doc("docs/formats/run.md"),
                HasSubstr("|---|---|---|\n" + documented_kinds() + "\n"))
        << "the table of docs/formats/run.md should read\n"
        << documented_kinds();
}

TEST(ReasonKinds, are_named_in_the_schema) {
    const Json schema = parse_json(run_schema(), "run.schema.json");
    std::string all;
    for (const ReasonRule& rule : reason_rules)
        all += (all.empty() ? "" : ", ") + std::string(rule.id);
    EXPECT_EQ(schema.at("/$defs/reason/properties/kind/description"_json_pointer),
              "at least " + all);
}

TEST(ReasonKinds, have_words_and_an_identifier_of_their_own) {
    std::set<std::string_view> seen;
    for (const ReasonRule& rule : reason_rules) {
        EXPECT_TRUE(seen.insert(rule.id).second) << rule.id;
        EXPECT_TRUE(seen.insert(rule.words).second) << rule.words;
        EXPECT_EQ(reason_kind_from(rule.id), rule.kind);
        EXPECT_NE(reason_words(std::string(rule.id)), rule.id) << "a report would show it raw";
    }
}

TEST(ReasonKinds, of_another_version_are_shown_as_they_are_written) {
    EXPECT_EQ(reason_kind_from("something-new"), std::nullopt);
    EXPECT_EQ(reason_words("something-new"), "something-new");
    RunReason reason;
    reason.kind = "something-new";
    for (const ReasonRule& rule : reason_rules) EXPECT_FALSE(reason.is(rule.kind));
}

}  // namespace
}  // namespace patchlab::reports
