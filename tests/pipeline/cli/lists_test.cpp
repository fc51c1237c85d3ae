// SPDX-License-Identifier: Apache-2.0
//
// What all lists share, tried over a state with contents: one style of JSON, filters, formats,
// short names.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>

#include "tests/support/program.hpp"

namespace patchlab::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using Words = std::vector<std::string>;

/// Every list, and the member of its document that holds the items.
const std::vector<std::pair<Words, std::string>> lists{{{"image", "list"}, "images"},
                                                       {{"lab", "list"}, "labs"},
                                                       {{"patch", "list"}, "patches"},
                                                       {{"patch", "rank"}, "patches"},
                                                       {{"feed", "list"}, "feeds"},
                                                       {{"run", "list"}, "runs"},
                                                       {{"snapshot", "list"}, "snapshots"},
                                                       {{"user", "list"}, "users"},
                                                       {{"key", "list"}, "keys"},
                                                       {{"policy", "list"}, "policies"},
                                                       {{"audit", "list"}, "rows"},
                                                       {{"catalog", "list"}, "entries"},
                                                       {{"catalog", "channels"}, "channels"},
                                                       {{"inventory", "list"}, "hosts"},
                                                       {{"inventory", "groups"}, "groups"},
                                                       {{"notify", "list"}, "deliveries"},
                                                       {{"rollout", "list"}, "rollouts"}};

/// docs/reference/json.md: a moment ends in `_at` and is one in UTC, or null; counts are numbers.
void expect_style(const Json& value, const std::string& at) {
    static const std::regex time(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)");
    static const std::map<std::string, std::string> uniform{
        {"created", "created_at"},   {"added", "created_at"},  {"requested", "created_at"},
        {"finished", "finished_at"}, {"time", "occurred_at"},  {"removed", "removed_at"},
        {"retired", "retired_at"},   {"changed", "changed_at"}};
    if (!value.is_structured()) return;
    for (const auto& [key, member] : value.items()) {
        const std::string here = at + "/" + key;
        if (key == "detail") continue;  // of the trail: as it was recorded
        const auto name = uniform.find(key);
        if (name != uniform.end() && member.is_string()) {
            EXPECT_EQ(value.value(name->second, Json(nullptr)), member) << here;
        }
        if (key.ends_with("_at") && !member.is_null()) {
            EXPECT_TRUE(member.is_string() && std::regex_match(member.get<std::string>(), time))
                << here;
        }
        if (key == "bytes" || key.ends_with("_count")) {
            EXPECT_TRUE(member.is_number()) << here;
        }
        if (key == "hosts" && member.is_number()) {
            EXPECT_EQ(value.value("host_count", Json(nullptr)), member) << here;
        }
        expect_style(member, here);
    }
}

class Lists : public testing::Test {
  protected:
    Lists() { run_ = lab_.approved_run(); }
    process::CommandResult patchlab(Words words, const Words& more = {}) {
        words.insert(words.end(), more.begin(), more.end());
        return lab_.run(words);
    }
    Json json(const Words& words, const Words& more = {}) {
        Words all = more;
        all.push_back("--json");
        const process::CommandResult result = patchlab(words, all);
        EXPECT_EQ(result.exit_code, 0) << result.err;
        return parse_json(result.out, words.front());
    }

    PlayedLab lab_;
    std::string run_;
};

TEST_F(Lists, have_one_style_of_json_and_the_same_formats) {
    static const std::regex schema("patchlab/[a-z-]+/v[0-9]+");
    for (const auto& [words, items] : lists) {
        const Json document = json(words);
        EXPECT_TRUE(std::regex_match(document.at("schema").get<std::string>(), schema));
        ASSERT_TRUE(document.at(items).is_array()) << items;
        expect_style(document, items);
        const std::string names = patchlab(words, {"-o", "name"}).out;
        EXPECT_EQ(static_cast<std::size_t>(std::count(names.begin(), names.end(), '\n')),
                  document.at(items).size())
            << items;
        EXPECT_THAT(patchlab(words, {"-o", "yaml"}).out, HasSubstr("schema: patchlab/"));
        EXPECT_LE(json(words, {"--limit", "1"}).at(items).size(), 1U);
        EXPECT_EQ(patchlab(words, {"-o", "wide"}).exit_code, 0);
        if (document.at(items).empty()) {
            EXPECT_THAT(patchlab(words).out, IsEmpty()) << "what to do goes to stderr";
        }
    }
}

