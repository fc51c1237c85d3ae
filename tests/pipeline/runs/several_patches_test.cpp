// SPDX-License-Identifier: Apache-2.0
//
// Several patches in one command: each by itself, and the search for those of a bundle that fail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/program.hpp"

namespace patchlab::tests {
namespace {

using testing::ElementsAre;

/// Besides hello_2.0 the patches other_6 and third_2; the front page breaks with other_6.
class SeveralPatches : public testing::Test {
  protected:
    void SetUp() override {
        lab.play({{"packages", {{"hello", "1.0"}, {"other", "5"}}},
                  {"fails_with", {{"other", "nginx/front page answers"}}}});
        const TempFolder folder(fs::temp_directory_path(), "debs");
        for (const auto& [name, version] : {std::pair{"other", "6"}, std::pair{"third", "2"}})
            ASSERT_EQ(lab.run({"patch", "add", build_deb(folder.path(), name, version).string()})
                          .exit_code,
                      0);
    }

    process::CommandResult start(const std::vector<std::string>& more) {
        std::vector<std::string> words{"run",     "start",      "--json",  "--lab",
                                       "shop",    "--no-drill", "--patch", "hello_2.0",
                                       "--patch", "other_6",    "--patch", "third_2"};
        words.insert(words.end(), more.begin(), more.end());
        return lab.run(words);
    }

    PlayedLab lab;
};

TEST_F(SeveralPatches, each_gets_a_run_and_a_verdict_of_its_own) {
    const auto result = start({"--each", "--jobs", "2"});
    EXPECT_EQ(result.exit_code, 1) << result.err;
    std::map<std::string, std::string> verdicts;
    const Json document = parse_json(result.out, "runs");
    for (const Json& run : document.at("runs"))
        verdicts[run.at("patch")] = run.at("verdict").get<std::string>();
    EXPECT_EQ(verdicts,
              (std::map<std::string, std::string>{
                  {"hello_2.0", "validated"}, {"other_6", "rejected"}, {"third_2", "validated"}}));
}

TEST_F(SeveralPatches, a_bundle_that_fails_is_narrowed_to_the_patch_that_fails_by_itself) {
    const auto result = start({"--bisect"});
    EXPECT_EQ(result.exit_code, 1) << result.err;
    const Json found = parse_json(result.out, "bisect");
    EXPECT_THAT(found.at("smallest").get<std::vector<std::string>>(), ElementsAre("other_6"));
    EXPECT_TRUE(found.at("certain").get<bool>());
    EXPECT_TRUE(
        fs::exists(lab.state() / "runs" / found.at("bundle").get<std::string>() / "bisect.json"));
}

TEST_F(SeveralPatches, a_bundle_that_does_no_harm_is_not_searched) {
    lab.play({{"packages", {{"hello", "1.0"}, {"other", "5"}}}});
    const auto result = start({"--bisect"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(parse_json(lab.run({"run", "list", "--json"}).out, "runs").at("runs").size(), 1U);
}

}  // namespace
}  // namespace patchlab::tests
