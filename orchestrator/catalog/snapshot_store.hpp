// SPDX-License-Identifier: Apache-2.0
//
// Which snapshots of a channel were begun and which were published. A snapshot is recorded before
// it is built, so that whatever a crash leaves behind has a name. Thread safety: one a thread.
#pragma once

#include <string>
#include <vector>

#include "platform/store/database.hpp"

namespace patchlab::catalog {

///   building    begun; after a crash it is abandoned, or published when hosts see it already
///   published   hosts saw it
///   abandoned   nobody ever saw it
enum class SnapshotState { building, published, abandoned };
std::string_view name(SnapshotState state);

struct SnapshotRow {
    std::string channel, id, created;
    SnapshotState state = SnapshotState::building;
    std::string digest;  ///< sha256 of snapshot.json; empty while it is not known
};

class SnapshotStore {
  public:
    explicit SnapshotStore(store::Database& database) : database_(database) {}

    void begin(const std::string& channel, const std::string& id, const std::string& created);
    void set_digest(const std::string& channel, const std::string& id, const std::string& digest);
    /// Inside the caller's transaction.
    void end(const std::string& channel, const std::string& id, SnapshotState state);

    /// Newest first; `channel` empty: of all.
    std::vector<SnapshotRow> list(const std::string& channel = {});
    std::vector<SnapshotRow> building();
    /// Published ones, newest first, at most `count`.
    std::vector<SnapshotRow> published(const std::string& channel, std::size_t count);
    bool known(const std::string& channel, const std::string& id);

  private:
    store::Database& database_;
};

}  // namespace patchlab::catalog
