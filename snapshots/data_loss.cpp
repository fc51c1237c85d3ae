// SPDX-License-Identifier: Apache-2.0
//
// is_emptied(), is_wiped_log(): data that is lost.
#include <algorithm>
#include <iterator>

#include "snapshots/attribute_parts.hpp"
#include "snapshots/paths.hpp"

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
    const FileState* before = change.file_before();
    const FileState* after = change.file_after();
    return before != nullptr && before->size > 0 && after != nullptr && is_empty_file(*after);
}

bool is_wiped_log(const Change& change) {
    if (!is_below(change.subject, "/var/log")) return false;
    const bool plain =
        std::none_of(std::begin(no_plain_logs), std::end(no_plain_logs),
                     [&](std::string_view glob) { return matches(glob, change.subject); });
    return is_emptied(change) || (change.rewritten && plain);
}

}  // namespace patchlab::snapshots
