// SPDX-License-Identifier: Apache-2.0
//
// The installation's own keys: they sign evidence, countersign decisions and sign the head of the
// audit trail.
#include <functional>
#include <optional>

#include "orchestrator/governance/pinned_users.hpp"
#include "orchestrator/governance/signed_documents.hpp"
#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "platform/core/error.hpp"

namespace patchlab::operations {

namespace {

Json key_json(const RingKey& key) {
    return {{"id", key.key.id()},
            {"algorithm", "ed25519"},
            {"public_key", key.key.pem()},
            {"created", key.created},
            {"retired", or_null(key.retired)},
            {"revoked", or_null(key.revoked)}};
}

Outcome list_keys(Call& call, const JsonReader&) {
    Json keys = Json::array();
    for (const RingKey& key : installation_keys(call.session.state()).list())
        keys.push_back(key_json(key));
    return {{{"schema", "patchlab/key-list/v1"}, {"keys", keys}}};
}

/// All public keys, so that what was signed before a rotation verifies with the same file; or the
/// users and theirs.
Outcome export_keys(Call& call, const JsonReader& request) {
    if (request.boolean_or("users", false))
        return {{{"schema", "patchlab/public-keys/v1"},
                 {"text", governance::users_document(call.session.governance())}}};
    const KeyRing ring = installation_keys(call.session.state());
    ring.current(call.session.clock());  // made at first use
    std::string text;
    for (const RingKey& key : ring.list())
        text += "# patchlab, installation, key " + key.key.id() + ", since " + key.created +
                (key.retired.empty() ? "" : ", retired " + key.retired) +
                (key.revoked.empty() ? "" : ", revoked " + key.revoked) + "\n" +
                pem_with_documents(key.key);
    return {{{"schema", "patchlab/public-keys/v1"}, {"text", text}}};
}

/// The ring is changed first, so that the row is signed with the new key. A crash between the two
/// leaves a change without its row, which the next row makes up for.
Outcome change_key(Call& call, const std::string& action, Json detail,
                   const std::function<RingKey(governance::Governance&)>& change) {
    governance::Governance& house = call.session.governance();
    house.keys.current(house.clock);  // made at first use
    house.audit.expect_intact();
    std::optional<RingKey> key;
    house.database.transaction([&] {
        detail["retired"] = house.keys.list().back().key.id();
        key = change(house);
        house.audit.append_inside({call.actor, action, key->key.id(), detail});
    });
    return {key_json(*key)};
}

Outcome rotate_key(Call& call, const JsonReader&) {
    return change_key(call, "key-rotated", Json::object(), [](governance::Governance& house) {
        return house.keys.rotate(house.clock, [&] { return governance::signed_documents(house); });
    });
}

/// The key that is meant: by the beginning of its id, or the one in use.
std::string key_named(governance::Governance& house, const std::string& word) {
    std::vector<std::string> meant;
    const std::vector<RingKey> ring = house.keys.list();
    for (const RingKey& key : ring)
        if (word.empty() ? &key == &ring.back() : key.key.id().starts_with(word))
            meant.push_back(key.key.id());
    if (meant.size() != 1)
        throw Error(
            ErrorCode::not_found,
            (meant.empty() ? "there is no key '" : "several keys begin with '") + word + "'",
            "see: patchlab key list");
    return meant.front();
}

Outcome revoke_key(Call& call, const JsonReader& request) {
    governance::Governance& house = call.session.governance();
    house.keys.current(house.clock);
    const std::string id = key_named(house, request.string_or("key", ""));
    const std::string since =
        to_rfc3339(request.has("since") ? from_rfc3339(request.string("since"))
                                        : house.clock.now() + std::chrono::seconds(1));
    const Json detail{{"revoked", id}, {"since", since}, {"reason", request.string("reason")}};
    return change_key(call, "key-revoked", detail, [&](governance::Governance& inside) {
        return inside.keys.revoke(id, inside.clock,
                                  [&] { return governance::documents_on_record(inside, since); });
    });
}

}  // namespace

std::vector<Operation> key_operations() {
    return {
        {"key.list", "List the installation's keys, the retired ones too", Kind::read, anyone(),
         list_keys},
        {"key.export", "Give the installation's public keys (PEM)", Kind::read, anyone(),
         export_keys},
        {"key.rotate", "Make a new key and destroy the secret of the old one", Kind::write,
         administrators("rotate the installation's key"), rotate_key},
        {"key.revoke", "Let a stolen key count for nothing but what the audit trail named before",
         Kind::write, administrators("revoke the installation's key"), revoke_key},
    };
}

}  // namespace patchlab::operations
