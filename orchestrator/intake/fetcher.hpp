// SPDX-License-Identifier: Apache-2.0
//
// What the vendor released for the images of a lab: pending updates as candidate patches, one for
// each source package, with prerequisites (solved by apt against each image's own dpkg status),
// advisories, the old versions for the way back, everything downloaded and verified.
//
// Pending is what the verified indexes offer in a newer version than the image holds; not what
// `apt-get dist-upgrade` would do, because that silently keeps back what it cannot solve. Each
// group is then solved by apt by itself; what cannot be solved is told, not hidden. Thread safety:
// free function; one PatchStore a thread.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/intake/patch.hpp"
#include "platform/process/command.hpp"

namespace patchlab::intake {

struct FetchImage {
    std::string name;         ///< for messages
    std::string dpkg_status;  ///< the text of its dpkg status file
    /// A folder with .deb files of what the image was built from: where exact old versions are
    /// looked for first.
    std::optional<std::filesystem::path> package_pool;
};

struct FetchRequest {
    std::filesystem::path state;
    std::vector<FetchImage> images;
    std::string sources;            ///< deb822 text with all suites to look in
    std::string host_settings;      ///< host_apt_settings()
    std::vector<std::string> only;  ///< source or binary package names; empty: everything pending
    bool list_only =
        false;  ///< nothing is downloaded: no advisories, no changelog, Patch::folder empty
    std::function<void(const std::string&)> progress;  ///< "downloading 3 of 24 packages"
    std::function<void(const std::string&)>
        notice;  ///< what is pending but cannot be a candidate, and why
};

/// All pending candidates, those that were in the store before included. Error(invalid) for a
/// broken status file, Error(not_found) when a name of `only` has nothing pending, AptRoot's
/// errors.
std::vector<Patch> fetch_patches(const FetchRequest& request, PatchStore& store,
                                 process::CommandRunner& runner, const Clock& clock);

/// The sources of `deb822` that can serve an image of this release ("bookworm"): suites of another
/// Debian release are left out, so that a host may run another release than its lab.
std::string sources_for_release(const std::string& deb822, const std::string& codename);

}  // namespace patchlab::intake
