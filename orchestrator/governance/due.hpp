// SPDX-License-Identifier: Apache-2.0
//
// When the patches of a run are due, as far as a policy asks. Feeds and inventory know it; they are
// asked through Governance::due. A date that rests on unknown answers is reported as a conflict,
// but only one that is certain shortens a wait: whoever takes a feed away must not get a patch
// through sooner. Values and pure functions; thread-safe as such.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "platform/core/clock.hpp"

namespace patchlab::governance {

struct EvidenceFacts;
struct Decision;
struct Policy;

struct PatchDue {
    std::string patch;
    std::string table;    ///< by which it was decided: "bod-26-04"
    std::string due;      ///< RFC 3339, unknown answers taken as the worse ones; empty: no date
    std::string certain;  ///< the same with the better ones
    std::string why;      ///< "3 days, CVE-2026-1001"
};

/// Gives the dates of the run's patches by every table.
using AskDue = std::function<std::vector<PatchDue>(const EvidenceFacts& facts)>;

/// Asks, when somebody is there to be asked and the policy has a word that depends on it.
void look_for_dues(const AskDue& ask, const Policy& policy, EvidenceFacts& facts);
/// nullptr: nothing is known.
const PatchDue* due_of(const EvidenceFacts& facts, const Policy& policy, const std::string& patch);
/// Whether it is certain that the patch is due within so many days from `now`, or overdue.
bool certainly_due_within(const PatchDue* due, double days, TimePoint now);

/// As a line of what was looked at: "due for certain: nginx_1 2026-12-03T00:00:00Z bod-26-04 …".
std::string line_of(const PatchDue& due);
/// What a decision of the past was told of dates: who reads it again offline has no feeds.
void remember_dues(const Decision& told, EvidenceFacts& facts);

/// Where waiting for the release age ends after the patch is due: one sentence each.
std::vector<std::string> warnings_about_dues(const Policy& policy, const EvidenceFacts& facts,
                                             TimePoint now);

}  // namespace patchlab::governance
