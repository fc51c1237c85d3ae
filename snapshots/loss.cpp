// SPDX-License-Identifier: Apache-2.0
#include "snapshots/loss.hpp"

#include <algorithm>
#include <iterator>

#include "snapshots/file_text.hpp"

namespace patchlab::snapshots {
namespace {

/// The journal makes room by itself, compressed files are written anew each time, and these hold a
/// slot for each account, or tell of one moment and are written at each of them.
constexpr std::string_view no_plain_logs[] = {"/var/log/journal/*",
                                              "*.gz",
                                              "*.xz",
                                              "*.zst",
                                              "*.bz2",
                                              "/var/log/lastlog",
                                              "/var/log/faillog",
                                              "/var/log/tallylog",
                                              "/var/log/dmesg",
                                              "/var/log/fontconfig.log",
                                              "/var/log/sysstat/*",
                                              "/var/log/sa/*"};

}  // namespace

bool is_emptied(const Change& change) {
    return change.before && change.after && size_in(*change.before).value_or(0) > 0 &&
           size_in(*change.after) == 0U;
}

bool is_wiped_log(const Change& change) {
    if (!change.subject.starts_with("/var/log/")) return false;
    const bool plain =
        std::none_of(std::begin(no_plain_logs), std::end(no_plain_logs),
                     [&](std::string_view glob) { return matches(glob, change.subject); });
    return is_emptied(change) || (change.rewritten && plain);
}

}  // namespace patchlab::snapshots
