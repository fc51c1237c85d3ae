// SPDX-License-Identifier: Apache-2.0
//
// A capture: the live state of one machine at one time, as facts: (class, subject) → value. Files
// are not part of it; they are compared on the disk itself (platform/disk/overlay/changes.hpp).
// Values; thread-safe as such.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/json_fwd.hpp"
#include "platform/guest/channel.hpp"
#include "snapshots/search_paths.hpp"

namespace patchlab::snapshots {

/// The classes of change of the contract (interfaces.md). `name()` gives the contract's word.
enum class ChangeClass {
    package,
    file,
    unit,
    process,
    port,
    user,
    group,
    sudo,
    ssh_key,
    setuid,
    capability,
    sysctl,
    module,
    mount,
    timer,
    cron,
    certificate,
    firewall,
    kernel,
    boot,
    apt_source,   ///< a source or trusted key of the package manager
    pam,          ///< a PAM stack
    preload,      ///< ld.so.preload, and the environment that the service manager gives services
    library,      ///< which file the loader takes for the name of a shared library
    alternative,  ///< an alternatives or diversion link
    network,      ///< an interface and its addresses, a route, a rule, a name server
    device,       ///< a node, link or file below /dev
    log           ///< what a log holds that is no text: the journal, the last logins
};
std::string_view name(ChangeClass c);
ChangeClass change_class_from(std::string_view text);

/// What a machine complains of. Not changes: a new trouble (by its fingerprint, see
/// fingerprint.hpp) is a reason by itself.
struct Health {
    std::vector<std::string> failed_units;
    std::vector<std::string>
        core_dumps;  ///< files that dumps left, and the kernel's lines about crashed processes
    std::vector<std::string> kernel_errors;  ///< lines of level "error" and worse, of this boot
    std::vector<std::string>
        journal_errors;  ///< "program[pid]: message" of priority "err" and worse, of this boot
    std::map<std::string, std::string>
        unreadable;  ///< "failed-units", "core-dumps", "kernel-errors", "journal-errors" → why
};

struct Capture {
    std::string boot_id;
    std::string kernel;  ///< uname -r
    /// class → subject → value; both strings are the guest's and already capped and made valid
    /// UTF-8.
    std::map<ChangeClass, std::map<std::string, std::string>> facts;
    /// What could not be read: (class, reason). Nothing may be concluded about such a class.
    std::map<ChangeClass, std::string> unreadable;
    Health health;
    /// What the registries of the package system say (script/registries.pl): registry → subject →
    /// entry. They explain changes and are none themselves; what could not be read is absent, and
    /// explains nothing.
    std::map<std::string, std::map<std::string, std::string>> registries{};
    /// Numbers that a patch may make worse: "memory-kib" in use, "busy-share" of all processors
    /// during a second in which nobody asked for anything (0 to 1), "growth-kib" of anonymous
    /// memory in such a second, "boot-seconds" until the service manager had finished. A measure
    /// that could not be taken is absent.
    std::map<std::string, double> measures;
    double seconds = 0;
};

Json to_json(const Capture& capture);
Capture capture_from_json(const Json& json);

struct CaptureOptions {
    Seconds settle{0};      ///< how long units that are still starting or stopping are waited for
                            ///< before their state is taken
    Seconds deadline{300};  ///< for the whole script (2 s of work, but a busy host without
                            ///< acceleration can be fifty times slower)
    std::vector<SearchPath> search_paths{};  ///< where names may hide one another
};

/// Reads the live state through one script. ChannelLost as the channel; a part that cannot be read
/// goes to `unreadable`.
Capture capture_live(guest::GuestChannel& channel, const CaptureOptions& options = {});

/// sha256 of the script that capture_live() runs in the guest, with these search paths. Captures of
/// different scripts tell of different facts and cannot be compared.
std::string capture_script_digest(const std::vector<SearchPath>& search_paths = {});

/// The classes that a capture answers for (files, setuid and capabilities are compared on the
/// disk).
const std::vector<ChangeClass>& live_classes();

}  // namespace patchlab::snapshots
