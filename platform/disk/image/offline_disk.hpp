// SPDX-License-Identifier: Apache-2.0
//
// OfflineDisk: the port for looking into (and, for an image under construction, changing) a disk
// that no machine runs from. The real one is libguestfs: the guest's filesystems are mounted by the
// kernel of its appliance, never by the host's. Thread safety: one thread at a time.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace patchlab::disk {

struct InstalledPackage {
    std::string name;
    std::string version;       ///< the packaging system's full version ("1:2.3-4")
    std::string architecture;  ///< "amd64", "all"
};

/// What inspection found on a disk.
struct OsInspection {
    std::string type;          ///< "linux", "windows"
    std::string distro;        ///< "debian"
    std::string version;       ///< "12"
    std::string codename;      ///< "bookworm"; may be empty
    std::string product;       ///< "Debian GNU/Linux 12 (bookworm)"
    std::string architecture;  ///< "x86_64"
    std::string hostname;
    std::string package_format;  ///< "deb", "rpm", …
    std::string boot_mode;       ///< "bios" or "uefi"
    bool guest_agent = false;    ///< qemu-guest-agent is installed and will start
    std::vector<std::pair<std::string, std::string>>
        filesystems;  ///< mount point → filesystem type
    std::vector<InstalledPackage> packages;
};

class OfflineDisk {
  public:
    virtual ~OfflineDisk() = default;
    /// Opens `image` read-only and inspects it. Error(invalid) when no operating system is found on
    /// it.
    virtual OsInspection inspect(const std::filesystem::path& image, std::string_view format) = 0;
    /// Reads one file of the inspected system. Error(not_found), Error(invalid) when larger than
    /// `max_bytes`.
    virtual std::string read_file(const std::filesystem::path& image, std::string_view format,
                                  std::string_view path, std::size_t max_bytes) = 0;
};

}  // namespace patchlab::disk
