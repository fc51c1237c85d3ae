// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/catalog/catalog.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "orchestrator/catalog/entry_maker.hpp"
#include "orchestrator/governance/approved_run.hpp"
#include "orchestrator/intake/patch.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/log.hpp"
#include "reports/run_document.hpp"
#include "reports/sealed_file.hpp"

namespace patchlab::catalog {

namespace {

using governance::Actor;
using governance::Role;

/// How much an entry is taken back: nothing makes it less so but release().
int weight_of(EntryState state) {
    switch (state) {
        case EntryState::recalled: return 1;
        case EntryState::quarantined: return 2;
        case EntryState::withdrawn: return 3;
        case EntryState::offered:
        case EntryState::superseded: break;
    }
    return 0;
}

std::vector<intake::Patch> patches_of(governance::Governance& house, const std::string& run) {
    const reports::SealedFolder evidence(house.evidence_of(run));
    const reports::RunDocument document =
        reports::parse_run_document(parse_json(evidence.read("run.json"), "run.json"));
    intake::PatchStore store(house.state, house.database);
    std::vector<intake::Patch> patches;
    for (const reports::RunPatch& patch : document.patches) patches.push_back(store.get(patch.id));
    return patches;
}

}  // namespace

Catalog::Catalog(governance::Governance& house, process::CommandRunner& runner,
                 const HostLookup& hosts)
    : house_(house),
      acting_{governance::os_user_name(), governance::os_user_name()},
      entries_(house.state, house.database),
      publisher_(
          house.state, house.database, runner, house.clock,
          [this](const Published& published, const std::function<void()>& change) {
              house_.audit.append({acting_,
                                   "publish",
                                   published.channel,
                                   {{"snapshot", published.snapshot},
                                    {"digest", published.digest},
                                    {"packages", published.packages},
                                    {"notes", published.notes}}},
                                  change);
          },
          [this] {
              return [standings = std::make_shared<Standings>(house_, entries_)](
                         const Entry& entry) { return standings->of(entry).objections; };
          }),
      hosts_(hosts) {
    if (!house_.taken_back) house_.taken_back = ask_taken_back(house_.state, house_.database);
}

Entry Catalog::make(const Actor& actor, const std::string& run,
                    const std::vector<fs::path>& old_files) {
    return during("making a catalog entry of run '" + run + "'", [&] {
        governance::require_role(house_, actor, {Role::release_manager}, "make a catalog entry");
        const fs::path making = house_.state / "catalog" / "making";
        make_folder(making, 0700);
        const FileLock lock = FileLock::acquire(house_.state / "catalog" / "making.lock");
        clear_leftovers();
        if (const std::string there = entries_.of_run(run); !there.empty())
            throw Error(ErrorCode::conflict, "entry '" + there + "' was made of it");
        const EntrySources sources{house_.evidence_of(run), governance::approved_run(house_, run),
                                   patches_of(house_, run), old_files};
        const TimePoint now = house_.clock.now();
        const SecretKey key = catalog_keys(house_.state).current(house_.clock);
        TempFolder folder(making, "entry");
        const Entry entry =
            make_entry(sources, entries_.free_id(now), now, ObjectStore(house_.state), key,
                       trust_of(house_.state), folder.path());
        house_.audit.append({actor,
                             "entry-made",
                             entry.id,
                             {{"run", run},
                              {"evidence_digest", entry.evidence_digest},
                              {"approvers", entry.approvers}}},
                            [&] { entries_.add(entry, folder.path(), now); });
        return entry;
    });
}

/// The caller holds the lock.
std::vector<std::string> Catalog::clear_leftovers() {
    std::vector<std::string> done;
    std::error_code error;
    for (const auto& item : fs::directory_iterator(house_.state / "catalog" / "making", error)) {
        remove_tree(item.path());
        done.push_back("unfinished catalog entry " + item.path().filename().string());
    }
    return done;
}

std::vector<std::string> Catalog::reap() {
    std::vector<std::string> done = publisher_.reap();
    if (!fs::exists(house_.state / "catalog" / "making")) return done;
    if (const auto lock = FileLock::try_acquire(house_.state / "catalog" / "making.lock"))
        for (std::string& one : clear_leftovers()) done.push_back(std::move(one));
    return done;
}

std::vector<Refusal> Catalog::verify(const std::string& id) {
    const EntryStatus status = entries_.status(id);
    std::vector<Refusal> refusals;
    if (is_taken_back(status.state))
        refusals.push_back(
            {"entry '" + id + "'", "is " + std::string(name(status.state)) +
                                       (status.reason.empty() ? "" : ": " + status.reason)});
    const std::vector<Refusal> chain =
        verify_entry(entries_.folder(id), trust_of(house_.state), id);
    refusals.insert(refusals.end(), chain.begin(), chain.end());
    if (!chain.empty()) return refusals;  // what is not whole says nothing about later decisions
    for (const Objection& objection : standing(id).objections)
        refusals.push_back({"decided later", objection.why});
    return refusals;
}

Standing Catalog::standing(const std::string& id) {
    try {
        return Standings(house_, entries_).of(entries_.get(id));
    } catch (const Error& error) {
        const EntryStatus status = entries_.status(id);
        return {status.state,
                status.reason,
                status.changed,
                "",
                false,
                status.channels,
                {{ObjectionKind::unreadable, error.message(), ""}}};
    }
}

std::vector<ExactPackage> Catalog::files_of(const std::string& id, bool forward) {
    const Entry entry = entries_.get(id);
    std::vector<ExactPackage> files;
    for (const EntryPackage& package : entry.packages) {
        const auto add = [&](const EntryFile& file, const char* folder) {
            files.push_back({package.name, package.architecture, package.format, file.version,
                             file.sha256, entries_.folder(id) / folder / file.file});
        };
        if (forward) add(package.after, "new");
        else
            for (const EntryFile& old : package.before) add(old, "old");
    }
    return files;
}

std::vector<ExactPackage> Catalog::forward(const std::string& id) { return files_of(id, true); }

std::vector<ExactPackage> Catalog::back(const std::string& id) { return files_of(id, false); }

/// Entries of a channel by what they say of themselves; publishing verifies it. One that cannot be
/// read offers nothing.
std::vector<Candidate> Catalog::candidates(const std::string& channel) {
    std::vector<Candidate> all;
    for (const std::string& id : entries_.in_channel(channel)) {
        try {
            all.push_back({entries_.get(id), entries_.status(id).state});
        } catch (const Error& error) {
            log_warning(error.what());
        }
    }
    return all;
}

/// Superseded is an entry that offers nothing in any of its channels any more.
void Catalog::settle_states() {
    std::set<std::string> live, offering;
    std::map<std::string, std::string> successor;
    for (const std::string& channel : entries_.channels()) {
        const std::vector<Candidate> all = candidates(channel);
        const Composition composition = compose(all);
        for (const Candidate& candidate : all) {
            if (!candidate.live()) continue;
            live.insert(candidate.entry.id);
            const auto by = composition.superseded_by.find(candidate.entry.id);
            if (by == composition.superseded_by.end()) offering.insert(candidate.entry.id);
            else successor[candidate.entry.id] = by->second;
        }
    }
    for (const std::string& id : live) {
        const EntryState wanted =
            offering.contains(id) ? EntryState::offered : EntryState::superseded;
        if (entries_.status(id).state != wanted)
            entries_.set_state(
                id, wanted, wanted == EntryState::offered ? "" : "by entry '" + successor[id] + "'",
                house_.clock.now());
    }
}

std::vector<std::string> Catalog::promote(const Actor& actor, const std::string& id,
                                          const std::string& channel) {
    return during("promoting entry '" + id + "' to '" + channel + "'", [&] {
        governance::require_role(house_, actor, {Role::release_manager}, "promote a catalog entry");
        check_channel_name(channel);
        refuse(verify(id), "it may not be promoted");
        const Entry entry = entries_.get(id);
        if (governance::approved_run(house_, entry.run).facts.digest != entry.evidence_digest)
            throw Error(ErrorCode::refused, "the evidence of run '" + entry.run +
                                                "' is not the one that the entry was made of");
        const auto superseded = [&] {
            std::set<std::string> ids;
            for (const Entry& one : entries_.list())
                if (entries_.status(one.id).state == EntryState::superseded) ids.insert(one.id);
            return ids;
        };
        const std::set<std::string> before = superseded();
        house_.audit.append(
            {actor,
             "promote",
             id,
             {{"channel", channel},
              {"run", entry.run},
              {"evidence_digest", entry.evidence_digest}}},
            [&] {
                if (const std::string conflict = conflict_with(candidates(channel), entry);
                    !conflict.empty())
                    throw Error(ErrorCode::conflict, conflict,
                                "withdraw that entry to go back behind it");
                entries_.add_to_channel(id, channel, house_.clock.now());
                compose(candidates(channel));  // two files that claim to be one version are found
                                               // here, not by a later publish
                settle_states();
            });
        std::vector<std::string> fresh;
        for (const std::string& one : superseded())
            if (!before.contains(one)) fresh.push_back(one);
        return fresh;
    });
}

std::vector<std::string> Catalog::supersede(const Actor& actor, const std::string& older,
                                            const std::string& newer) {
    const std::vector<std::string> channels = entries_.status(older).channels;
    if (channels.empty())
        throw Error(ErrorCode::conflict, "entry '" + older + "' stands in no channel");
    const Entry old = entries_.get(older), next = entries_.get(newer);
    const bool replaces = std::any_of(
        old.packages.begin(), old.packages.end(),
        [&](const EntryPackage& package) { return next.package(package.name) != nullptr; });
    if (!replaces)
        throw Error(ErrorCode::conflict,
                    "entry '" + newer + "' brings no package of entry '" + older + "'");
    for (const std::string& channel : channels) promote(actor, newer, channel);
    return channels;
}

Published Catalog::publish(const Actor& actor, const std::string& channel, bool may_be_empty) {
    governance::require_role(house_, actor, {Role::release_manager}, "publish a channel");
    acting_ = actor;
    return publisher_.publish(channel, {.may_be_empty = may_be_empty});
}

Published Catalog::refresh(const Actor& actor, const std::string& channel) {
    governance::require_role(house_, actor, {Role::release_manager}, "publish a channel");
    acting_ = actor;
    return publisher_.publish(channel, {.renew = true});
}

TakenBack Catalog::withdraw(const Actor& actor, const std::string& id, const std::string& reason) {
    return during("withdrawing entry '" + id + "'", [&] {
        governance::require_role(house_, actor, {Role::release_manager, Role::system_owner},
                                 "withdraw a catalog entry");
        if (reason.empty()) throw Error(ErrorCode::usage, "a reason is missing");
        if (entries_.status(id).state == EntryState::withdrawn)
            throw Error(ErrorCode::conflict, "it is withdrawn already");
        return take_back(actor, id, EntryState::withdrawn, reason);
    });
}

TakenBack Catalog::quarantine(const Actor& actor, const std::string& id,
                              const std::string& reason) {
    return during("putting entry '" + id + "' into quarantine",
                  [&] { return take_back(actor, id, EntryState::quarantined, reason); });
}

TakenBack Catalog::recall(const Actor& actor, const std::string& id, const std::string& reason) {
    return during("recalling entry '" + id + "'",
                  [&] { return take_back(actor, id, EntryState::recalled, reason); });
}

void Catalog::release(const Actor& actor, const std::string& id, const std::string& reason) {
    during("releasing entry '" + id + "'", [&] {
        governance::require_role(house_, actor, {Role::release_manager}, "release a catalog entry");
        if (reason.empty()) throw Error(ErrorCode::usage, "a reason is missing");
        const Entry entry = entries_.get(id);
        const EntryStatus status = entries_.status(id);
        if (status.state != EntryState::recalled)
            throw Error(ErrorCode::conflict,
                        "it is " + std::string(name(status.state)) + ", not recalled",
                        is_taken_back(status.state)
                            ? "run the patch again and answer for it with a waiver of " +
                                  std::string(governance::not_taken_back)
                            : "");
        refuse(verify_entry(entries_.folder(id), trust_of(house_.state), id),
               "it may not be released");
        house_.audit.append({actor,
                             "release",
                             id,
                             {{"reason", reason},
                              {"evidence_digest", entry.evidence_digest},
                              {"recalled", status.changed},
                              {"recalled_because", status.reason}}},
                            [&] {
                                entries_.set_state(id, EntryState::offered, "released: " + reason,
                                                   house_.clock.now());
                                settle_states();
                                refuse_objections(entry);
                            });
    });
}

/// A rejection that came while the entry was recalled speaks against it as much as any.
void Catalog::refuse_objections(const Entry& entry) {
    std::vector<Refusal> refusals;
    for (const Objection& objection : standing(entry.id).objections)
        if (objection.kind != ObjectionKind::trail)  // the row that releases it is being written
            refusals.push_back({"decided later", objection.why});
    refuse(refusals, "it may not be released");
}

TakenBack Catalog::take_back(const Actor& actor, const std::string& id, EntryState state,
                             const std::string& reason) {
    acting_ = actor;
    const EntryStatus status = entries_.status(id);
    // What was taken back stays as it is when less is said of it later; a second quarantine only
    // makes sure of the channels.
    if (weight_of(state) > weight_of(status.state))
        house_.audit.append(
            {actor, action_to(state), id, {{"reason", reason}, {"channels", status.channels}}},
            [&] {
                entries_.set_state(id, state, reason, house_.clock.now());
                settle_states();
            });
    TakenBack result;
    std::string failures;
    for (const std::string& channel : status.channels) {
        if (publisher_.access(channel).snapshot.empty()) continue;  // it was never offered there
        try {
            result.published.push_back(publisher_.publish(channel, {.taking_away = true}));
        } catch (const Error& error) {
            failures += (failures.empty() ? "" : "; ") + std::string(error.what());
        }
    }
    if (!failures.empty())
        throw Error(ErrorCode::lab,
                    "it is " + std::string(name(state)) +
                        ", but not every channel could be published without it: " + failures,
                    "what was published before is still offered there; mend that and run: patchlab "
                    "catalog publish CHANNEL");
    describe_way_back(id, result);
    return result;
}

/// From what the channels offer now.
void Catalog::describe_way_back(const std::string& id, TakenBack& result) {
    const Entry entry = entries_.get(id);
    result.hosts.emplace();
    result.unknown_hosts = hosts_.unknown_hosts();
    for (const EntryPackage& package : entry.packages) {
        if (!package.was_installed || package.before.empty())
            result.without_way_back.push_back(package.name +
                                              (package.was_installed ? "" : " (new)"));
        const auto hosts = hosts_.hosts_with(package.name, package.after.version);
        if (!hosts) result.hosts.reset();
        if (result.hosts) result.hosts->insert(result.hosts->end(), hosts->begin(), hosts->end());
        for (const Published& published : result.published)
            if (const std::string version = publisher_.offered_version(published.channel, package);
                !version.empty())
                result.offered_again.push_back(package.name + " " + version + " in " +
                                               published.channel);
    }
    if (!result.hosts) return;
    std::sort(result.hosts->begin(), result.hosts->end());
    result.hosts->erase(std::unique(result.hosts->begin(), result.hosts->end()),
                        result.hosts->end());
}

std::vector<ChannelAccess> Catalog::channels() {
    std::vector<ChannelAccess> all;
    for (const std::string& name : publisher_.channels()) all.push_back(publisher_.access(name));
    return all;
}

}  // namespace patchlab::catalog
