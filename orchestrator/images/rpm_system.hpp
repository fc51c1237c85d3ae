// SPDX-License-Identifier: Apache-2.0
//
// Makes a system of RPM packages from a new one of Debian packages, where no RPM distribution can
// be downloaded: each package is converted with its payload as it is installed, dpkg and apt go,
// and rpm and dnf are in charge (`synthetic-el`). The updates that are pending in the archive are
// converted the same way. docs/reference/image.md says what is genuine and what is not. Thread
// safety: as the CommandRunner; the process must be single-threaded.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/families/deb/apt_sources.hpp"
#include "platform/disk/image/offline_disk.hpp"
#include "platform/process/command.hpp"
#include "platform/process/own_ids.hpp"

namespace patchlab::images {

struct RpmSystemRequest {
    std::filesystem::path root;      ///< a system as install_root() leaves it
    process::OwnIds ids;             ///< whose its files are
    std::filesystem::path packages;  ///< made: the packages that are installed; in updates/ the
                                     ///< repository of those that are pending
    std::vector<families::deb::AptSource> sources;  ///< where updates are looked for
    std::function<void(std::string_view)> progress;
};

struct RpmSystem {
    std::vector<disk::InstalledPackage> packages;  ///< by name
    std::string database;  ///< the headers of what is installed, as `rpmdb --exportdb` gives them
};

/// The files of `root` and of `packages` have their owners
/// afterwards. Error(lab) with the tools' last lines.
RpmSystem make_rpm_system(const RpmSystemRequest& request, process::CommandRunner& commands);

/// The repositories of such an image, as dnf reads them. `$patchlabpool` stands for the address of
/// its packages, which move with the state folder.
std::string synthetic_repositories();

/// With the address of the image's packages in place of `$patchlabpool`.
std::string with_pool(std::string repositories, const std::filesystem::path& packages);

/// The list that the conversion leaves: a name, a version and an architecture a line, with tabs.
/// Error(lab) for anything else.
std::vector<disk::InstalledPackage> read_rpm_list(std::string_view text);

}  // namespace patchlab::images
