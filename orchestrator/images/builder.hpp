// SPDX-License-Identifier: Apache-2.0
//
// Builds an image that boots from its own disk: packages from the host's own sources,
// or from given ones, restricted to given suites, written into a filesystem, booted once. Leaves
// everything in one folder, which the caller hands to ImageStore::add() or throws away. Thread
// safety: one thread; must run as root, best in a cell.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/families/deb/apt_sources.hpp"
#include "orchestrator/images/first_boot.hpp"
#include "orchestrator/images/image.hpp"
#include "orchestrator/images/package_list.hpp"
#include "platform/core/clock.hpp"
#include "platform/process/command.hpp"

namespace patchlab::images {

struct BuildRequest {
    std::string name;
    std::string family = "deb";         ///< "rpm": its packages are converted (rpm_system.hpp)
    std::vector<std::string> suites;    ///< exactly these; the first is the distribution's own
    std::vector<std::string> packages;  ///< "nginx", "nginx=1.22.1-9"
    std::vector<ListedPackage> host;    ///< of a production host; may be empty
    bool nearest = false;               ///< take near versions for those the archive has not
    std::uint64_t bytes = 3ULL << 30;   ///< of the disk
    bool uefi = false;                  ///< the machine starts by UEFI, not by BIOS
    std::filesystem::path etc_apt = "/etc/apt";
    /// Instead of those of etc_apt; kept with the image, for its patches. Empty: the host's.
    std::vector<families::deb::AptSource> own_sources;
};

/// Gives the image sources of its own: `text`, the content of `file`. Errors of
/// families::deb::self_contained_sources().
void set_sources(BuildRequest& request, std::string_view text, const std::string& file,
                 const std::optional<std::filesystem::path>& keyring);

/// Error(usage) or Error(invalid) for what can be seen without doing anything: names, sizes, suites
/// there is no source for.
void check_request(const BuildRequest& request);

/// Where the parts of a finished build lie.
struct BuildFolder {
    std::filesystem::path root;
    std::filesystem::path qcow2() const { return root / "image.qcow2"; }
    std::filesystem::path manifest() const { return root / "image.json"; }
    std::filesystem::path status() const { return root / "status"; }
    std::filesystem::path packages() const { return root / "packages"; }
    std::filesystem::path console() const { return root / "console.log"; }
};

struct BuildTools {
    process::CommandRunner* commands = nullptr;
    const Clock* clock = nullptr;
    Workbench workbench;
    std::function<void(std::string_view)> progress;
};

/// Fills `folder` (which exists, mode 0711 so that the user of QEMU can pass). Everything in it but
/// the parts named above is removed.
void build_image(const BuildRequest& request, const BuildFolder& folder, const BuildTools& tools);

/// "512M", "3G" → bytes, a multiple of 1 MiB. Error(usage).
std::uint64_t parse_size(const std::string& text);

}  // namespace patchlab::images
