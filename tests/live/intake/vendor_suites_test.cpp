// SPDX-License-Identifier: Apache-2.0
//
// Fetching from the vendor's real suites, through the host's own package sources: a machine that
// stands at the release, as an image built with `--suite bookworm` does, has real security updates
// pending.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/families/deb/apt_root.hpp"
#include "orchestrator/families/deb/apt_sources.hpp"
#include "orchestrator/intake/fetcher.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::intake {
namespace {

constexpr const char* release = "bookworm";

class VendorSuites : public ::testing::Test {
  protected:
    TempFolder state_{fs::temp_directory_path(), "patchlab-live"};
    process::SystemCommandRunner runner_;
    store::Database database_{state_.path() / "db", migrations()};
    PatchStore store_{state_.path(), database_};
    SystemClock clock_;
    families::VendorSources from_ = families::family("deb").host_sources(release, runner_);

    // A dpkg status with the release's own versions. Without relations nothing of it is broken;
    // what the updates need comes as prerequisites.
    std::string status_at_release(const std::vector<std::string>& names) {
        using namespace families::deb;
        AptRoot apt({state_.path(), to_deb822(restrict_to_suites(host_apt_sources(), {release})),
                     "amd64", from_.settings},
                    runner_);
        apt.update();
        std::string text =
            "Package: dpkg\nStatus: install ok installed\nArchitecture: amd64\nMaintainer: x "
            "<x@example.org>\nVersion: 9:1\nDescription: "
            "x\n\n";
        for (const std::string& name : names) {
            const auto& offered = apt.index().at(name).at(0);
            text += "Package: " + name +
                    "\nStatus: install ok installed\nArchitecture: " + offered.architecture +
                    "\nMaintainer: x <x@example.org>\nVersion: " + offered.version +
                    "\nSource: " + offered.source + " (" + offered.source_version +
                    ")\nDescription: x\n\n";
        }
        return text;
    }
};

TEST_F(VendorSuites, offer_security_updates_with_their_advisories_and_both_versions) {
    if (from_.sources.find(std::string(release) + "-security") == std::string::npos)
        GTEST_SKIP() << "this host has no security suite of " << release;
    FetchRequest request;
    request.state = state_.path();
    request.images = {{"at release", status_at_release({"nginx", "nginx-common"}), {}}};
    request.sources["deb"] = from_;
    request.only = {"nginx"};
    const auto patches = fetch_patches(request, store_, runner_, clock_);
    ASSERT_EQ(patches.size(), 1U);
    const Patch& patch = patches[0];
    EXPECT_TRUE(patch.verified);
    EXPECT_FALSE(patch.advisories.empty());
    EXPECT_THAT(patch.restarts, ::testing::Contains("nginx.service"));
    for (const PatchPackage& package : patch.packages) {
        if (package.prerequisite) continue;
        EXPECT_GT(families::family("deb").compare_versions(package.to, package.from), 0);
        EXPECT_FALSE(package.old_file.empty()) << package.name;
        EXPECT_THAT(package.origin, ::testing::HasSubstr(release));
    }
}

}  // namespace
}  // namespace patchlab::intake
