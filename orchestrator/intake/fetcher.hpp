// SPDX-License-Identifier: Apache-2.0
//
// What the vendor released for the images of a lab: pending updates as candidate patches, one for
// each source package, with prerequisites (solved against what each image has installed),
// advisories, the old versions for the way back, everything downloaded and verified.
//
// Pending is what the verified indexes offer in a newer version than the image holds; not what an
// upgrade of everything would do, because that silently keeps back what it cannot solve. Each
// group is then solved by itself; what cannot be solved is told, not hidden. Thread safety: free
// function; one PatchStore a thread.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/families/vendor.hpp"
#include "orchestrator/intake/patch.hpp"
#include "platform/process/command.hpp"

namespace patchlab::intake {

struct FetchImage {
    std::string name;      ///< for messages
    std::string database;  ///< its package database, as ImageStore keeps it
    /// A folder with the packages that the image was built from: where exact old versions are
    /// looked for first.
    std::optional<std::filesystem::path> package_pool;
    std::string family = "deb";
};

struct FetchRequest {
    std::filesystem::path state;
    std::vector<FetchImage> images;
    std::map<std::string, families::VendorSources> sources;  ///< where to look, by family
    std::vector<std::string> only;  ///< source or binary package names; empty: everything pending
    bool list_only =
        false;  ///< nothing is downloaded: no advisories, no changelog, Patch::folder empty
    std::function<void(const std::string&)> progress;  ///< "downloading 3 of 24 packages"
    std::function<void(const std::string&)>
        notice;  ///< what is pending but cannot be a candidate, and why
};

/// All pending candidates, those that were in the store before included. Error(invalid) for a
/// broken status file, Error(not_found) when a name of `only` has nothing pending, the
/// errors of families::Vendor.
std::vector<Patch> fetch_patches(const FetchRequest& request, PatchStore& store,
                                 process::CommandRunner& runner, const Clock& clock);

}  // namespace patchlab::intake
