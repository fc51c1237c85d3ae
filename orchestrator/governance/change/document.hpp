// SPDX-License-Identifier: Apache-2.0
//
// The change-control document of a run or of a catalog entry: what comes, why, for whom and when,
// what the lab proved, who asked and who signed, and how to go back at 3 a.m. It is made from
// sealed and signed evidence, signed rulings and the decision over them, all verified by the caller
// (facts_of, rulings_of, evaluate; or read_approval), and from what the caller adds about
// production (hosts, window), which is marked as such. Never from the store. Format:
// docs/reference/change.md. Values and pure functions; thread-safe as such.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/governance/decision.hpp"
#include "reports/outline/outline.hpp"

namespace patchlab::governance {

/// An exact old package that is kept for the way back.
struct KeptPackage {
    std::string name, version, file, sha256;
};

/// A host that gets the change. Told by the caller, not by the evidence.
struct ChangeHost {
    std::string name, criticality, owner, window;  ///< all but the name may be empty
    bool unknown =
        false;  ///< whether it needs the change is not known: it is asked when its turn comes
};

/// Where the catalog entry of the change stands today. No signature of the entry covers it: an
/// entry is signed once, and what becomes of it comes later.
struct ChangeStanding {
    std::string entry;
    std::string state;     ///< "offered", "quarantined", …
    std::string reason;    ///< why it is in this state; may be empty
    std::string since;     ///< RFC 3339
    std::string by;        ///< who took it back; empty: not known
    bool signed_ = false;  ///< the audit trail, whose head is signed, holds this state
    bool taken_back = false;
    std::vector<std::string> objections;  ///< what was decided later and speaks against it
    std::vector<std::string> rollouts;    ///< of the entry that are not over, newest first

    bool stopped() const { return taken_back || !objections.empty(); }
};

/// What this installation knows of a patch besides the evidence. Told by the caller.
struct ChangeBackground {
    std::string patch;
    std::string due;      ///< "2026-12-03: 3 days, CVE-2026-1001"; empty: not told
    std::string history;  ///< "2 runs (1 validated, 1 rejected), …"; empty: not told
};

/// Who made the document, when and where. All of it may be empty.
struct ChangeMaking {
    std::string time, user, host;
};

struct ChangeSource {
    EvidenceFacts facts;                           ///< intact and signed
    Decision decision;                             ///< over that evidence; it may be open
    std::vector<Ruling> rulings;                   ///< verified, oldest first
    std::string entry;                             ///< the catalog entry; empty: there is none yet
    std::vector<KeptPackage> kept;                 ///< of the entry
    std::optional<std::vector<ChangeHost>> hosts;  ///< nullopt: unknown
    std::string window;                            ///< for all of them; empty: theirs, or not told
    std::string hosts_told_by;  ///< "the inventory knows them, scanned …"; empty: the caller did
    std::optional<ChangeStanding> standing;    ///< of the entry; nullopt: there is none
    std::vector<ChangeBackground> background;  ///< of feeds, runs and rollouts; no evidence
    ChangeMaking made;
};

enum class Risk { low, medium, high };
std::string_view name(Risk risk);

/// What a package was and will be.
struct ChangePackage {
    std::string name, to, sha256;   ///< `to` empty: it is removed
    std::vector<std::string> from;  ///< versions that the lab had; empty: newly installed
    bool prerequisite = false;
    bool way_back = false;  ///< every old version is kept, or there was none
};

/// Something that changed besides what the packages list: a known side effect.
struct SideEffect {
    std::string machine, what, detail;
    bool sensitive = false;
    bool unexplained = false;
};

/// A newest word of a person.
struct ChangeVoice {
    std::string user, role, time, reason, digest;
    bool own_key = false;
    std::string acting;  ///< whose account named the user; empty: it was the user's own, or unknown
};

struct ChangeWaiver {
    std::string requirement, owner, author, expires, reason, digest;
    bool counts = false;  ///< the decision stands on it
    std::string time;     ///< when it was given
};

struct ChangeDocument {
    ChangeSource source;
    bool approved = false;  ///< the policy is satisfied, and nothing stops the entry
    std::string decided;    ///< RFC 3339: when the last word was said that counts; empty: none was
    std::string title;      ///< "Update nginx to 1.22.1-9+deb12u11"
    std::vector<ChangePackage> packages;
    Risk risk = Risk::high;
    std::vector<std::string> risks;  ///< why, one sentence each
    std::size_t checks = 0, passing = 0, newly_failing = 0, not_observed = 0, failing_before = 0;
    std::vector<SideEffect> side_effects;  ///< at most 200 of them
    std::size_t side_effects_left_out = 0;
    std::vector<ChangeVoice> approvals, rejections;
    std::vector<ChangeWaiver> waivers;
    std::vector<std::string> back;  ///< commands, as root, on each host
    bool reboot = false;
    std::vector<std::string> services;   ///< restarted in the lab
    std::vector<std::string> help_desk;  ///< plain sentences

    /// The entry was taken back, or something decided later speaks against it.
    bool stopped() const { return source.standing && source.standing->stopped(); }
    const reports::RunDocument& run() const { return source.facts.run; }
};

/// Error(refused) unless the evidence is intact, signed and says who asked for the run.
ChangeDocument change_document(ChangeSource source);

/// Schema patchlab/change/v1.
Json to_json(const ChangeDocument& document);
/// For people: reports::outline::to_html() and to_markdown() write it.
reports::outline::Outline outline_of(const ChangeDocument& document);

/// The hosts of a file: one a line, `NAME[,criticality[,owner[,window]]]`, "#" begins a comment; or
/// JSON with a list `hosts` of names or of objects with these members (`inventory list --json`); or
/// patchlab/needed/v1 (`inventory needed --json`), of which those that need it and those that are
/// unknown are taken. Error(invalid) with file and line.
std::vector<ChangeHost> parse_change_hosts(const std::string& text, const std::string& file);

/// The published JSON Schema (2020-12).
std::string change_schema();

}  // namespace patchlab::governance
