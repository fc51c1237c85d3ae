// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/stages/packages.hpp"

#include <gtest/gtest.h>

#include "orchestrator/pipeline/stages/patch_contents.hpp"

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

TEST(PackagesFor, a_machine_gets_nothing_that_is_for_another_release) {
    const auto patch = patch_of({package("web", "1-1+deb13u1", "1-1+deb13u2")});
    const InstalledPackages twelve{{"base-files", "12.4+deb12u9"}, {"web", "0-1+deb12u1"}};
    const InstalledPackages thirteen{{"base-files", "13.8"}, {"web", "1-1+deb13u1"}};
    EXPECT_TRUE(packages_for({patch}, twelve, {twelve}).empty());
    EXPECT_TRUE(packages_for({patch}, twelve, {twelve, thirteen}).empty());
    EXPECT_EQ(packages_for({patch}, thirteen, {twelve, thirteen}).size(), 1U);
}

TEST(PackagesThatFit, have_the_old_version_of_the_machine_and_no_other) {
    const auto patch = patch_of({package("web", "1.26-3", "2.0"), package("web", "1.22-1", "2.0")});
    const auto older = packages_that_fit(patch, {{"web", "1.22-1"}});
    ASSERT_EQ(older.size(), 1U);
    EXPECT_EQ(older[0].from, "1.22-1");
    EXPECT_FALSE(older[0].old_file.empty());
    const auto unknown = packages_that_fit(patch, {{"web", "1.20"}});
    ASSERT_EQ(unknown.size(), 1U);
    EXPECT_EQ(unknown[0].from, "1.20");
    EXPECT_TRUE(unknown[0].old_file.empty()) << "an old version that was not kept";
    const auto fresh = packages_that_fit(patch, {});
    ASSERT_EQ(fresh.size(), 1U);
    EXPECT_TRUE(fresh[0].from.empty());
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
