// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/catalog/standing.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "orchestrator/governance/approved_run.hpp"
#include "orchestrator/governance/audit.hpp"
#include "orchestrator/governance/ruling_store.hpp"
#include "platform/core/attestation.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/log.hpp"

namespace patchlab::catalog {

namespace {

using governance::RequirementState;
using governance::Ruling;
using governance::RulingKind;

constexpr std::uint64_t max_approval_bytes = 4U << 20;
constexpr std::size_t max_approval_files = 1000;

/// The actions of the audit trail that move an entry, and the state that each leaves it in.
struct Move {
    const char* action;
    EntryState state;
};
constexpr std::array<Move, 4> moves{{{"withdraw", EntryState::withdrawn},
                                     {"quarantine", EntryState::quarantined},
                                     {"recall", EntryState::recalled},
                                     {"release", EntryState::offered}}};

std::vector<std::string> move_actions() {
    std::vector<std::string> actions;
    for (const Move& move : moves) actions.emplace_back(move.action);
    return actions;
}

EntryState state_after(const std::string& action) {
    for (const Move& move : moves)
        if (action == move.action) return move.state;
    throw Error(ErrorCode::internal, "'" + action + "' moves no entry");
}

/// The approval that the entry's folder holds: signatures are checked, the evidence is not read.
struct Approval {
    governance::Decision decision;
    std::vector<Ruling> rulings;  ///< oldest first
};

Approval approval_in(const fs::path& folder, const std::vector<PublicKey>& installation) {
    Approval approval;
    std::set<std::string> files;
    for (const auto& item : fs::directory_iterator(folder))
        files.insert(item.path().filename().string());
    if (files.size() > max_approval_files)
        throw Error(ErrorCode::refused, "the approval holds too many files");
    for (const std::string& file : files) {
        if (!file.ends_with(".dsse.json")) continue;
        const std::string text = read_file(folder / file, max_approval_bytes);
        if (file.starts_with("ruling-"))
            approval.rulings.push_back(governance::verify_ruling(text, file, installation));
        else
            approval.decision = governance::decision_from_json(
                open_statement(text, file, installation).statement.predicate);
    }
    std::stable_sort(approval.rulings.begin(), approval.rulings.end(),
                     [](const Ruling& a, const Ruling& b) { return a.time < b.time; });
    return approval;
}

const Ruling* newest_waiver(const std::vector<Ruling>& rulings, const std::string& requirement) {
    const auto found = std::find_if(rulings.rbegin(), rulings.rend(), [&](const Ruling& ruling) {
        return ruling.kind == RulingKind::waive && ruling.requirement == requirement;
    });
    return found == rulings.rend() ? nullptr : &*found;
}

/// Entries that a waiver of this decision answers for: approved again although they were taken
/// back.
bool answered_for(const governance::Decision& decision, const std::string& entry) {
    const governance::Requirement* requirement = decision.find(governance::not_taken_back);
    if (!requirement || requirement->state != RequirementState::waived) return false;
    return std::any_of(
        requirement->evidence.begin(), requirement->evidence.end(),
        [&](const std::string& line) { return line.starts_with("entry " + entry + ": "); });
}

/// An entry that was taken back, and what it holds.
struct HeldBack {
    governance::TakenBackEntry entry;                           ///< without packages
    std::vector<std::pair<std::string, std::string>> packages;  ///< sha256, "openssl 3.0.22-1"
};

std::vector<HeldBack> all_held_back(const fs::path& state, store::Database& database) {
    std::vector<HeldBack> all;
    EntryStore entries(state, database);
    for (const std::string& id : entries.taken_back()) {
        const EntryStatus status = entries.status(id);
        HeldBack one{{id, std::string(name(status.state)), status.changed, status.reason, {}}, {}};
        try {
            for (const EntryPackage& package : entries.get(id).packages)
                if (!package.prerequisite)
                    one.packages.emplace_back(package.after.sha256,
                                              package.name + " " + package.after.version);
        } catch (const Error& error) {  // its folder is broken: what it held is not known
            log_warning(error.what());
        }
        all.push_back(std::move(one));
    }
    return all;
}

/// The same without recalled entries: nothing speaks against those.
std::vector<HeldBack> bad_entries(const fs::path& state, store::Database& database) {
    std::vector<HeldBack> bad = all_held_back(state, database);
    std::erase_if(
        bad, [](const HeldBack& one) { return one.entry.state == name(EntryState::recalled); });
    return bad;
}

/// Those that hold a package with one of these sha256, and which.
std::vector<governance::TakenBackEntry> those_with(const std::set<std::string>& digests,
                                                   const std::vector<HeldBack>& all) {
    std::vector<governance::TakenBackEntry> found;
    for (const HeldBack& one : all) {
        governance::TakenBackEntry entry = one.entry;
        for (const auto& [sha256, package] : one.packages)
            if (digests.contains(sha256)) entry.packages.push_back(package);
        if (!entry.packages.empty()) found.push_back(std::move(entry));
    }
    return found;
}

}  // namespace

std::string_view name(ObjectionKind kind) {
    switch (kind) {
        case ObjectionKind::rejected: return "rejected";
        case ObjectionKind::waiver_over: return "waiver-over";
        case ObjectionKind::same_packages: return "same-packages";
        case ObjectionKind::trail: return "trail";
        case ObjectionKind::unreadable: break;
    }
    return "unreadable";
}

std::string action_to(EntryState state) {
    for (const Move& move : moves)
        if (state == move.state) return move.action;
    throw Error(ErrorCode::internal, "no action makes an entry " + std::string(name(state)));
}

std::string Standing::word() const {
    if (is_taken_back(state) || objections.empty()) return std::string(catalog::name(state));
    return objections.front().kind == ObjectionKind::rejected ? "rejected" : "stopped";
}

Standings::Standings(governance::Governance& house, EntryStore& entries)
    : house_(house),
      entries_(entries),
      taken_back_([bad = bad_entries(house.state, house.database)](
                      const std::set<std::string>& digests) { return those_with(digests, bad); }) {}

Standing Standings::of(const Entry& entry) {
    const EntryStatus status = entries_.status(entry.id);
    Standing standing{status.state, status.reason, status.changed, "", false, status.channels, {}};
    ask_trail(entry, standing);
    if (is_taken_back(standing.state)) return standing;
    const auto ask = [&](void (Standings::*question)(const Entry&, Standing&)) {
        try {
            (this->*question)(entry, standing);
        } catch (const Error& error) {
            standing.objections.push_back({ObjectionKind::unreadable, error.message(), ""});
        } catch (const fs::filesystem_error& error) {
            standing.objections.push_back({ObjectionKind::unreadable, error.code().message(), ""});
        }
    };
    ask(&Standings::ask_people);
    ask(&Standings::ask_waivers);
    ask(&Standings::ask_others);
    return standing;
}

void Standings::ask_people(const Entry& entry, Standing& standing) {
    const std::vector<Ruling> rulings =
        governance::rulings_of(house_, entry.run, entry.evidence_digest);
    for (const Ruling* ruling : governance::newest_voices(rulings))
        if (ruling->kind == RulingKind::reject)
            standing.objections.push_back(
                {ObjectionKind::rejected,
                 "run " + entry.run + " was rejected by " + ruling->author + " at " + ruling->time +
                     (ruling->reason.empty() ? "" : ": " + ruling->reason),
                 ruling->time});
}

void Standings::ask_waivers(const Entry& entry, Standing& standing) {
    const Approval approval =
        approval_in(entries_.folder(entry.id) / "approvals", house_.keys.public_keys());
    for (const governance::Requirement& requirement : approval.decision.requirements) {
        if (requirement.state != RequirementState::waived) continue;
        const Ruling* waiver = newest_waiver(approval.rulings, requirement.id);
        if (waiver && house_.clock.now() < from_rfc3339(waiver->expires)) continue;
        standing.objections.push_back({ObjectionKind::waiver_over,
                                       waiver
                                           ? "the waiver of '" + requirement.id + "' by " +
                                                 waiver->author + " was over at " + waiver->expires
                                           : "the waiver of '" + requirement.id + "' is not there",
                                       waiver ? waiver->expires : ""});
    }
}

void Standings::ask_others(const Entry& entry, Standing& standing) {
    std::set<std::string> digests;
    for (const EntryPackage& package : entry.packages) digests.insert(package.after.sha256);
    std::vector<governance::TakenBackEntry> others = taken_back_(digests);
    std::erase_if(others, [&](const auto& other) { return other.entry == entry.id; });
    if (others.empty()) return;
    const Approval approval =
        approval_in(entries_.folder(entry.id) / "approvals", house_.keys.public_keys());
    for (const governance::TakenBackEntry& other : others)
        if (!answered_for(approval.decision, other.entry))
            standing.objections.push_back(
                {ObjectionKind::same_packages, governance::text_of(other), other.since});
}

/// Whoever can write the store could call a withdrawn entry offered; the trail remembers.
void Standings::ask_trail(const Entry& entry, Standing& standing) {
    const auto trail = governance::newest_rows(house_.database, move_actions(), entry.id);
    const auto row = trail.find(entry.id);
    if (row == trail.end()) return;
    const EntryState told = state_after(row->second.event.action);
    const governance::Actor& actor = row->second.event.actor;
    if (is_taken_back(told) && !is_taken_back(standing.state)) {
        standing.objections.push_back(
            {ObjectionKind::trail,
             "the audit trail says that it is " + std::string(catalog::name(told)) + " since " +
                 row->second.time + " by " + actor.user + ", the store says that it is " +
                 std::string(catalog::name(standing.state)),
             row->second.time});
        return;
    }
    standing.signed_ = told == standing.state;
    if (standing.signed_) standing.by = actor.user;
}

std::vector<governance::TakenBackEntry> taken_back_with(const fs::path& state,
                                                        store::Database& database,
                                                        const std::set<std::string>& digests) {
    return those_with(digests, all_held_back(state, database));
}

governance::AskTakenBack ask_taken_back(const fs::path& state, store::Database& database) {
    return [state, &database](const std::set<std::string>& digests) {
        return those_with(digests, bad_entries(state, database));
    };
}

}  // namespace patchlab::catalog
