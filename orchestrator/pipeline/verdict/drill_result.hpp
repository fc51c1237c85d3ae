// SPDX-License-Identifier: Apache-2.0
//
// What the drill came to: both ways back, and what each left different. Values; pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "orchestrator/pipeline/verdict/reason.hpp"

namespace patchlab::pipeline {

/// What is not as it was before the patch.
struct Difference {
    std::size_t changes = 0;
    std::vector<std::string> broken;  ///< checks that passed before and do not now
    std::string first;                ///< the first change, for people
    std::vector<std::string> named;   ///< the first of the changes, it among them
    bool none() const { return changes == 0 && broken.empty(); }
};

/// Back to the checkpoint.
struct Reverted {
    Difference difference;
    double seconds = 0;
    double restore_seconds = 0;  ///< of these, until every machine answered
    bool restored() const { return difference.none(); }
};

/// Back to the exact old versions.
struct Downgrade {
    bool possible = true;  ///< false: an old version was not kept
    std::string detail;    ///< why it is not restored; empty when it is
    std::string stumbled;  ///< why the old versions did not install at the first try; may be empty
    std::optional<Difference> difference;           ///< none: the old versions did not install
    std::vector<std::string> broken_before_reboot;  ///< a reboot was needed to see, or to mend
    double seconds = 0;
    bool restored() const { return difference && difference->none(); }
};

struct DrillResult {
    Reverted reverted;
    Downgrade downgrade;
    bool at_once = false;  ///< both ways were practised in the same time
    std::vector<std::string> instructions;
};

/// How many changes are named.
inline constexpr std::size_t most_named = 20;

/// Adds a change, which people read as `text`.
void add_change(Difference& difference, const std::string& text);
/// "A; B; C and 4 more", or nothing.
std::string words_of_changes(const Difference& difference);

/// drill.json, and `drill` of a run's document.
Json to_json(const DrillResult& drill);

/// Reasons (drill-failed). That the old versions left something broken rejects; what else is not as
/// before is for a person to look at.
std::vector<Reason> reasons_of_drill(const DrillResult& drill);

}  // namespace patchlab::pipeline
