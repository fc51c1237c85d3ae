// SPDX-License-Identifier: Apache-2.0
//
// A capture: the live state of one machine at one time, as facts: (class, subject) → value. Files are not part of it; they are compared
// on the disk itself (platform/disk/overlay_changes.hpp). Values; thread-safe as such.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/json.hpp"
#include "platform/guest/channel.hpp"

namespace patchlab::snapshots {

/// The classes of change of the contract (interfaces.md). `name()` gives the contract's word.
enum class ChangeClass {
    package, file, unit, process, port, user, group, sudo, ssh_key, setuid, capability, sysctl, module, mount, timer, cron,
    certificate, firewall, kernel, boot,
    apt_source,   ///< a source or trusted key of the package manager
    pam,          ///< a PAM stack
    preload,      ///< ld.so.preload
    alternative   ///< an alternatives or diversion link
};
std::string_view name(ChangeClass c);
ChangeClass change_class_from(std::string_view text);

struct Capture {
    std::string boot_id;
    std::string kernel;  ///< uname -r
    /// class → subject → value; both strings are the guest's and already capped and made valid UTF-8.
    std::map<ChangeClass, std::map<std::string, std::string>> facts;
    /// What could not be read: (class, reason). Nothing may be concluded about such a class.
    std::map<ChangeClass, std::string> unreadable;
    double seconds = 0;
};

Json to_json(const Capture& capture);
Capture capture_from_json(const Json& json);

/// Reads the live state through one script. ChannelLost as the channel; a part that cannot be read goes to `unreadable`.
Capture capture_live(guest::GuestChannel& channel);

}  // namespace patchlab::snapshots
