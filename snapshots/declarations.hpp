// SPDX-License-Identifier: Apache-2.0
//
// What the files of tmpfiles.d and sysusers.d that a package ships ask for: paths that are made at
// the next start, accounts. Read from the package itself, not from the guest. Pure; thread-safe.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "snapshots/state.hpp"

namespace patchlab::snapshots {

/// A line of tmpfiles.d that makes something.
struct DeclaredPath {
    FileType type = FileType::directory;
    std::string argument{};  ///< the target of a link
};

struct Declarations {
    std::map<std::string, DeclaredPath> paths;  ///< without specifiers ("%b") in them
    std::set<std::string> users, groups;
    /// Files → what they ask for; of other files nothing is read.
    static Declarations of(const std::map<std::string, std::string>& texts);
};

}  // namespace patchlab::snapshots
