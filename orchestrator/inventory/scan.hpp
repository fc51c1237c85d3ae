// SPDX-License-Identifier: Apache-2.0
//
// What a host said of itself when it was looked at (guest/look.sh). The text is a host's and
// therefore untrusted: every line, word and number is checked and bounded, and an answer that is
// not whole is refused, for a shorter list of packages would look like a cleaner host. Values, pure
// functions; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/json_fwd.hpp"

namespace patchlab::inventory {

struct InstalledPackage {
    std::string name;
    std::string architecture;
    std::string version;
    std::string format;  ///< deb | rpm
    std::string state;   ///< empty: installed; else what the host calls it when it is neither that
                         ///< nor gone ("half-configured")
    auto operator<=>(const InstalledPackage&) const = default;
};

struct ListeningPort {
    std::string protocol;  ///< tcp | udp
    std::string address;
    std::uint16_t port = 0;
    std::string process;  ///< empty: not known (only root sees the processes of others)
    auto operator<=>(const ListeningPort&) const = default;
};

/// Whether the host waits for a reboot. `unknown`: there was nothing to tell it by.
enum class Reboot { not_needed, needed, unknown };
std::string_view name(Reboot reboot);

struct Scan {
    std::string os, os_version, os_name;
    std::string kernel;                ///< the release that runs
    std::string kernel_build;          ///< `uname -v`: names the package's version on some systems
    std::vector<std::string> kernels;  ///< releases that are installed
    std::string architecture;
    std::uint64_t memory_kib = 0;
    std::string boot_id, machine_id;
    std::string image;  ///< /etc/patchlab-image, if there
    std::uint64_t uptime_seconds = 0;
    bool reboot_required = false;              ///< the host says so
    std::vector<std::string> reboot_packages;  ///< which packages asked for it
    std::vector<std::string> addresses;        ///< with prefix length where known
    std::vector<InstalledPackage> packages;    ///< sorted
    std::vector<std::string> services;         ///< that run; sorted
    std::vector<ListeningPort> ports;          ///< sorted
    std::vector<std::pair<std::string, std::string>>
        unseen;  ///< what could not be looked at, and why; never the packages
};

/// Reads the answer of guest/look.sh. Error(invalid): not whole, not well-formed, or without the
/// packages.
Scan read_scan(std::string_view answer);

struct RebootAnswer {
    Reboot reboot = Reboot::unknown;
    std::string why;
};
/// The host says so, or a kernel newer than the running one is installed.
RebootAnswer reboot_of(const Scan& scan);

/// Everything but the packages, which the store keeps apart; with `reboot` and `reboot_why`.
Json facts_of(const Scan& scan);

}  // namespace patchlab::inventory
