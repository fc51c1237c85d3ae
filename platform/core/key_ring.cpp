// SPDX-License-Identifier: Apache-2.0
#include "platform/core/key_ring.hpp"

#include <unistd.h>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab {

namespace {

constexpr std::string_view keys_schema = "patchlab/keys/v1";
constexpr const char* ring_file = "ring.json";

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
                        item.string("created"), item.string_or("retired", "")});
        if (keys.back().key.id() != item.string("id")) item.fail("id", "is not the id of this key");
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

void KeyRing::write(const std::vector<RingKey>& keys) const {
    Json list = Json::array();
    for (const RingKey& key : keys)
        list.push_back({{"id", key.key.id()},
                        {"algorithm", "ed25519"},
                        {"public_key", key.key.pem()},
                        {"created", key.created},
                        {"retired", key.retired.empty() ? Json(nullptr) : Json(key.retired)}});
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

RingKey KeyRing::rotate(const Clock& clock) const {
    return during("changing the signing key in " + folder_.string(), [&] {
        const FileLock held = lock(folder_);
        std::vector<RingKey> keys = list();
        if (!keys.empty()) keys.back().retired = to_rfc3339(clock.now());
        make(keys, clock);
        for (std::size_t i = 0; i + 1 < keys.size(); ++i)
            ::unlink(secret_file(keys[i].key).c_str());
        return keys.back();
    });
}

}  // namespace patchlab
