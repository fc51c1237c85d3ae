// SPDX-License-Identifier: Apache-2.0
#include "snapshots/loss.hpp"

#include "snapshots/file_text.hpp"

namespace patchlab::snapshots {

bool is_emptied(const Change& change) {
    return change.before && change.after && size_in(*change.before).value_or(0) > 0 && size_in(*change.after) == 0U;
}

bool is_wiped_log(const Change& change) {
    if (!change.subject.starts_with("/var/log/") || matches("/var/log/journal/*", change.subject) || !change.before || !change.after) return false;
    for (const std::string_view compressed : {".gz", ".xz", ".zst", ".bz2"})
        if (change.subject.ends_with(compressed)) return false;
    const auto before = size_in(*change.before), after = size_in(*change.after);
    return before && after && *after * 2 < *before;
}

}  // namespace patchlab::snapshots
