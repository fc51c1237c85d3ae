// SPDX-License-Identifier: Apache-2.0
//
// How an entry stands today: its state, since when and why, and what was decided after it was made
// that speaks against it. An entry's folder is signed once and never changes; a rejection, a waiver
// that is over, or the same packages taken back elsewhere come later. Whoever offers or deploys an
// entry asks here besides verify.hpp. Reads the store, the audit trail and small documents of the
// entry, no package. Thread safety: one a thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "orchestrator/catalog/entry_store.hpp"
#include "orchestrator/governance/audit.hpp"
#include "orchestrator/governance/governance.hpp"

namespace patchlab::catalog {

///   rejected       a person rejected the run after the entry was made
///   waiver_over    a waiver that the approval stands on is over
///   same_packages  another entry with the same packages was taken back, and no waiver answers
///                  for it
///   trail          the audit trail says that the entry was taken back, the store that it was not
///   unreadable     what was decided cannot be read or was not signed
enum class ObjectionKind { rejected, waiver_over, same_packages, trail, unreadable };
std::string_view name(ObjectionKind kind);

struct Objection {
    ObjectionKind kind = ObjectionKind::rejected;
    std::string why;    ///< "rejected by sam, 2026-11-30T01:24:00Z: it breaks the shop"
    std::string since;  ///< RFC 3339; empty: not known
};

struct Standing {
    EntryState state = EntryState::offered;
    std::string reason;  ///< why it is in this state
    std::string since;   ///< RFC 3339: since when
    std::string by;      ///< who took it back or released it, by the audit trail; empty: not known
    bool signed_ = false;               ///< the audit trail, whose head is signed, holds this state
    std::vector<std::string> channels;  ///< where it was promoted to
    std::vector<Objection> objections;

    /// It is offered, and nothing decided later speaks against it.
    bool deployable() const { return state == EntryState::offered && objections.empty(); }
    /// In one word for lists: "rejected" where somebody rejected an offered entry, else the state.
    std::string word() const;
};

/// The action of the audit trail that leaves an entry in this state: "withdraw", "quarantine",
/// "recall", or "release" where it is offered again. Error(internal) where none does.
std::string action_to(EntryState state);

/// Answers for many entries: what they share is read once.
class Standings {
  public:
    Standings(governance::Governance& house, EntryStore& entries);
    /// Error(not_found) when there is no such entry; what is wrong with it is an objection.
    Standing of(const Entry& entry);

  private:
    void ask_people(const Entry& entry, Standing& standing);
    void ask_waivers(const Entry& entry, Standing& standing);
    void ask_others(const Entry& entry, Standing& standing);
    void ask_trail(const Entry& entry, Standing& standing);

    governance::Governance& house_;
    EntryStore& entries_;
    governance::AskTakenBack taken_back_;
};

/// The entries that were taken back and hold a package with one of these sha256. Packages that an
/// entry only needed first (prerequisites) do not count.
std::vector<governance::TakenBackEntry> taken_back_with(const std::filesystem::path& state,
                                                        store::Database& database,
                                                        const std::set<std::string>& digests);

/// What governance asks the catalog of a state: the same without recalled entries, for nothing
/// speaks against those.
governance::AskTakenBack ask_taken_back(const std::filesystem::path& state,
                                        store::Database& database);

}  // namespace patchlab::catalog
