// SPDX-License-Identifier: Apache-2.0
//
// Not a test of hosts: fetches what the vendor has pending for them, through this machine's own
// package sources, once.
#include <algorithm>

#include "orchestrator/intake/fetcher.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/json.hpp"
#include "tests/live/fleet/fleet_fixture.hpp"

namespace patchlab::rollout {
namespace {

constexpr const char* release = "bookworm";

TEST(VendorPackages, nginx_is_pending_with_its_exact_old_versions) {
    const char* root = std::getenv("PATCHLAB_FLEET_ROOT");
    ASSERT_NE(root, nullptr) << "call this through tests/live/fleet/with-fleet";
    const std::string status = read_file(fs::path(root) / "debian/var/lib/dpkg/status");
    // fetched before, for just this root
    if (fs::exists(vendor_folder() / "packages.json") &&
        read_json(vendor_folder() / "packages.json").value("root", "") == sha256_hex(status))
        return;
    process::SystemCommandRunner runner;
    const families::VendorSources sources = families::family("deb").host_sources(release, runner);
    if (sources.sources.find(std::string(release) + "-security") == std::string::npos)
        GTEST_SKIP() << "this host has no security suite of " << release;
    TempFolder state(fs::temp_directory_path(), "vendor");
    store::Database database(state.path() / "db", intake::migrations());
    intake::PatchStore store(state.path(), database);
    intake::FetchRequest request;
    request.state = state.path();
    request.images = {{"fleet", status, {}}};
    request.sources["deb"] = sources;
    request.only = {"nginx"};
    std::vector<intake::Patch> patches;
    try {
        patches = intake::fetch_patches(request, store, runner, SystemClock());
    } catch (const Error& error) {
        ASSERT_EQ(error.code(), ErrorCode::not_found) << error.what();
        remove_tree(vendor_folder());
        GTEST_SKIP() << "the vendor has nothing pending for nginx: " << error.what();
    }
    ASSERT_EQ(patches.size(), 1U);
    remove_tree(vendor_folder());
    Json told = {{"root", sha256_hex(status)}, {"new", Json::array()}, {"old", Json::array()}};
    for (const intake::PatchPackage& package : patches[0].packages) {
        ASSERT_FALSE(package.old_file.empty()) << package.name << " has no way back";
        told["new"].push_back({{"name", package.name},
                               {"architecture", package.architecture},
                               {"version", package.to},
                               {"sha256", package.sha256},
                               {"file", package.file}});
        told["old"].push_back({{"name", package.name},
                               {"architecture", package.architecture},
                               {"version", package.from},
                               {"sha256", package.old_sha256},
                               {"file", package.old_file}});
    }
    make_folder(vendor_folder());
    for (const char* which : {"new", "old"})
        fs::copy(patches[0].folder / which, vendor_folder() / which, fs::copy_options::recursive);
    write_json(vendor_folder() / "packages.json", told);
}

}  // namespace
}  // namespace patchlab::rollout
