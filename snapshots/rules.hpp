// SPDX-License-Identifier: Apache-2.0
//
// The rules by which changes are explained or flagged: what a package's installation is known to do
// besides unpacking its files, where programs look for what they read or run, and which classes are
// never waved through. The rules themselves are data of a family of packages
// (orchestrator/families/*/rules.yaml) and of lab files. Values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "snapshots/capture.hpp"
#include "snapshots/search_paths.hpp"

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
    std::string glob;  ///< of the path in its form under /usr; "*" crosses folders
    Need need = Need::nothing;
    std::string detail;
    std::string why;
    bool removal =
        false;  ///< also explains that the path is gone; a lost log or database is never explained
    /// Extended attributes that the writer sets itself, and sets anew with a new file.
    std::vector<std::string> stamps{};
    bool lasting = true;  ///< false: a book, a log or a cache, which is written anew or only grows.
                          ///< That it is other than before says nothing once the packages are back
};

/// Files that a running server writes whenever it sees fit (checkpoints, vacuuming, caches),
/// whatever happened around it. Their content says nothing about a patch; whether the data is right
/// is asked of the server by checks. A file that is gone is never excused, unless it is one that
/// the server drops and makes again by itself.
struct StorageRule {
    std::string glob;  ///< "*" crosses folders
    std::string server;
    bool passing = false;  ///< the server also removes it by itself
};

/// What a hook of the package manager writes around each installation, whatever is installed. Where
/// the hook was there before the patch, it is the machine's own doing.
struct HookRule {
    std::string glob;  ///< "*" crosses folders
    std::string hook;  ///< a word of the line that registers it: "etckeeper"
};

struct AttributionRules {
    std::vector<EffectRule> effects;
    std::vector<StorageRule> storage;
    std::vector<HookRule> hooks;
    std::vector<SearchPath> search_paths;
    std::string manager;                 ///< the package manager, as explanations call it
    std::vector<std::string> leftovers;  ///< endings of what it leaves beside configuration files
    std::string put_aside;     ///< of these the one of a new version that did not get its place
    std::string put_away;      ///< and the one of an administrator's version that lost its place
    std::string records;       ///< the folder with its record of each package; empty: none
    std::string alternatives;  ///< the folder with the state of alternatives; empty: none
    std::vector<std::string>
        keepers;  ///< programs by which scripts keep configuration of their own
    std::vector<std::string> enablers;  ///< programs by which scripts enable units
};

/// Classes where a change matters whoever ships it; noise only when the control shows the very same
/// outcome.
bool is_sensitive_class(ChangeClass cls);

}  // namespace patchlab::snapshots
