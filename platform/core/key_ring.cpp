// SPDX-License-Identifier: Apache-2.0
#include "platform/core/key_ring.hpp"

#include <unistd.h>

#include <algorithm>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "platform/core/text.hpp"

namespace patchlab {

namespace {

constexpr std::string_view keys_schema = "patchlab/keys/v1";
constexpr const char* ring_file = "ring.json";
constexpr std::uint64_t max_documents_bytes = 64U << 20;

std::set<std::string> documents_in(const std::string& text) {
    std::set<std::string> documents;
    for (const std::string_view line : split_lines(text))
        if (!line.empty()) documents.emplace(line);
    return documents;
}

std::string text_of_documents(const std::set<std::string>& documents) {
    std::string text;
    for (const std::string& document : documents) text += document + "\n";
    return text;
}

/// Makes the folder, and waits for whoever changes the ring.
FileLock lock(const fs::path& folder) {
    make_folder(folder.parent_path(), 0700);
    make_folder(folder, 0700);
    return FileLock::acquire(folder / "lock");
}

}  // namespace

std::vector<RingKey> KeyRing::list() const {
    const auto text = read_file_if_any(folder_ / ring_file);
    if (!text) return {};
    const std::string where = (folder_ / ring_file).string();
    const Json document = parse_json(*text, where);
    const JsonReader json(document, where);
    json.expect_schema(keys_schema);
    std::vector<RingKey> keys;
    for (const JsonReader& item : json.objects("keys")) {
        keys.push_back({PublicKey::from_pem(item.string("public_key"), where),
                        item.string("created"), item.string_or("retired", ""),
                        item.string_or("revoked", "")});
        const std::string id = keys.back().key.id();
        if (id != item.string("id")) item.fail("id", "is not the id of this key");
        if (item.has("documents")) {
            const std::string listed = read_file(documents_file(id), max_documents_bytes);
            if (sha256_hex(listed) != item.string("documents"))
                item.fail("documents", "is not the digest of " + documents_file(id).string());
            keys.back().key = keys.back().key.retired_after(documents_in(listed));
        }
    }
    for (std::size_t i = 0; i < keys.size(); ++i)
        if (keys[i].retired.empty() != (i + 1 == keys.size()))
            json.fail("keys", "must end with the one current key");
    return keys;
}

std::vector<PublicKey> KeyRing::public_keys() const {
    std::vector<PublicKey> keys;
    for (const RingKey& key : list()) keys.push_back(key.key);
    return keys;
}

std::vector<PublicKey> KeyRing::public_keys_of_all_times() const {
    std::vector<PublicKey> keys;
    for (const RingKey& key : list()) keys.push_back(key.key.in_use());
    return keys;
}

void KeyRing::write(const std::vector<RingKey>& keys) const {
    Json list = Json::array();
    for (const RingKey& key : keys) {
        Json item{{"id", key.key.id()},
                  {"algorithm", "ed25519"},
                  {"public_key", key.key.pem()},
                  {"created", key.created},
                  {"retired", key.retired.empty() ? Json(nullptr) : Json(key.retired)}};
        if (!key.revoked.empty()) item["revoked"] = key.revoked;
        if (const std::set<std::string>* documents = key.key.documents())
            item["documents"] = sha256_hex(text_of_documents(*documents));
        list.push_back(std::move(item));
    }
    write_json(folder_ / ring_file, {{"schema", keys_schema}, {"keys", list}});
}

/// The secret first, the ring after it: a crash in between leaves a secret that no ring names,
/// which is of no use to anybody.
SecretKey KeyRing::make(std::vector<RingKey>& keys, const Clock& clock) const {
    SecretKey key = SecretKey::generate();
    write_secret_key(secret_file(key.public_key()), key);
    keys.push_back({key.public_key(), to_rfc3339(clock.now()), ""});
    write(keys);
    return key;
}

SecretKey KeyRing::current(const Clock& clock) const {
    return during("reading the signing key in " + folder_.string(), [&] {
        const FileLock held = lock(folder_);  // nobody makes or retires a key meanwhile
        std::vector<RingKey> keys = list();
        if (keys.empty()) return make(keys, clock);
        destroy_retired(keys);  // a crash may have kept one from it
        const fs::path file = secret_file(keys.back().key);
        if (!fs::exists(file))
            throw Error(ErrorCode::lab, "the secret key " + file.string() + " is gone",
                        "restore it from a backup, or make another with: patchlab key rotate");
        SecretKey key = read_secret_key(file);
        if (key.public_key() != keys.back().key)
            throw Error(ErrorCode::lab, file.string() + " is not the key that the ring names");
        return key;
    });
}

/// The documents before the ring that names their digest.
void KeyRing::remember(RingKey& key, const SignedDocuments& documents) const {
    if (!documents) return;
    key.key = key.key.retired_after(documents());
    write_file_atomic(documents_file(key.key.id()), text_of_documents(*key.key.documents()), 0600);
}

void KeyRing::retire(std::vector<RingKey>& keys, const Clock& clock,
                     const SignedDocuments& documents) const {
    if (!keys.empty()) {
        keys.back().retired = to_rfc3339(clock.now());
        if (!keys.back().key.is_retired()) remember(keys.back(), documents);
    }
    make(keys, clock);
    destroy_retired(keys);
}

void KeyRing::destroy_retired(const std::vector<RingKey>& keys) const {
    for (const RingKey& key : keys)
        if (!key.retired.empty()) ::unlink(secret_file(key.key).c_str());
}

RingKey KeyRing::rotate(const Clock& clock, const SignedDocuments& documents) const {
    return during("changing the signing key in " + folder_.string(), [&] {
        const FileLock held = lock(folder_);
        std::vector<RingKey> keys = list();
        for (RingKey& key : keys)  // those that earlier versions retired
            if (!key.retired.empty() && !key.key.is_retired()) remember(key, documents);
        retire(keys, clock, documents);
        return keys.back();
    });
}

RingKey KeyRing::revoke(const std::string& id, const Clock& clock,
                        const SignedDocuments& documents) const {
    return during("revoking a signing key in " + folder_.string(), [&] {
        const FileLock held = lock(folder_);
        std::vector<RingKey> keys = list();
        const auto revoked = std::find_if(keys.begin(), keys.end(),
                                          [&](const RingKey& key) { return key.key.id() == id; });
        if (revoked == keys.end())
            throw Error(ErrorCode::not_found, "there is no key '" + id + "'",
                        "see: patchlab key list");
        revoked->revoked = to_rfc3339(clock.now());
        const bool in_use = revoked->retired.empty();
        remember(*revoked, documents);
        if (in_use) retire(keys, clock, documents);
        else write(keys);
        return keys.back();
    });
}

}  // namespace patchlab
