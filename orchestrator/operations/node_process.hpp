// SPDX-License-Identifier: Apache-2.0
//
// What the processes of nodes and of their head do: no operations, because they act on a lab host
// that has no users, or for a node that is no user (orchestrator/nodes).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/operations/session.hpp"
#include "platform/core/json_fwd.hpp"

namespace patchlab::operations {

/// How a lab host is set up; what is not given stays as it was, or as usual.
struct NodeSetup {
    std::string name;
    std::string head;       ///< its address
    std::string head_keys;  ///< PEM
    std::string files;      ///< address of a web server
    std::optional<std::uint64_t> cache_bytes, keep_free;
    std::vector<std::string> drain;
};
/// Writes node.json and makes the host's key, if there is none. Gives {schema, node, head, key,
/// public_key}. Error(conflict) when the host has another name already.
Json set_up_node(Session& session, const NodeSetup& setup);

/// What this host can do as a node: {schema, node, ready, problems, …}.
Json check_node(Session& session);

/// Calls the program that takes this host out of service. Error(usage) when none is set up.
void take_node_out(Session& session, const std::string& reason);

/// Works one attempt of a run for the head and gives the exit code. `head`: an address instead of
/// the one of node.json; may be empty.
int work_for_head(Session& session, const std::string& head, const std::string& run, int attempt);

/// Serves nodes of this state: the one at standard input and output, or all that connect to the
/// socket at `listen`, until the process is ended. `only`: the one node that may call; empty: each.
void serve_nodes(Session& session, const std::string& listen, const std::string& only);

}  // namespace patchlab::operations
