// SPDX-License-Identifier: Apache-2.0
//
// A ruling: what a person decided about a run — approve, reject, or waive one requirement. It is a
// statement over the digest of the run's sealed evidence (so anything rerun needs a new one),
// signed with that person's own key, and countersigned by the installation, which thereby attests
// name, roles and key of the person at that time. So the document and the installation's public key
// are enough to check who decided, without trusting the database. Each names the one before it over
// the same evidence, so that their order cannot be changed either. Format:
// docs/formats/ruling.md.
// Values and pure functions; thread-safe as such.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/governance/users.hpp"
#include "platform/core/attestation.hpp"

namespace patchlab::governance {

struct EvidenceFacts;

enum class RulingKind { approve, reject, waive };
std::string_view name(RulingKind kind);
/// True when both name one person: upper and lower case are the same, as in the table of users.
bool same_person(std::string_view a, std::string_view b);

struct Ruling {
    RulingKind kind = RulingKind::approve;
    std::string run;
    std::string evidence_digest;        ///< sha256 of the evidence's manifest.json
    std::string requester;              ///< who asked for the run, as the sealed evidence says
    std::string verdict;                ///< as the sealed evidence says
    std::string author;                 ///< who decided
    Role role = Role::release_manager;  ///< in which role
    KeyCustody custody = KeyCustody::state;
    std::string key;          ///< the author's public key (PEM)
    std::string time;         ///< RFC 3339
    std::string reason;       ///< empty for an approval without a note
    std::string requirement;  ///< waive: which
    std::string owner;        ///< waive: who answers for the risk
    std::string expires;      ///< waive: RFC 3339
    std::string policy;       ///< sha256 of the policy in force
    /// From 1, over one evidence; 0: an earlier version wrote it, which did not number them.
    std::int64_t number = 0;
    std::string previous;  ///< digest of the one before it; empty: it is the first
    /// The account of the operating system that it was given from; nothing when it is not known.
    Account account;
    std::string envelope;  ///< the signed document; empty until it is signed

    std::string digest()
        const;  ///< sha256 of the document, which names it in decisions and in the audit trail
};
/// What it says, without the document; for people and programs that list rulings.
Json to_json(const Ruling& ruling);

/// Signs with the author's key and countersigns with the installation's. Gives the ruling with its
/// document.
Ruling sign_ruling(Ruling ruling, const SecretKey& author, const SecretKey& installation);

// An author who keeps their own key signs where it is: the draft travels to them, and comes back
// signed.

/// The statement that the author signs (the payload of an envelope), with their public key.
std::string unsigned_ruling(Ruling ruling, const PublicKey& author);
/// What a signed text says; no signature is looked at. Error(invalid) when it is no ruling.
Ruling ruling_said_in(std::string_view text, std::string_view where);
/// Countersigns what the author signed. Error(conflict) unless it says exactly what `ruling` says;
/// Error(not_allowed) unless the author's key signed it, and no other.
Ruling countersign_ruling(Ruling ruling, std::string_view signed_text, const PublicKey& author,
                          const SecretKey& installation);

/// Error(not_allowed): it was signed, or is to be, with a key that is not the author's.
[[noreturn]] void refuse_key_of(const std::string& author);

/// Opens a ruling. Error(refused) unless one of the installation's keys and the key it names for
/// its author signed it; Error(invalid) when it is no ruling.
Ruling verify_ruling(std::string_view text, std::string_view where,
                     const std::vector<PublicKey>& installation);

/// Error(refused) unless the ruling is of this evidence, says the same of it, and, for an approval
/// or a waiver, is by another person than the one who asked for the run. `facts` must be intact and
/// signed.
void expect_ruling_of(const Ruling& ruling, std::string_view where, const EvidenceFacts& facts);

/// An approval, checked against the evidence itself, offline: the evidence is intact and signed by
/// the installation, the approval is of this very evidence, and its author is another person than
/// the one who asked for the run. Error(refused) with the first thing that does not hold.
Ruling verify_approval(std::string_view text, std::string_view where,
                       const std::filesystem::path& evidence,
                       const std::vector<PublicKey>& installation);

// The order of the rulings over one evidence (ruling_chain.cpp). It decides which word of a person
// is the newest, so it is taken from what was signed, never from where a row stands in a database:
// each ruling has a number and the digest of the one before it.

/// Error(refused) unless the rulings, all over one evidence, stand in the order in which they were
/// given: numbers without gaps and twins, each with the digest of the one before it, and times that
/// do not go back. Those of earlier versions have no number: they stand before all others, in the
/// order of their times.
void expect_chain(const std::vector<Ruling>& rulings);

/// True when `later` takes the place of `earlier`, by the same person. Of two without a number and
/// of the same second nobody can say which came last, so a rejection stays.
bool replaces(const Ruling& later, const Ruling& earlier);

/// Each person has one voice: their newest approval or rejection, in the order in which these were
/// given. The pointers lead into `rulings`, which are in the order of expect_chain().
std::vector<const Ruling*> newest_voices(const std::vector<Ruling>& rulings);

}  // namespace patchlab::governance
