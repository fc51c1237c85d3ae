// SPDX-License-Identifier: Apache-2.0
//
// Whether a process may do more than it could: root runs now what a user of its own ran, it has
// capabilities that it had not, or what confined it is gone. An exploit of the service then reaches
// further, whoever shipped the change. Pure; thread-safe.
#pragma once

#include <set>
#include <vector>

#include "snapshots/compare.hpp"

namespace patchlab::snapshots {

/// What the facts about processes say of one another.
struct ProcessContext {
    std::set<ProcessName> ended;    ///< do not run any more
    std::set<ProcessName> started;  ///< did not run before
};
ProcessContext process_context(const std::vector<Change>& changes);

/// The processes that a fact is about, by themselves or by their terms; null for another fact.
const ProcessName* process_of(const Subject& subject);
/// Root's processes of the same program (and unit) as another user's.
bool is_roots_of(const ProcessName& roots, const ProcessName& others);

/// Of a change of class `process`.
bool gained_rights(const Change& change, const ProcessContext& context);

}  // namespace patchlab::snapshots
