// SPDX-License-Identifier: Apache-2.0
//
// Where programs look for what they read, load or run. The table is data of a family of packages
// (orchestrator/families/linux_rules.yaml and those of a family) and of lab files. Values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace patchlab::snapshots {

/// Which entries of a search path matter whoever ships them.
enum class Shown {
    never,    ///< something else tells: whether a unit starts by itself, whether a rule is in force
    fresh,    ///< new ones
    foreign,  ///< new ones that are not named after their package
    changed,  ///< new ones, and those with another content: they act when somebody else runs
              ///< something
};

/// The language of entries that are judged by what they say. Those that touch only what is their
/// package's own are not shown.
enum class EntryLanguage {
    none,
    tmpfiles,
    sysusers,
    udev,
    bus_policy,
    bus_service,
    polkit_actions,
    rotation,
    settings,  ///< of the kernel: sysctl.d
};

/// Where a program looks for what it reads, loads or runs: a family of entries.
struct SearchPath {
    std::string family;  ///< "system units", as reports call it
    std::string reader;  ///< who reads the entries, and as whom
    /// In order of precedence, in their form under /usr; "*" stands for one part of a path.
    std::vector<std::string> folders;
    std::string names = "*";  ///< of the entries that count
    bool first_wins = false;  ///< of entries of one name the first folder's is taken; else all are
    bool has_drop_ins = false;  ///< files in a folder NAME.d amend the entry NAME
    int depth = 0;              ///< folders below these that are searched, too
    Shown shown = Shown::fresh;
    EntryLanguage language = EntryLanguage::none;
    /// A package that had files below one of these before is at home: its new entries are no news.
    std::vector<std::string> home{};
};

/// Whether a program reads, loads or runs a file because it lies at `path`.
bool is_read_by_place(const std::vector<SearchPath>& families, std::string_view path);

/// The families in which names hide one another, as the capture script wants them: lines of words
/// with tabs between, in hexadecimal digits.
std::string search_paths_for_script(const std::vector<SearchPath>& families);

}  // namespace patchlab::snapshots
