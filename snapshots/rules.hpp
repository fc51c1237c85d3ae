// SPDX-License-Identifier: Apache-2.0
//
// The rules by which changes are explained or flagged, as tables: what a package's installation is
// known to do besides unpacking its files, and which classes are never waved through. To teach
// patchlab a new effect, add a line to the table in rules.cpp. Constant data.
#pragma once

#include <span>
#include <string_view>

#include "snapshots/capture.hpp"

namespace patchlab::snapshots {

/// What must be true of a package of the patch for a rule to explain a change.
enum class Need {
    nothing,  ///< every installation does it
    ships,    ///< it ships a path that matches `detail`
    script,   ///< a maintainer script of it names `detail` as a word
    trigger,  ///< it activates or is interested in the trigger `detail`, or a maintainer script
              ///< names it
};

/// "A change of a path like this is explained by a package of which that is true."
struct EffectRule {
    std::string_view glob;  ///< of the path in its form under /usr; "*" crosses folders
    Need need;
    std::string_view detail;
    std::string_view why;
    bool removal =
        false;  ///< also explains that the path is gone; a lost log or database is never explained
};

std::span<const EffectRule> effect_rules();

/// Files that a running server writes whenever it sees fit (checkpoints, vacuuming, caches),
/// whatever happened around it. Their content says nothing about a patch; whether the data is right
/// is asked of the server by checks. A file that is gone is never excused, unless it is one that
/// the server drops and makes again by itself.
struct StorageRule {
    std::string_view glob;  ///< "*" crosses folders
    std::string_view server;
    bool passing = false;  ///< the server also removes it by itself
};

std::span<const StorageRule> storage_rules();

/// A folder whose files are read, or run as root, by a program of another package: a new file there
/// configures that program. A package that already had files below `home` is at home there; where
/// that is empty, none is.
struct DropInRule {
    std::string_view glob;  ///< of the path in its form under /usr; "*" crosses folders
    std::string_view home;
};

std::span<const DropInRule> drop_in_rules();

/// Classes where a change matters whoever ships it; noise only when the control shows the very same
/// outcome.
bool is_sensitive_class(ChangeClass cls);

}  // namespace patchlab::snapshots
