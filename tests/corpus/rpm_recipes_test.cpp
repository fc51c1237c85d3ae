// SPDX-License-Identifier: Apache-2.0
//
// The packages of the rpm recipes, without a machine: each can be built and read, and an update
// that is altered stays what it was apart from that.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/families/package_family.hpp"
#include "platform/core/files.hpp"
#include "tests/corpus/build_package.hpp"
#include "tests/support/rpm_builder.hpp"

namespace patchlab::corpus {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

std::vector<Recipe> rpm_recipes() {
    std::vector<Recipe> recipes = read_recipes(PATCHLAB_RECIPES);
    std::erase_if(recipes, [](const Recipe& recipe) { return recipe.family != "rpm"; });
    return recipes;
}

const families::PackageFamily& rpm() { return families::family("rpm"); }

TEST(RpmRecipes, each_new_package_can_be_built_and_holds_what_its_recipe_says) {
    for (const Recipe& recipe : rpm_recipes()) {
        if (recipe.fresh.empty()) continue;
        const TempFolder folder(fs::temp_directory_path(), "recipes");
        const auto facts = rpm().read_facts(build_fresh(recipe, folder.path()));
        EXPECT_EQ(facts.name, recipe.fresh) << recipe.name;
        std::map<std::string, families::PackagedFile> files;
        for (const auto& file : facts.files) files[file.path] = file;
        for (const RecipeFile& file : recipe.files) {
            ASSERT_TRUE(files.contains(file.path)) << recipe.name << ": " << file.path;
            if (file.link.empty()) {
                EXPECT_EQ(files[file.path].mode, file.mode) << recipe.name << ": " << file.path;
            }
        }
        for (const auto& [script, lines] : recipe.scripts)
            EXPECT_THAT(facts.maintainer_scripts, HasSubstr(lines.substr(0, lines.find('\n'))))
                << recipe.name << ": " << script;
    }
}

TEST(RpmRecipes, an_update_is_altered_and_all_its_packages_keep_fitting_together) {
    const TempFolder folder(fs::temp_directory_path(), "recipes");
    test::RpmBuilder builder(folder.path() / "made");
    const fs::path common = builder.build({.name = "acme-common",
                                           .source = "acme",
                                           .scripts = "%post -n acme-common\necho 100%%\n"}),
                   main =
                       builder.build({.name = "acme", .requirements = {"acme-common = 1.0-1.el9"}});
    Recipe recipe;
    recipe.name = "an-update";
    recipe.family = "rpm";
    recipe.update = "acme-common";
    recipe.scripts = {{"post", "exit 3"}};
    recipe.files = {{"/usr/bin/helper", 04755, "#!/bin/sh\n"}};
    recipe.removed = {"/usr/share/acme-common/version"};
    const auto built = build_altered(recipe, {common, main}, folder.path());
    ASSERT_EQ(built.size(), 2U);
    const auto altered = rpm().read_facts(built[0]), other = rpm().read_facts(built[1]);
    EXPECT_EQ(altered.version, "1.0-1.el9.corpus.anupdate");
    EXPECT_EQ(altered.source, "acme");
    EXPECT_THAT(altered.maintainer_scripts, HasSubstr("echo 100%\nexit 3"));
    EXPECT_THAT(altered.conffiles, Contains("/etc/acme-common.conf"));
    std::map<std::string, families::PackagedFile> files;
    for (const auto& file : altered.files) files[file.path] = file;
    EXPECT_EQ(files["/usr/bin/helper"].mode, 04755U);
    EXPECT_EQ(files["/usr/bin/acme-common"].mode, 0755U);
    EXPECT_FALSE(files.contains("/usr/share/acme-common/version"));
    ASSERT_FALSE(other.requirements.empty());
    bool fits = false;
    for (const auto& requirement : other.requirements)
        for (const auto& relation : requirement)
            fits = fits || (relation.name == "acme-common" && relation.version == altered.version);
    EXPECT_TRUE(fits) << "the requirement follows the new version";
}

}  // namespace
}  // namespace patchlab::corpus
