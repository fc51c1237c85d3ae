// SPDX-License-Identifier: Apache-2.0
//
// The installation's own keys: they sign evidence, countersign decisions and sign the head of the
// audit trail.
#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/nouns.hpp"

namespace patchlab::operations {

namespace {

Json key_json(const RingKey& key) {
    return {{"id", key.key.id()},
            {"algorithm", "ed25519"},
            {"public_key", key.key.pem()},
            {"created", key.created},
            {"retired", or_null(key.retired)}};
}

Outcome list_keys(Call& call, const JsonReader&) {
    Json keys = Json::array();
    for (const RingKey& key : installation_keys(call.session.state()).list())
        keys.push_back(key_json(key));
    return {{{"schema", "patchlab/key-list/v1"}, {"keys", keys}}};
}

/// All public keys, so that what was signed before a rotation verifies with the same file.
Outcome export_keys(Call& call, const JsonReader&) {
    const KeyRing ring = installation_keys(call.session.state());
    ring.current(call.session.clock());  // made at first use
    std::string text;
    for (const RingKey& key : ring.list())
        text += "# patchlab, installation, key " + key.key.id() + ", since " + key.created +
                (key.retired.empty() ? "" : ", retired " + key.retired) + "\n" + key.key.pem();
    return {{{"schema", "patchlab/public-keys/v1"}, {"text", text}}};
}

Outcome rotate_key(Call& call, const JsonReader&) {
    governance::Governance& house = call.session.governance();
    const RingKey key = house.keys.rotate(call.session.clock());
    house.audit.append({call.actor, "key-rotated", key.key.id(), {}});
    return {key_json(key)};
}

}  // namespace

std::vector<Operation> key_operations() {
    return {
        {"key.list", "List the installation's keys, the retired ones too", Kind::read, anyone(),
         list_keys},
        {"key.export", "Give the installation's public keys (PEM)", Kind::read, anyone(),
         export_keys},
        {"key.rotate",
         "Make a new key and destroy the secret of the old one",
         Kind::write,
         {{governance::Role::admin}, "rotate the installation's key"},
         rotate_key},
    };
}

}  // namespace patchlab::operations
