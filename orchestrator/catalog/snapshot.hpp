// SPDX-License-Identifier: Apache-2.0
//
// A snapshot: what a channel offered from a moment on. A folder that is written once, with
// everything that hosts fetch, a list of all its files with their sha256, and a signature over that
// list. Schema patchlab/channel/v1 (docs/formats/channel.md).
//   snapshot.json        this value
//   snapshot.dsse.json   its signature, by the catalog's key
//   dists/ pool/         the apt repository
//   rpm/                 the rpm repository, when the channel ever held an rpm package
// Values and pure functions; thread-safe as such.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/catalog/composition.hpp"
#include "orchestrator/catalog/verify.hpp"
#include "platform/core/clock.hpp"
#include "platform/core/json_fwd.hpp"
#include "platform/core/signing.hpp"

namespace patchlab::catalog {

struct SnapshotEntry {
    std::string id;
    EntryState state = EntryState::offered;  ///< when it was published
    std::string sha256;                      ///< of its entry.json
};

struct SnapshotFile {
    std::string path;  ///< relative, '/' between its parts
    std::uint64_t bytes = 0;
    std::string sha256;
    bool carried =
        false;  ///< of an earlier snapshot: for hosts that are in the middle of reading that one
};

struct Snapshot {
    std::string channel;
    std::string id;           ///< "20261123T120000Z"
    std::string created;      ///< RFC 3339
    std::string valid_until;  ///< RFC 3339: hosts trust it until then; empty: for ever (of old)
    std::string previous;     ///< id of the one before; empty: the first
    std::vector<SnapshotEntry> entries;
    std::vector<ChannelPackage> packages;
    std::vector<SnapshotFile> files;  ///< sorted by path; all but the two above
};

Json to_json(const Snapshot& snapshot);
/// Error(invalid).
Snapshot snapshot_from_json(const Json& json, const std::string& where = "snapshot.json");
/// The published JSON Schema (2020-12).
std::string_view snapshot_schema();

/// Fills `files` from the folder, writes and signs snapshot.json, makes files read-only and
/// everything durable. Gives the sha256 of snapshot.json. `carried`: paths of earlier snapshots in
/// it.
std::string seal_snapshot(Snapshot& snapshot, const std::filesystem::path& folder,
                          const std::vector<std::string>& carried, const SecretKey& key);

/// Everything that does not hold about a snapshot's folder; empty: it is as it was signed. Never
/// throws for what is wrong with it.
std::vector<Refusal> verify_snapshot(const std::filesystem::path& folder, const Trust& trust,
                                     const std::string& channel);

/// How long hosts trust a snapshot: a mirror that goes on serving an old one is found out then.
inline constexpr Seconds snapshot_validity{14 * 86400};
/// When it is due to be published again although nothing changed.
inline constexpr Seconds snapshot_renewal{7 * 86400};

/// True when less than snapshot_renewal of its validity is left.
bool is_ageing(const Snapshot& snapshot, TimePoint now);

/// True when both offer the same, whenever they were made.
bool same_content(const Snapshot& a, const Snapshot& b);

}  // namespace patchlab::catalog
