// SPDX-License-Identifier: Apache-2.0
//
// Whether a process may do more than it could: root runs now what a user of its own ran, it has
// capabilities that it had not, or what confined it is gone. An exploit of the service then reaches
// further, whoever shipped the change. Pure; thread-safe.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "snapshots/compare.hpp"

namespace patchlab::snapshots {

/// What the facts about processes say of one another.
struct ProcessContext {
    std::set<std::string>
        ended;  ///< subjects of processes that do not run any more: "www-data /usr/sbin/nginx"
    std::set<std::string> started;  ///< subjects of processes that did not run before
};
ProcessContext process_context(const std::vector<Change>& changes);

/// "www-data /usr/sbin/nginx" for that itself and for "www-data /usr/sbin/nginx: terms".
std::string_view process_of(std::string_view subject);
/// "root /usr/sbin/nginx" is root's of "www-data /usr/sbin/nginx": the same program.
bool is_roots_of(std::string_view roots, std::string_view others);

/// Of a change of class `process`.
bool gained_rights(const Change& change, const ProcessContext& context);

}  // namespace patchlab::snapshots
