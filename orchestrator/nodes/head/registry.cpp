// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/nodes/head/registry.hpp"

#include <algorithm>

namespace patchlab::nodes {

namespace {

constexpr std::string_view node_tables = R"sql(
CREATE TABLE nodes (
    name       TEXT PRIMARY KEY,
    key_id     TEXT NOT NULL UNIQUE,
    key        TEXT NOT NULL,
    added      TEXT NOT NULL,
    added_by   TEXT NOT NULL,
    revoked    TEXT,
    revoked_by TEXT,
    reason     TEXT,
    seen       TEXT
) STRICT;
CREATE TABLE node_deliveries (
    run      TEXT NOT NULL,
    attempt  INTEGER NOT NULL,
    node     TEXT NOT NULL REFERENCES nodes(name),
    key_id   TEXT NOT NULL,
    evidence TEXT NOT NULL,
    time     TEXT NOT NULL,
    PRIMARY KEY (run, attempt)
) STRICT;
)sql";

KnownNode node_from(const store::Row& row) {
    return {row.text("name"),
            PublicKey::from_pem(row.text("key"), "the key of node " + row.text("name")),
            row.text("added"),
            row.text("added_by"),
            row.text_or_null("revoked").value_or(""),
            row.text_or_null("revoked_by").value_or(""),
            row.text_or_null("reason").value_or(""),
            row.text_or_null("seen").value_or("")};
}

DeliveredRun delivery_from(const store::Row& row) {
    return {row.text("run"),      static_cast<int>(row.integer("attempt")),
            row.text("node"),     row.text("key_id"),
            row.text("evidence"), row.text("time")};
}

}  // namespace

std::vector<store::Migration> migrations() { return {{"nodes", 1, node_tables}}; }

void check_node_name(const std::string& name) {
    const auto small_or_digit = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    };
    const bool good = !name.empty() && name.size() <= 63 && small_or_digit(name.front()) &&
                      std::all_of(name.begin(), name.end(), [&](char c) {
                          return small_or_digit(c) || c == '.' || c == '-';
                      });
    if (!good)
        throw Error(ErrorCode::usage, "'" + name + "' is not a name for a node",
                    "use small letters, digits, '.' and '-', as in a host's name");
}

std::vector<KnownNode> NodeStore::list() {
    std::vector<KnownNode> all;
    for (const store::Row& row :
         database_.query("SELECT * FROM nodes ORDER BY revoked IS NOT NULL, name"))
        all.push_back(node_from(row));
    return all;
}

std::optional<KnownNode> NodeStore::find(const std::string& name) {
    const auto row = database_.query_one("SELECT * FROM nodes WHERE name = ?", {name});
    if (!row) return std::nullopt;
    return node_from(*row);
}

KnownNode NodeStore::get(const std::string& name) {
    if (auto node = find(name)) return *node;
    throw Error(ErrorCode::not_found, "there is no node '" + name + "'", "see: patchlab node list");
}

void NodeStore::add(const std::string& name, const PublicKey& key, const std::string& by,
                    const std::string& time) {
    check_node_name(name);
    if (const auto before = find(name))
        throw Error(ErrorCode::conflict,
                    before->revoked.empty() ? "there is a node '" + name + "' already"
                                            : "node '" + name + "' was revoked",
                    "add the host under another name");
    if (const auto row = database_.query_one("SELECT name FROM nodes WHERE key_id = ?", {key.id()}))
        throw Error(ErrorCode::conflict, "that is the key of node '" + row->text("name") + "'",
                    "each host makes a key of its own: patchlab node init");
    database_.execute(
        "INSERT INTO nodes (name, key_id, key, added, added_by) VALUES (?, ?, ?, ?, ?)",
        {name, key.id(), key.pem(), time, by});
}

void NodeStore::revoke(const std::string& name, const std::string& by, const std::string& reason,
                       const std::string& time) {
    if (const KnownNode node = get(name); !node.revoked.empty())
        throw Error(ErrorCode::conflict,
                    "node '" + name + "' was revoked on " + node.revoked + " already");
    database_.execute("UPDATE nodes SET revoked = ?, revoked_by = ?, reason = ? WHERE name = ?",
                      {time, by, reason, name});
}

void NodeStore::note_seen(const std::string& name, const std::string& time) {
    database_.execute("UPDATE nodes SET seen = ? WHERE name = ?", {time, name});
}

void NodeStore::note_delivery(const DeliveredRun& delivered) {
    database_.execute(
        "INSERT OR IGNORE INTO node_deliveries (run, attempt, node, key_id, evidence, time) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        {delivered.run, delivered.attempt, delivered.node, delivered.key_id, delivered.evidence,
         delivered.time});
}

std::vector<DeliveredRun> NodeStore::delivered_by(const std::string& node) {
    std::vector<DeliveredRun> all;
    for (const store::Row& row : database_.query(
             "SELECT * FROM node_deliveries WHERE ?1 = '' OR node = ?1 ORDER BY time DESC, run",
             {node}))
        all.push_back(delivery_from(row));
    return all;
}

std::map<std::string, std::size_t> NodeStore::deliveries_by_node() {
    std::map<std::string, std::size_t> all;
    for (const store::Row& row :
         database_.query("SELECT node, count(*) AS runs FROM node_deliveries GROUP BY node"))
        all[row.text("node")] = static_cast<std::size_t>(row.integer("runs"));
    return all;
}

std::optional<DeliveredRun> NodeStore::delivery_of(const std::string& run) {
    const auto row = database_.query_one(
        "SELECT * FROM node_deliveries WHERE run = ? ORDER BY attempt DESC", {run});
    if (!row) return std::nullopt;
    return delivery_from(*row);
}

}  // namespace patchlab::nodes
