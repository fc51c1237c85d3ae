// SPDX-License-Identifier: Apache-2.0
//
// Packages that were taken back: the same bytes stand in a catalog entry that a person withdrew, or
// that a rollout put into quarantine. Whoever approves them again under another run answers for
// that with a waiver. The catalog knows them; it stands above governance, so it is asked through
// Governance::taken_back. Values and pure functions; thread-safe as such.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace patchlab::governance {

struct EvidenceFacts;
struct Decision;
struct Requirement;

/// An entry that was taken back, and what of a run it holds.
struct TakenBackEntry {
    std::string entry;
    std::string state;                  ///< "withdrawn" or "quarantined"
    std::string since;                  ///< RFC 3339
    std::string reason;                 ///< why it was taken back
    std::vector<std::string> packages;  ///< "openssl 3.0.22-1": those that both hold
};

/// Gives the entries that were taken back and hold a package with one of these sha256.
using AskTakenBack =
    std::function<std::vector<TakenBackEntry>(const std::set<std::string>& sha256)>;

inline constexpr std::string_view not_taken_back = "not-taken-back";

/// Asks about the packages of the run, when somebody is there to be asked.
void look_for_taken_back(const AskTakenBack& ask, EvidenceFacts& facts);

/// Adds the requirement "not-taken-back", failed, when packages of the run were taken back. Where
/// none was, there is nothing to require.
void require_not_taken_back(const EvidenceFacts& facts, std::vector<Requirement>& all);

/// What a decision of the past says was taken back then: who reads the decision again offline has
/// no catalog to ask.
void remember_taken_back(const Decision& told, EvidenceFacts& facts);

/// "openssl 3.0.22-1 is quarantined as entry e-1 since 2026-11-30T01:24:00Z: lab and production
/// disagree".
std::string text_of(const TakenBackEntry& entry);

}  // namespace patchlab::governance
