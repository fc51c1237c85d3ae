// SPDX-License-Identifier: Apache-2.0
//
// The entries of the catalog: folders that are written once, and where each entry is. The folder is
// the truth about what an entry holds; the store keeps its state and in which channels it stands.
// Thread safety: one a thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "orchestrator/catalog/entry.hpp"
#include "platform/core/clock.hpp"
#include "platform/store/database.hpp"
#include "platform/store/selection.hpp"

namespace patchlab::catalog {

struct EntryStatus {
    EntryState state = EntryState::offered;
    std::string reason;   ///< why it was withdrawn or quarantined; which entry superseded it
    std::string changed;  ///< RFC 3339
    std::vector<std::string> channels;
};

class EntryStore {
  public:
    EntryStore(std::filesystem::path state, store::Database& database)
        : folder_(std::move(state) / "catalog" / "entries"), database_(database) {}

    /// The next id of the day, "e-20261123-0001"; nothing is recorded.
    std::string free_id(TimePoint now);
    /// Moves a complete folder in (read-only from here on) and records it as offered.
    /// Error(conflict) when the id is taken.
    void add(const Entry& entry, const std::filesystem::path& folder, TimePoint now);

    /// Newest first.
    std::vector<Entry> list();
    /// Of the table catalog_entries.
    std::vector<Entry> list(const store::Selection& selection);
    /// Error(not_found). Reads entry.json; checks no signature (see verify.hpp).
    Entry get(const std::string& id);
    /// The entry made of a run, if any; empty otherwise.
    std::string of_run(const std::string& run);
    std::filesystem::path folder(const std::string& id) const { return folder_ / id; }

    EntryStatus status(const std::string& id);
    /// A withdrawn or quarantined entry never becomes offered again (Error(conflict)): a new run
    /// makes a new entry. A recalled one may.
    void set_state(const std::string& id, EntryState state, const std::string& reason,
                   TimePoint now);

    void add_to_channel(const std::string& id, const std::string& channel, TimePoint now);
    /// Ids in the order in which they came in.
    std::vector<std::string> in_channel(const std::string& channel);
    /// Those that were taken back: withdrawn, quarantined or recalled; oldest first.
    std::vector<std::string> taken_back();
    /// Every channel that ever held an entry, by name.
    std::vector<std::string> channels();

  private:
    std::filesystem::path folder_;
    store::Database& database_;
};

/// The tables of entries, of what stands in which channel, and of the channels' snapshots.
std::vector<store::Migration> migrations();

}  // namespace patchlab::catalog
