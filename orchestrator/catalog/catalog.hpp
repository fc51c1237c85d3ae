// SPDX-License-Identifier: Apache-2.0
//
// The catalog of one state folder, as doors and rollouts open it: entries are made of approved
// runs, promoted into channels, published, superseded and taken back. Every change is in the audit
// trail. It borrows governance and the command runner.
//
// Adding waits for a publish, taking away does not: promote() only says what the next snapshot
// holds; withdraw(), quarantine() and recall() publish every channel that offers the entry at once.
// Thread safety: one a thread; several processes may use one catalog (publishing takes turns).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/catalog/entry_store.hpp"
#include "orchestrator/catalog/host_lookup.hpp"
#include "orchestrator/catalog/publisher.hpp"
#include "orchestrator/catalog/standing.hpp"
#include "orchestrator/catalog/verify.hpp"
#include "orchestrator/governance/governance.hpp"
#include "platform/process/command.hpp"

namespace patchlab::catalog {

/// One package file of an entry, to be installed by exactly this version.
struct ExactPackage {
    std::string name, architecture, format, version, sha256;
    std::filesystem::path file;  ///< read-only, in the entry's folder
};

/// What taking an entry back did.
struct TakenBack {
    std::vector<Published> published;           ///< one for each channel that offered it
    std::vector<std::string> offered_again;     ///< "nginx 1.22.1-9+deb12u9 in ring-0"
    std::vector<std::string> without_way_back;  ///< packages that have no older version to offer
    std::optional<std::vector<std::string>> hosts;  ///< that have it; nullopt: unknown
    std::size_t unknown_hosts = 0;                  ///< of so many nothing current is known
};

class Catalog {
  public:
    Catalog(governance::Governance& house, process::CommandRunner& runner, const HostLookup& hosts);

    Catalog(const Catalog&) = delete;
    Catalog& operator=(const Catalog&) = delete;

    EntryStore& entries() { return entries_; }

    /// Makes the entry of a run that the policy in force lets through. `old_files`: exact old
    /// packages that the patch itself does not hold. Error(conflict) when the run has one;
    /// Error(refused) naming each requirement that is not satisfied, and each file that is not what
    /// the evidence tested.
    Entry make(const governance::Actor& actor, const std::string& run,
               const std::vector<std::filesystem::path>& old_files = {});

    /// Whether an entry may be deployed now: its whole chain, that it is not taken back, and that
    /// nothing decided later speaks against it. Empty: it may.
    std::vector<Refusal> verify(const std::string& id);
    /// How it stands, without reading its packages. Error(not_found); what is wrong with its folder
    /// is an objection.
    Standing standing(const std::string& id);

    std::vector<ExactPackage> forward(const std::string& id);
    /// Every old version that the entry keeps; a package may have several.
    std::vector<ExactPackage> back(const std::string& id);

    /// The policy is asked again. Entries that offer nothing newer than this one become superseded.
    /// Error(conflict) when the channel offers something newer. Gives the superseded ones.
    std::vector<std::string> promote(const governance::Actor& actor, const std::string& id,
                                     const std::string& channel);
    /// Promotes `newer` into every channel that `older` stands in. Gives those channels.
    std::vector<std::string> supersede(const governance::Actor& actor, const std::string& older,
                                       const std::string& newer);
    Published publish(const governance::Actor& actor, const std::string& channel,
                      bool may_be_empty = false);
    /// Publishes what the channel offers once more, so that hosts go on trusting it.
    Published refresh(const governance::Actor& actor, const std::string& channel);
    TakenBack withdraw(const governance::Actor& actor, const std::string& id,
                       const std::string& reason);
    /// As withdraw(), because lab and production disagree. May be called again; asks for no role,
    /// for it only takes away.
    TakenBack quarantine(const governance::Actor& actor, const std::string& id,
                         const std::string& reason);

    /// As withdraw(), because a rollout that went well goes back: nothing speaks against the entry,
    /// and release() offers it again. What was taken back for good stays so.
    TakenBack recall(const governance::Actor& actor, const std::string& id,
                     const std::string& reason);
    /// Offers a recalled entry again, in the channels where it stood; hosts see it after a publish.
    /// Error(conflict) unless it is recalled; Error(refused) when its chain does not hold.
    void release(const governance::Actor& actor, const std::string& id, const std::string& reason);

    /// What the next publish would change for hosts; changes nothing.
    Preview preview(const std::string& channel) { return publisher_.preview(channel); }
    /// What hosts need to follow a channel.
    ChannelAccess channel(const std::string& name) { return publisher_.access(name); }
    std::vector<ChannelAccess> channels();

    /// What is offered in a channel, against its signature and against what the store says was
    /// published last. Empty: all is well.
    std::vector<Refusal> verify_channel(const std::string& name) { return publisher_.verify(name); }
    std::vector<SnapshotRow> snapshots(const std::string& channel) {
        return publisher_.snapshots(channel);
    }
    /// The public key of the repositories, made now when there is none.
    std::string repository_key(bool armoured) { return publisher_.key().public_key(armoured); }
    /// Removes what killed processes left behind, and tells it.
    std::vector<std::string> reap();

  private:
    TakenBack take_back(const governance::Actor& actor, const std::string& id, EntryState state,
                        const std::string& reason);
    void refuse_objections(const Entry& entry);
    void describe_way_back(const std::string& id, TakenBack& result);
    void settle_states();
    std::vector<Candidate> candidates(const std::string& channel);
    std::vector<std::string> clear_leftovers();
    std::vector<ExactPackage> files_of(const std::string& id, bool forward);

    governance::Governance& house_;
    governance::Actor acting_;  ///< for whom snapshots are recorded
    EntryStore entries_;
    Publisher publisher_;
    const HostLookup& hosts_;
};

}  // namespace patchlab::catalog
