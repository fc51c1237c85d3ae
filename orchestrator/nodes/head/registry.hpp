// SPDX-License-Identifier: Apache-2.0
//
// The lab hosts that the head knows, each by the public key of its own, and what each delivered.
// Who changes it records that in the same transaction. Thread safety: one a thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/nodes/link/handshake.hpp"
#include "platform/store/database.hpp"

namespace patchlab::nodes {

/// Evidence that a node handed in and the head countersigned.
struct DeliveredRun {
    std::string run;
    int attempt = 0;
    std::string node;
    std::string key_id;    ///< of the node
    std::string evidence;  ///< sha256 of manifest.json; empty: a run that only prepared a lab
    std::string time;
};

class NodeStore {
  public:
    explicit NodeStore(store::Database& database) : database_(database) {}

    /// By name; the revoked ones last.
    std::vector<KnownNode> list();
    std::optional<KnownNode> find(const std::string& name);
    /// Error(not_found).
    KnownNode get(const std::string& name);
    /// Error(conflict) when the name or the key is or was another node's: a revoked name stays
    /// taken, so that what it delivered is never taken for a later node's.
    void add(const std::string& name, const PublicKey& key, const std::string& by,
             const std::string& time);
    /// Error(conflict) when it is revoked already.
    void revoke(const std::string& name, const std::string& by, const std::string& reason,
                const std::string& time);
    void note_seen(const std::string& name, const std::string& time);

    /// Once for each attempt; again with the same evidence is no change.
    void note_delivery(const DeliveredRun& delivered);
    /// Of one node, or of all (empty); newest first.
    std::vector<DeliveredRun> delivered_by(const std::string& node);
    /// How many each node handed in; of a node without any, nothing is said.
    std::map<std::string, std::size_t> deliveries_by_node();
    std::optional<DeliveredRun> delivery_of(const std::string& run);

  private:
    store::Database& database_;
};

/// Error(usage) unless it is [a-z0-9][a-z0-9.-]*, at most 63 characters.
void check_node_name(const std::string& name);

std::vector<store::Migration> migrations();

}  // namespace patchlab::nodes
