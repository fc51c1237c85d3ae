// SPDX-License-Identifier: Apache-2.0
//
// The corpus: bad patches of many kinds and good ones, each built as real packages and rehearsed in
// a real machine. Each must get the verdict, and for the reason, that its recipe states.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "tests/corpus/build_package.hpp"
#include "tests/live/images/patchlab_program.hpp"
#include "tests/live/images/rpm_lab.hpp"

namespace patchlab::corpus {
namespace {

class Corpus : public testing::TestWithParam<Recipe> {
  protected:
    void SetUp() override {
        const char* state = std::getenv("PATCHLAB_LIVE_STATE");
        if (state == nullptr) GTEST_SKIP() << "PATCHLAB_LIVE_STATE names no state folder";
        state_ = state;
        if (GetParam().family == "rpm") live::have_rpm_lab(state_);
    }

    const char* lab() const { return GetParam().family == "rpm" ? live::rpm_lab : "live"; }

    /// The pending update of a source package as `patch list` tells it; null when there is none.
    Json pending(const std::string& source) {
        for (const bool fetched : {false, true}) {
            if (fetched)
                live::patchlab(state_, {"patch", "fetch", "--lab", lab(), "--source", source},
                               Seconds(900));
            const Json listed =
                parse_json(live::patchlab(state_, {"patch", "list", "--json"}).out, "patch list");
            for (const Json& patch : listed.at("patches"))
                if (patch.at("source") == source && patch.at("kind") == GetParam().family &&
                    patch.at("version").get<std::string>().find("corpus") == std::string::npos)
                    return patch;
        }
        return nullptr;
    }

    /// What an earlier, interrupted test left: its packages have other times in them, and would be
    /// refused as altered.
    void forget_older(const Recipe& recipe) {
        std::string part = recipe.name;
        std::erase(part, '-');
        const Json listed =
            parse_json(live::patchlab(state_, {"patch", "list", "--json"}).out, "patch list");
        for (const Json& patch : listed.at("patches"))
            if (patch.at("version").get<std::string>().ends_with(part))
                live::patchlab(state_, {"patch", "remove", patch.at("id").get<std::string>()});
    }

    /// Hands the files to `patch add`; gives the new patch's id.
    std::string add(const std::vector<fs::path>& packages) {
        std::vector<std::string> words{"patch", "add", "--json"};
        for (const fs::path& package : packages) words.push_back(package.string());
        const auto added = live::patchlab(state_, words);
        EXPECT_TRUE(added.ok()) << added.err;
        return added.ok() ? parse_json(added.out, "patch add")
                                .at("patches")
                                .at(0)
                                .at("id")
                                .get<std::string>()
                          : "";
    }

    /// The id of the recipe's patch in the store; empty when the vendor has no such update.
    std::string patch_of(const Recipe& recipe, const fs::path& folder) {
        if (!recipe.fresh.empty()) return add({build_fresh(recipe, folder)});
        const Json real = pending(recipe.vendor.empty() ? "nginx" : recipe.vendor);
        if (real.is_null()) return "";
        const std::string id = real.at("id").get<std::string>();
        if (!recipe.vendor.empty()) return id;
        std::vector<fs::path> packages;
        for (const fs::directory_entry& entry :
             fs::directory_iterator(state_ / "patches" / id / "new"))
            packages.push_back(entry.path());
        return add(build_altered(recipe, packages, folder));
    }

    Json rehearse(const Recipe& recipe, const std::string& patch) {
        std::vector<std::string> words{"run", "start", "--json", "--lab", lab(), "--patch", patch};
        if (!recipe.reboot) words.push_back("--no-endure");
        if (!recipe.drill) words.push_back("--no-drill");
        if (recipe.apply_deadline > 0)
            words.insert(words.end(), {"--apply-deadline", std::to_string(recipe.apply_deadline)});
        const auto result = live::patchlab(state_, words, Seconds(1700));
        EXPECT_NE(result.out, "") << result.err;
        return result.out.empty() ? Json::object() : parse_json(result.out, "run start");
    }

    fs::path state_;
};

std::string reasons_text(const Json& run) {
    return run.contains("reasons") ? to_text(run.at("reasons")) : "no reasons";
}

bool has_reason(const Json& run, const Recipe& recipe) {
    for (const Json& reason : run.at("reasons")) {
        const std::string kind = reason.at("kind").get<std::string>();
        const std::string text =
            reason.at("subject").get<std::string>() + "\n" + reason.at("detail").get<std::string>();
        if (std::find(recipe.reasons.begin(), recipe.reasons.end(), kind) != recipe.reasons.end() &&
            text.find(recipe.subject) != std::string::npos)
            return true;
    }
    return false;
}

TEST_P(Corpus, gets_the_verdict_of_its_recipe_for_its_reason) {
    const Recipe& recipe = GetParam();
    const TempFolder folder(fs::temp_directory_path(), "corpus");
    forget_older(recipe);
    const std::string patch = patch_of(recipe, folder.path());
    if (patch.empty() && recipe.if_pending)
        GTEST_SKIP() << "the vendor has no update of " << recipe.vendor << " today";
    ASSERT_NE(patch, "");
    const Json run = rehearse(recipe, patch);
    ASSERT_TRUE(run.contains("verdict")) << to_text(run);
    EXPECT_THAT(recipe.verdicts, testing::Contains(run.at("verdict").get<std::string>()))
        << reasons_text(run);
    if (!recipe.reasons.empty()) {
        EXPECT_TRUE(has_reason(run, recipe)) << reasons_text(run);
    }
    if (recipe.vendor.empty()) {
        live::patchlab(state_, {"patch", "remove", patch});
    }
}

std::string title(const testing::TestParamInfo<Recipe>& info) {
    std::string name = info.param.name;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Recipes, Corpus, testing::ValuesIn(read_recipes(PATCHLAB_RECIPES)), title);

}  // namespace
}  // namespace patchlab::corpus
