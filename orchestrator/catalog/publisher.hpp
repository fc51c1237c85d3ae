// SPDX-License-Identifier: Apache-2.0
//
// Publishing a channel: every entry is verified, a snapshot is built and signed beside what is
// offered, and one rename of a link offers it. Whenever the process dies, hosts see the snapshot
// before or the new one, whole; what is left behind is removed by the next publish.
//   catalog/work/                         where snapshots are built
//   catalog/public/patchlab.asc           the public key of the repositories
//   catalog/public/CHANNEL/ID/            snapshots
//   catalog/public/CHANNEL/current → ID   what is offered
// Thread safety: one a thread; several processes take turns.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/catalog/access.hpp"
#include "orchestrator/catalog/composition.hpp"
#include "orchestrator/catalog/entry_store.hpp"
#include "orchestrator/catalog/openpgp_key.hpp"
#include "orchestrator/catalog/snapshot.hpp"
#include "orchestrator/catalog/snapshot_store.hpp"
#include "orchestrator/catalog/standing.hpp"
#include "orchestrator/catalog/verify.hpp"
#include "platform/core/clock.hpp"
#include "platform/core/key_ring.hpp"
#include "platform/process/command.hpp"

namespace patchlab::catalog {

/// Fail points "publish-NAME", in the order in which a publish passes them.
inline constexpr std::array<std::string_view, 8> publish_points{
    "locked",     ///< nothing was changed
    "begun",      ///< the snapshot's id is recorded as being built
    "built",      ///< the repositories stand in the work folder
    "sealed",     ///< listed, signed, read-only and durable there
    "moved",      ///< stands among the channel's snapshots, not offered yet
    "linked",     ///< the new link stands beside the old one
    "switched",   ///< hosts see the new snapshot, the store does not know yet
    "recorded"};  ///< the store knows

struct Published {
    std::string channel;
    std::string snapshot;  ///< id
    std::string digest;    ///< sha256 of its snapshot.json
    bool changed = true;   ///< false: the channel offered exactly this already
    std::size_t packages = 0;
    std::vector<std::string>
        notes;  ///< what a person should know: "the old versions of entry 'e-1' are not offered: …"
};

/// What the next publish would change for hosts.
struct Preview {
    bool published = false;  ///< false: hosts see nothing yet
    std::vector<ChannelPackage> adds, removes;
    std::size_t keeps = 0;
    std::vector<std::string> notes;
};

/// How a channel is published.
struct PublishOptions {
    bool may_be_empty = false;  ///< also one that never held an entry
    bool taking_away = false;   ///< an entry was taken back: nobody may be kept from that by what
                                ///< is wrong with another one, which stays as it was offered
    bool renew = false;         ///< also when nothing changed: its validity begins anew
};

class Publisher {
  public:
    /// Called with what was published and with the change of the store that records it, which it
    /// must do (together with the audit row).
    using Record =
        std::function<void(const Published& published, const std::function<void()>& change)>;

    /// What was decided about an entry after it was made (standing.hpp).
    using AskLater = std::function<std::vector<Objection>(const Entry& entry)>;
    /// Called once for a publish: what the answers have in common is read once.
    using BeginToAsk = std::function<AskLater()>;

    Publisher(const std::filesystem::path& state, store::Database& database,
              process::CommandRunner& runner, const Clock& clock, Record record,
              BeginToAsk later = {});

    /// Error(refused) naming every entry and file that is not what was signed, and every entry that
    /// a later decision speaks against; Error(not_found) for a channel that never held an entry,
    /// unless `may_be_empty`. Publishes nothing then.
    Published publish(const std::string& channel, const PublishOptions& options = {});

    /// What publish() would offer, beside what is offered now; changes nothing. The same errors.
    Preview preview(const std::string& channel);

    ChannelAccess access(const std::string& channel);
    /// Every channel that holds an entry or was published, by name.
    std::vector<std::string> channels();
    std::vector<SnapshotRow> snapshots(const std::string& channel) {
        return snapshots_.list(channel);
    }
    /// What is offered, against its signature and against what the store says was offered last.
    std::vector<Refusal> verify(const std::string& channel);

    /// The newest version of this package that the channel offers now; empty: none.
    std::string offered_version(const std::string& channel, const EntryPackage& package);

    /// Removes what a killed publish left, and tells it. What another process is publishing now is
    /// left alone.
    std::vector<std::string> reap();

    /// The key that signs the repositories.
    OpenPgpKey key() const;

  private:
    /// What a snapshot is made of, verified.
    struct Content {
        std::vector<SnapshotEntry> entries;
        Composition composition;
        /// sha256 → a file of a live entry, or an old version of one that was taken back
        std::map<std::string, std::filesystem::path> files;
        /// of the packages, by family; without those that fit every machine
        std::map<std::string, std::set<std::string>, std::less<>> architectures;
    };
    Content content_of(const std::string& channel, bool taking_away,
                       std::vector<std::string>& notes);
    bool offers_still(const Snapshot& offered, const Snapshot& next);
    std::vector<std::string> recover();
    std::string free_id(const std::string& channel);
    void build(const Snapshot& snapshot, const Content& content, const std::filesystem::path& work,
               const std::filesystem::path& out);
    std::vector<std::string> carry_over(const Content& content, const std::string& channel,
                                        const std::filesystem::path& out);
    void offer(const std::string& channel, const std::string& id);
    std::optional<Snapshot> current(const std::string& channel);
    std::filesystem::path home(const std::string& channel) const { return public_ / channel; }

    std::filesystem::path state_, work_, public_;
    process::CommandRunner& runner_;
    const Clock& clock_;
    Record record_;
    BeginToAsk later_;
    EntryStore entries_;
    SnapshotStore snapshots_;
    KeyRing keys_;
};

/// The ring that signs entries and snapshots.
KeyRing catalog_keys(const std::filesystem::path& state);

}  // namespace patchlab::catalog
