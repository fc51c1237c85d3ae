// SPDX-License-Identifier: Apache-2.0
//
// The lab hosts that may work runs for this installation: added, listed, revoked.
#include "orchestrator/nodes/head/contents.hpp"
#include "orchestrator/nodes/head/registry.hpp"
#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "platform/core/error.hpp"

namespace patchlab::operations {

namespace {

Json node_json(const nodes::KnownNode& node, std::size_t delivered) {
    return {{"name", node.name},
            {"key", node.key.id()},
            {"state", node.revoked.empty() ? "active" : "revoked"},
            {"added", node.added},
            {"added_by", node.added_by},
            {"seen", or_null(node.seen)},
            {"revoked", or_null(node.revoked)},
            {"revoked_by", or_null(node.revoked_by)},
            {"reason", or_null(node.reason)},
            {"delivered", delivered}};
}

/// With what it handed in: whoever doubts a node looks at these runs again.
Json node_with_runs(nodes::NodeStore& store, const std::string& name, const char* schema) {
    Json runs = Json::array();
    for (const nodes::DeliveredRun& one : store.delivered_by(name))
        runs.push_back({{"run", one.run},
                        {"attempt", one.attempt},
                        {"evidence", or_null(one.evidence)},
                        {"time", one.time}});
    return {{"schema", schema}, {"node", node_json(store.get(name), runs.size())}, {"runs", runs}};
}

PublicKey key_of_request(const JsonReader& request) {
    const TextFile file = text_file(request, "public_key");
    const auto keys = public_keys_from_pem(file.text, file.file);
    if (keys.size() != 1)
        throw Error(ErrorCode::invalid, file.file + " holds several keys",
                    "give the file that `patchlab node init` wrote on that host");
    return keys.front();
}

Outcome add_node(Call& call, const JsonReader& request) {
    const std::string name = request.string("node");
    const PublicKey key = key_of_request(request);
    nodes::NodeStore store(call.session.database());
    const std::string now = to_rfc3339(call.session.clock().now());
    call.record({name, {{"key", key.id()}}}, [&] { store.add(name, key, call.actor.user, now); });
    return {{{"schema", "patchlab/node-added/v1"}, {"node", node_json(store.get(name), 0)}}};
}

Outcome list_nodes(Call& call, const JsonReader&) {
    nodes::NodeStore store(call.session.database());
    auto delivered = store.deliveries_by_node();
    Json list = Json::array();
    for (const nodes::KnownNode& node : store.list())
        list.push_back(node_json(node, delivered[node.name]));
    return {{{"schema", "patchlab/nodes/v1"}, {"nodes", list}}};
}

Outcome show_node(Call& call, const JsonReader& request) {
    nodes::NodeStore store(call.session.database());
    return {node_with_runs(store, request.string("node"), "patchlab/node-shown/v1")};
}

Outcome revoke_node(Call& call, const JsonReader& request) {
    const std::string name = request.string("node");
    const std::string reason = request.string("reason");
    nodes::NodeStore store(call.session.database());
    const std::string now = to_rfc3339(call.session.clock().now());
    const Json detail{{"key", store.get(name).key.id()}, {"reason", reason}};
    call.record({name, detail}, [&] { store.revoke(name, call.actor.user, reason, now); });
    nodes::forget_contents(call.session.state(), name);
    return {node_with_runs(store, name, "patchlab/node-revoked/v1")};
}

}  // namespace

std::vector<Operation> node_operations() {
    return {
        {"node.add", "Let a lab host work runs, by its public key", Kind::write,
         administrators("add a node"), add_node, "node"},
        {"node.list", "List the lab hosts that may work runs, the revoked ones too", Kind::read,
         anyone(), list_nodes},
        {"node.show", "Show a lab host and the runs whose evidence it handed in", Kind::read,
         anyone(), show_node, "node"},
        {"node.revoke", "Refuse a lab host from now on; shows what it handed in before",
         Kind::write, administrators("revoke a node"), revoke_node, "node"},
    };
}

}  // namespace patchlab::operations
