// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/stages/packages.hpp"

#include <gtest/gtest.h>

namespace patchlab::pipeline {
namespace {

intake::Patch patch_of(std::vector<intake::PatchPackage> packages) {
    intake::Patch patch;
    patch.id = "p";
    patch.packages = std::move(packages);
    return patch;
}

intake::PatchPackage package(const std::string& name, const std::string& from,
                             const std::string& to, bool prerequisite = false) {
    intake::PatchPackage package;
    package.name = name;
    package.from = from;
    package.to = to;
    package.old_file = from.empty() ? "" : name + ".deb";
    package.prerequisite = prerequisite;
    return package;
}

TEST(PackagesFor, updates_only_what_is_installed) {
    const auto patch = patch_of({package("nginx", "1", "2"), package("nginx-extras", "1", "2"),
                                 package("libnew", "", "1", true)});
    const InstalledPackages web{{"nginx", "1"}};
    const auto wanted = packages_for({patch}, web, {web});
    ASSERT_EQ(wanted.size(), 1U);
    EXPECT_EQ(wanted[0].name, "nginx");
    EXPECT_EQ(wanted[0].version, "2");
    EXPECT_EQ(wanted[0].from, "1");
}

TEST(PackagesFor, a_machine_without_the_package_is_left_alone_when_another_has_it) {
    const auto patch = patch_of({package("nginx", "1", "2")});
    const InstalledPackages web{{"nginx", "1"}}, db{{"postgresql", "15"}};
    EXPECT_TRUE(packages_for({patch}, db, {web, db}).empty());
}

TEST(PackagesFor, a_patch_that_updates_nothing_anywhere_is_a_new_installation) {
    const auto patch = patch_of({package("brand-new", "", "1")});
    const InstalledPackages web{{"nginx", "1"}};
    EXPECT_EQ(packages_for({patch}, web, {web}).size(), 1U);
}

TEST(PackagesFor, what_is_at_its_version_already_needs_nothing) {
    const auto patch = patch_of({package("nginx", "1", "2")});
    const InstalledPackages web{{"nginx", "2"}};
    EXPECT_TRUE(packages_for({patch}, web, {web}).empty());
}

TEST(BackoutOfPatches, brings_the_exact_old_versions_and_takes_out_what_was_not_there) {
    const auto patch = patch_of({package("nginx", "1", "2"), package("libnew", "", "1", true)});
    const BackoutPlan back =
        backout_plan({patch}, {{"nginx", "1"}}, {{"nginx", "2"}, {"libnew", "1"}});
    ASSERT_EQ(back.packages.size(), 1U);
    EXPECT_EQ(back.packages[0].version, "1");
    EXPECT_EQ(back.removals, std::vector<std::string>{"libnew"});
    EXPECT_TRUE(back.missing.empty());
}

TEST(BackoutOfPatches, says_which_old_version_was_not_kept) {
    const auto patch = patch_of({package("nginx", "", "2")});
    const BackoutPlan back = backout_plan({patch}, {{"nginx", "1"}}, {{"nginx", "2"}});
    EXPECT_EQ(back.missing, std::vector<std::string>{"nginx 1"});
}

}  // namespace
}  // namespace patchlab::pipeline
