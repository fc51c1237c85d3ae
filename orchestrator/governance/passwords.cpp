// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/passwords.hpp"

#include <set>

#include "orchestrator/governance/sessions.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/secret.hpp"

namespace patchlab::governance {

namespace {

constexpr std::size_t shortest_password = 12, longest_password = 1024, fewest_characters = 5;
constexpr const char* password_action = "user-password";

/// Nobody's: what is compared with when there is no such user.
const std::string& nobodys_hash() {
    static const std::string hash = hash_password(random_text(32));
    return hash;
}

/// The digest of the hash that the trail named last.
std::string recorded_digest(Governance& house, const std::string& user) {
    const auto row = house.database.query_one(
        "SELECT detail FROM governance_audit WHERE subject = ? AND action = ? ORDER BY seq DESC "
        "LIMIT 1",
        {user, std::string(password_action)});
    if (!row) return {};
    const Json detail = parse_json(row->text("detail"), "the audit trail", 1U << 20);
    return JsonReader(detail, "the audit trail").string_or("hash", "");
}

}  // namespace

void check_password(const std::string& user, const std::string& password) {
    const auto refuse = [](const std::string& why) {
        throw Error(ErrorCode::invalid, "this password " + why,
                    "a sentence of four or five words is long and easily remembered");
    };
    if (password.size() < shortest_password)
        refuse("is shorter than " + std::to_string(shortest_password) + " characters");
    if (password.size() > longest_password)
        refuse("is longer than " + std::to_string(longest_password) + " bytes");
    if (std::set<char>(password.begin(), password.end()).size() < fewest_characters)
        refuse("repeats a few characters");
    if (user.size() >= 4 && password.find(user) != std::string::npos)
        refuse("holds the name of the user");
}

void PasswordStore::set(const Actor& actor, const std::string& user, const std::string& password) {
    const User known = house_.users.get(user);
    if (!known.active()) throw Error(ErrorCode::conflict, "user '" + user + "' was removed");
    check_password(known.name, password);
    const std::string hash = hash_password(password);
    house_.audit.append({actor, password_action, known.name, {{"hash", sha256_hex(hash)}}}, [&] {
        house_.database.execute(
            "INSERT INTO governance_passwords (user, hash, set_at, set_by) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (user) DO UPDATE SET hash = excluded.hash, set_at = excluded.set_at, "
            "set_by = excluded.set_by",
            {known.name, hash, house_.now(), actor.user});
        end_sessions(house_, known.name, actor.credential);
    });
}

std::optional<PasswordStatus> PasswordStore::status(const std::string& user) {
    const auto row = house_.database.query_one(
        "SELECT set_at, set_by FROM governance_passwords WHERE user = ?", {user});
    if (!row) return std::nullopt;
    return PasswordStatus{row->text("set_at"), row->text("set_by")};
}

std::string PasswordStore::why_not(const std::string& user, const std::string& password) {
    const auto row = house_.database.query_one(
        "SELECT user, hash FROM governance_passwords WHERE user = ?", {user});
    const std::string hash = row ? row->text("hash") : nobodys_hash();
    if (password.size() > longest_password) return "wrong password";
    const bool right = is_password(hash, password);
    const auto known = house_.users.find(row ? row->text("user") : user);
    if (!known) return "no such user";
    if (!known->active()) return "the user was removed";
    if (!row) return "the user has no password";
    if (!right) return "wrong password";
    if (recorded_digest(house_, known->name) != sha256_hex(hash))
        return "the password in the store is not the one that the audit trail names";
    return {};
}

}  // namespace patchlab::governance
