// SPDX-License-Identifier: Apache-2.0
//
// What the archive of some sources offers: read through apt, so that signatures are verified and
// the host's proxies and credentials are used, in a folder of its own so that the host's package
// state is neither read nor changed. Thread safety: as the CommandRunner.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "orchestrator/families/deb/apt_sources.hpp"
#include "orchestrator/images/image.hpp"
#include "orchestrator/images/package_list.hpp"
#include "platform/process/command.hpp"

namespace patchlab::images {

/// Package → the versions on offer.
using Offer = std::map<std::string, std::vector<std::string>>;

/// Downloads the indexes into `folder` and reads them. Error(lab) when an index cannot be had or
/// verified.
Offer read_offer(const std::vector<families::deb::AptSource>& sources,
                 const std::filesystem::path& folder, process::CommandRunner& commands);
/// Downloads into `folder`/cache/archives what is pending for the system of this package database.
/// Errors as read_offer().
void download_pending(const std::vector<families::deb::AptSource>& sources,
                      const std::filesystem::path& status, const std::filesystem::path& folder,
                      process::CommandRunner& commands);
/// One Packages index added to `offer`.
void add_index(Offer& offer, std::string_view packages_text);

struct Selection {
    std::vector<std::string> packages;  ///< for apt: "nginx=1.22.1-9"
    std::vector<Deviation> deviations;
};

/// What to install for a host's list. A version the archive no longer has is taken at the next
/// newer one (or the newest older one) when `nearest`, and recorded; else Error(invalid) lists all
/// of them. Packages that cannot be in an image that boots by BIOS (other boot loaders) and those
/// of another architecture are left out and recorded.
Selection select_packages(const std::vector<ListedPackage>& host, const Offer& offer, bool nearest,
                          process::CommandRunner& commands);

/// The host's settings about how to reach archives (proxies, certificates, retries) as apt.conf
/// lines.
std::vector<std::string> host_acquire_options(process::CommandRunner& commands);

}  // namespace patchlab::images
