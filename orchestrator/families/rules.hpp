// SPDX-License-Identifier: Apache-2.0
//
// Rules of attribution as data (schema patchlab/rules/v1): a family's own, and those that a lab
// adds. Thread safety: free functions on values.
#pragma once

#include <string>

#include "platform/core/diagnostics.hpp"
#include "platform/core/json_fwd.hpp"
#include "snapshots/rules.hpp"

namespace patchlab::families {

/// Reads a document; every mistake goes to `diagnostics`.
snapshots::AttributionRules parse_rules(const std::string& yaml, const std::string& file,
                                        Diagnostics& diagnostics);
/// The rules below the key `rules` of a lab, which its schema has checked.
snapshots::AttributionRules rules_from_json(const Json& rules);
/// `more` after those that are there: what a family says comes first. Of search paths the lab's
/// own come first: of several that a file lies in, the first is asked.
void add_rules(snapshots::AttributionRules& rules, const snapshots::AttributionRules& more);

/// The rules of a family: its own (`yaml`; `file` names it), and behind them those that hold on
/// every Linux system. Error(invalid) naming every mistake.
snapshots::AttributionRules rules_of_family(const std::string& yaml, const std::string& file);

std::string rules_schema();

}  // namespace patchlab::families
