// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/pinned_users.hpp"

#include <algorithm>

#include "platform/core/attestation.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"

namespace patchlab::governance {

namespace {

constexpr std::string_view users_type = "urn:patchlab:users:v1";
constexpr const char* users_subject = "users";

Json pinned_json(const User& user) {
    Json keys = Json::array();
    for (const UserKey& key : user.keys)
        keys.push_back({{"id", key.key.id()},
                        {"custody", name(key.custody)},
                        {"added", key.added},
                        {"retired", key.retired.empty() ? Json(nullptr) : Json(key.retired)}});
    return {{"user", user.name}, {"keys", keys}};
}

PinnedKey pinned_key_from(const JsonReader& json) {
    return {json.string("id"), custody_from(json), json.string("added"),
            json.string_or("retired", "")};
}

}  // namespace

std::string users_document(Governance& house) {
    Json users = Json::array();
    for (const User& user : house.users.list()) users.push_back(pinned_json(user));
    return sign_statement({{{users_subject, sha256_hex(to_line(users))}},
                           std::string(users_type),
                           {{"time", house.now()}, {"users", users}}},
                          house.keys.current(house.clock));
}

PinnedUsers open_users(std::string_view text, std::string_view where,
                       const std::vector<PublicKey>& installation) {
    const Statement statement = open_statement(text, where, installation).statement;
    const JsonReader json(statement.predicate, std::string(where));
    if (statement.predicate_type != users_type)
        throw Error(ErrorCode::invalid, std::string(where) + " holds no users");
    if (statement.digest_of(users_subject) != sha256_hex(to_line(json.raw("users"))))
        json.fail("users", "are not those that the document is about");
    PinnedUsers pinned;
    pinned.time = json.string("time");
    for (const JsonReader& user : json.objects("users"))
        for (const JsonReader& key : user.objects("keys"))
            pinned.keys[user.string("user")].push_back(pinned_key_from(key));
    return pinned;
}

void expect_pinned(const Ruling& ruling, std::string_view where, const PinnedUsers& users) {
    const auto refuse = [&](const std::string& why) {
        throw Error(ErrorCode::refused, std::string(where) + ": " + why);
    };
    const std::string id = PublicKey::from_pem(ruling.key, where).id();
    const auto user = users.keys.find(ruling.author);
    if (user == users.keys.end())
        refuse(ruling.author + " was no user at " + users.time + ", when the users were pinned");
    const auto key = std::find_if(user->second.begin(), user->second.end(),
                                  [&](const PinnedKey& one) { return one.id == id; });
    if (key == user->second.end())
        refuse("its key " + id.substr(0, 16) + " is none of those that " + ruling.author +
               " had at " + users.time + ", when the users were pinned");
    if (key->custody != ruling.custody)
        refuse("its key is kept by " +
               std::string(key->custody == KeyCustody::own ? ruling.author : "patchlab") +
               ", unlike what it says");
    if (ruling.time < key->added || (!key->retired.empty() && ruling.time > key->retired))
        refuse("its key was not the one in use of " + ruling.author + " at " + ruling.time);
}

}  // namespace patchlab::governance
