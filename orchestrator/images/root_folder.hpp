// SPDX-License-Identifier: Apache-2.0
//
// The files of a new Debian system in a folder: installed by mmdebstrap from given sources, then
// made ready to boot as a lab machine. Must run as root in a mount namespace of its own (a cell),
// so that nothing stays mounted when it is killed. Thread safety: as the CommandRunner.
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

struct RootRequest {
    std::vector<families::deb::AptSource> sources;
    std::string suite;                  ///< the first one: tells mmdebstrap what is essential
    std::vector<std::string> packages;  ///< for apt: "nginx", "nginx=1.22.1-9"
    std::string hostname;
    std::string filesystem_uuid;
    std::string family = "deb";  ///< of the image that it will be
    bool uefi = false;
    std::function<void(std::string_view)> progress;
};

/// Installs into `root` (created); the files there belong to `ids`, and the packages used stay in
/// var/cache/apt/archives. Error(invalid) when apt knows no such package, Error(lab) for other
/// failures, with mmdebstrap's last lines.
void install_root(const RootRequest& request, const std::filesystem::path& root,
                  const process::OwnIds& ids, process::CommandRunner& commands);

/// Gives the files to the owners that they are meant to have, and moves the packages to `debs`.
void settle_root(const std::filesystem::path& root, const std::filesystem::path& debs,
                 const process::OwnIds& ids);

/// Moves the files of `from` with this ending (".deb") to `to`, which is made.
void move_packages(const std::filesystem::path& from, const std::filesystem::path& to,
                   std::string_view ending);

/// Names, fstab, boot loader settings; services that only make noise in a lab turned off. Gives the
/// kernel release it will boot.
std::string prepare_root(const RootRequest& request, const std::filesystem::path& root);

/// What the system says it is (os-release), as inspection would find it, with these packages.
disk::OsInspection describe_root(const RootRequest& request, const std::filesystem::path& root,
                                 std::vector<disk::InstalledPackage> packages);

}  // namespace patchlab::images
