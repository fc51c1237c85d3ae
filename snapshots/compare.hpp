// SPDX-License-Identifier: Apache-2.0
//
// Comparison = (after − before) − noise(control), each change attributed to a package of the patch,
// or unexplained. Pure functions on values.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/disk/overlay/changes.hpp"
#include "snapshots/capture.hpp"
#include "snapshots/change.hpp"
#include "snapshots/registries.hpp"
#include "snapshots/rules.hpp"

namespace patchlab::snapshots {

/// What one machine did between two moments: live facts and files on the disk.
struct Observation {
    Capture before;
    Capture after;
    disk::OverlayComparison files;
};

/// A package of the patch and what is known of it from the package itself (not from the guest).
struct PatchedPackage {
    std::string name;
    std::string source;
    std::string from;                    ///< empty: newly installed
    std::string to;                      ///< empty: removed
    std::vector<std::string> files;      ///< absolute paths the new version ships
    std::vector<std::string> old_files;  ///< absolute paths the old version shipped
    std::vector<std::string> conffiles;
    std::vector<std::string> triggers;  ///< triggers it activates or is interested in
    std::string maintainer_scripts;     ///< the text of preinst, postinst, prerm, postrm
    std::map<std::string, std::string> contents{},
        old_contents{};  ///< path → sha256 of the regular files that the new, the old version ships
    std::map<std::string, std::string> texts{},
        old_texts{};  ///< path → content of those that is_judged_by_text()
};

/// All differences of an observation, classified (a file under /etc/cron.d is `cron`, one with
/// setuid bits `setuid`, …), unattributed.
std::vector<Change> find_changes(const std::string& machine, const Observation& observation);

/// Marks as noise what the unpatched control did too, by subject and by fingerprint; never by whole
/// classes. Numbers that the kernel sizes at each boot are noise, too, unless `packages`, those of
/// the patch, say something of them.
void subtract_noise(std::vector<Change>& changes, const std::vector<std::vector<Change>>& controls,
                    const AttributionRules& rules,
                    const std::vector<PatchedPackage>& packages = {});

/// A package of the patch of which a part never arrived: files that the new version ships with
/// another content than the old one, and that stand there as before. Documentation apart, which a
/// machine may be set up to leave out, and what is diverted to another name.
struct StaleFiles {
    std::string package;
    std::vector<std::string> paths;
};
std::vector<StaleFiles> files_not_replaced(const std::vector<disk::FileChange>& changes,
                                           const std::vector<PatchedPackage>& packages);

/// Whether a packaged file at this path is judged by what it says (SearchPath::language).
bool is_judged_by_text(const AttributionRules& rules, std::string_view path);

/// Attributes each change that is not noise to a package of the patch, with its why, or leaves it
/// unexplained. Sets `sensitive` and `concern`. What hooks write that the owner of the machine had
/// installed before is noise. `before`: the machine before the patch, by which names of others are
/// known; may be null.
void attribute(std::vector<Change>& changes, const std::vector<PatchedPackage>& packages,
               const AttributionRules& rules, const Registries& registries = {},
               const Capture* before = nullptr);

}  // namespace patchlab::snapshots