TEST_F(Lists, are_filtered_sorted_and_cut_alike) {
    EXPECT_EQ(json({"run", "list"}, {"--verdict", "rejected"}).at("runs").size(), 0U);
    EXPECT_EQ(json({"run", "list"}, {"--verdict", "rejected,validated"}).at("runs").size(), 1U);
    EXPECT_EQ(json({"run", "list"}, {"--state", "finished", "--lab", "shop"}).at("runs").size(),
              1U);
    EXPECT_EQ(json({"run", "list"}, {"--since", "1h"}).at("runs").size(), 1U);
    EXPECT_EQ(json({"run", "list"}, {"--until", "2026-01-01"}).at("runs").size(), 0U);
    const Json users = json({"user", "list"}, {"--sort", "-name"}).at("users");
    EXPECT_GT(users.at(0).at("name"), users.at(1).at("name"));
    EXPECT_EQ(json({"audit", "list"}, {"--action", "approve"}).at("rows").size(), 1U);
    const process::CommandResult wrong = patchlab({"run", "list"}, {"--sort", "verdcit"});
    EXPECT_EQ(wrong.exit_code, 2);
    EXPECT_THAT(wrong.err, HasSubstr("did you mean 'verdict'?"));
    EXPECT_EQ(patchlab({"run", "list"}, {"--since", "soon"}).exit_code, 2);
}

TEST_F(Lists, give_names_that_may_be_shortened) {
    for (const std::string& word : {std::string("@last"), run_.substr(run_.size() - 4), run_})
        EXPECT_EQ(json({"run", "show", word}).at("id"), run_) << word;
    EXPECT_EQ(json({"patch", "show", "hello"}).at("id"), "hello_2.0");
    EXPECT_EQ(lab_.run({"run", "show", "nosuch"}).exit_code, 2);
    ASSERT_EQ(lab_.rehearse({{"PATCHLAB_USER", "tess"}}).exit_code, 0);
    const process::CommandResult several = lab_.run({"run", "show", "r-"});
    EXPECT_EQ(several.exit_code, 2);
    EXPECT_THAT(several.err, HasSubstr("may be any of 2"));
}

TEST_F(Lists, of_runs_lead_to_their_verdicts_as_exit_codes) {
    EXPECT_EQ(lab_.run({"run", "show", run_, "--exit-code"}).exit_code, 0);
    EXPECT_EQ(lab_.run({"run", "wait", run_}).exit_code, 0);
    lab_.play({{"packages", {{"hello", "1.0"}}}, {"adds_port", "tcp/4444"}});
    ASSERT_EQ(lab_.rehearse({{"PATCHLAB_USER", "tess"}}).exit_code, 5);
    EXPECT_EQ(lab_.run({"run", "show", "@last"}).exit_code, 0);
    EXPECT_EQ(lab_.run({"run", "show", "@last", "--exit-code"}).exit_code, 5);
    EXPECT_EQ(lab_.run({"run", "wait", run_, "@last"}).exit_code, 5) << "the worst";
    const Json compared = json({"run", "compare", run_, "@last"});
    EXPECT_EQ(compared.at("runs").at(1).at("verdict"), "needs-review");
    EXPECT_THAT(compared.at("changes").at("only_second").dump(), HasSubstr("tcp/4444"));
    EXPECT_THAT(lab_.run({"diff", "@last", "--review"}).out, HasSubstr("+ !"));
}

}  // namespace
}  // namespace patchlab::tests
