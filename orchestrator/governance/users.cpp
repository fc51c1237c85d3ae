// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/users.hpp"

#include <unistd.h>

#include <algorithm>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/key_change.hpp"

namespace patchlab::governance {

namespace {

std::string words_of(const std::vector<Role>& roles) {
    std::string words;
    for (const Role role : roles) words += (words.empty() ? "" : " ") + std::string(name(role));
    return words;
}

std::vector<Role> roles_of(const std::string& words) {
    std::vector<Role> roles;
    for (std::size_t at = 0; at < words.size();) {
        const std::size_t space = std::min(words.find(' ', at), words.size());
        roles.push_back(role_from(std::string_view(words).substr(at, space - at)));
        at = space + 1;
    }
    return roles;
}

std::map<Role, Scope> scopes_of(const std::string& text) {
    std::map<Role, Scope> scopes;
    const Json json = parse_json(text, "the scopes of a user", 1U << 16);
    for (const auto& [role, terms] : json.items())
        scopes[role_from(role)] = scope_from(terms.get<std::vector<std::string>>());
    return scopes;
}

}  // namespace

std::string_view name(KeyCustody custody) { return custody == KeyCustody::own ? "own" : "state"; }

KeyCustody custody_from(const JsonReader& json) {
    const std::string word = json.string("custody");
    for (const KeyCustody custody : {KeyCustody::own, KeyCustody::state})
        if (word == name(custody)) return custody;
    json.fail("custody", "is neither own nor state");
}

bool User::has(Role role) const {
    return std::find(roles.begin(), roles.end(), role) != roles.end();
}

const Scope& User::scope_of(Role role) const {
    static const Scope everywhere;
    const auto found = scopes.find(role);
    return found == scopes.end() ? everywhere : found->second;
}

const UserKey* User::key() const {
    for (const UserKey& candidate : keys)
        if (candidate.retired.empty()) return &candidate;
    return nullptr;
}

void check_user_name(const std::string& name) {
    static constexpr std::string_view letters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.@-";
    const bool good = !name.empty() && name.size() <= 64 && name[0] != '-' && name[0] != '.' &&
                      name[0] != '@' && name.find_first_not_of(letters) == std::string::npos;
    if (!good)
        throw Error(ErrorCode::invalid, "'" + name + "' cannot be the name of a user",
                    "letters, digits and . _ @ -, at most 64");
}

bool UserStore::fresh() {
    return database_.query("SELECT name FROM governance_users LIMIT 1").empty();
}

std::vector<User> UserStore::list() {
    std::vector<User> users;
    for (const store::Row& row : database_.query(
             "SELECT * FROM governance_users ORDER BY removed IS NOT NULL, name COLLATE NOCASE")) {
        User user{row.text("name"),
                  roles_of(row.text("roles")),
                  row.text("added"),
                  row.text("added_by"),
                  row.text_or_null("removed").value_or(""),
                  {},
                  row.text_or_null("os_user").value_or(""),
                  row.integer("acts_for_others") != 0,
                  scopes_of(row.text_or_null("scopes").value_or("{}")),
                  row.integer("from_proxy") != 0};
        for (const store::Row& key : database_.query(
                 "SELECT * FROM governance_user_keys WHERE user = ? ORDER BY rowid", {user.name}))
            user.keys.push_back(
                {PublicKey::from_pem(key.text("public_key"), "the key of user " + user.name),
                 key.text("custody") == "own" ? KeyCustody::own : KeyCustody::state,
                 key.text("added"), key.text_or_null("retired").value_or("")});
        users.push_back(std::move(user));
    }
    return users;
}

std::optional<User> UserStore::find(const std::string& name) {
    for (User& user : list())
        if (user.name == name) return std::move(user);
    return std::nullopt;
}

User UserStore::get(const std::string& name) {
    if (auto user = find(name)) return std::move(*user);
    throw Error(ErrorCode::not_found, "there is no user '" + name + "'", "see: patchlab user list");
}

void UserStore::add(const std::string& name, const std::vector<Role>& roles,
                    const std::string& added_by, const std::string& time) {
    check_user_name(name);
    if (roles.empty())
        throw Error(ErrorCode::invalid, "user '" + name + "' is given no role",
                    "give at least one with --role");
    const auto taken = database_.query_one(
        "SELECT name, removed FROM governance_users WHERE name = ? COLLATE NOCASE", {name});
    if (!taken) {
        database_.execute(
            "INSERT INTO governance_users (name, roles, added, added_by) VALUES (?, ?, ?, ?)",
            {name, words_of(roles), time, added_by});
        return;
    }
    if (const auto removed = taken->text_or_null("removed"))
        throw Error(ErrorCode::conflict,
                    "there was a user '" + taken->text("name") + "', removed " + *removed +
                        ": the name is not given to another person",
                    "if it is the same person, take them back: patchlab user add " +
                        taken->text("name") + " --replace");
    throw Error(ErrorCode::conflict, "there is a user '" + taken->text("name") + "' already",
                "change the roles with: patchlab user add --replace");
}

void UserStore::take_back(const std::string& name, const std::vector<Role>& roles) {
    if (roles.empty()) throw Error(ErrorCode::invalid, "user '" + name + "' is given no role");
    if (get(name).active()) throw Error(ErrorCode::conflict, "user '" + name + "' was not removed");
    database_.execute("UPDATE governance_users SET roles = ?, removed = NULL WHERE name = ?",
                      {words_of(roles), name});
    database_.execute(
        "UPDATE governance_user_keys SET retired = NULL WHERE custody = 'own' AND rowid = (SELECT "
        "max(rowid) FROM governance_user_keys WHERE user = ?)",
        {name});
}

void UserStore::bind(const std::string& name, const std::string& os_user) {
    get(name);
    if (os_user.find(':') != std::string::npos)
        throw Error(ErrorCode::invalid, "'" + os_user + "' cannot be an account of this host");
    if (const auto taken = database_.query_one(
            "SELECT name FROM governance_users WHERE os_user = ? AND name <> ?", {os_user, name});
        taken && !os_user.empty())
        throw Error(ErrorCode::conflict,
                    "the account '" + os_user + "' is that of user '" + taken->text("name") + "'");
    database_.execute("UPDATE governance_users SET os_user = ? WHERE name = ?",
                      {os_user.empty() ? store::Value(nullptr) : store::Value(os_user), name});
}

void UserStore::let_act_for_others(const std::string& name, bool may) {
    get(name);
    database_.execute("UPDATE governance_users SET acts_for_others = ? WHERE name = ?",
                      {std::int64_t{may}, name});
}

std::optional<User> UserStore::of_account(const std::string& os_user) {
    std::optional<User> namesake;
    for (User& user : list()) {
        if (!user.active()) continue;
        if (user.os_user == os_user) return std::move(user);
        if (user.name == os_user && user.os_user.empty()) namesake = std::move(user);
    }
    return namesake;
}

void UserStore::set_scopes(const std::string& name, const std::map<Role, Scope>& scopes) {
    const User user = get(name);
    for (const auto& [role, scope] : scopes)
        if (!user.has(role))
            throw Error(ErrorCode::invalid, "user '" + name + "' has no role " +
                                                std::string(governance::name(role)) +
                                                " that could hold for " + scope_text(scope));
    database_.execute(
        "UPDATE governance_users SET scopes = ? WHERE name = ?",
        {scopes.empty() ? store::Value(nullptr) : store::Value(to_line(to_json(scopes))), name});
}

void UserStore::note_from_proxy(const std::string& name) {
    database_.execute("UPDATE governance_users SET from_proxy = 1 WHERE name = ?", {name});
}

bool UserStore::any_bound() {
    return database_
        .query_one(
            "SELECT name FROM governance_users WHERE os_user IS NOT NULL AND removed IS NULL LIMIT "
            "1")
        .has_value();
}

void UserStore::set_roles(const std::string& name, const std::vector<Role>& roles) {
    if (roles.empty()) throw Error(ErrorCode::invalid, "user '" + name + "' is given no role");
    User user = get(name);
    if (user.has(Role::admin) && std::find(roles.begin(), roles.end(), Role::admin) == roles.end())
        remove(name, "");
    database_.execute("UPDATE governance_users SET roles = ?, removed = NULL WHERE name = ?",
                      {words_of(roles), name});
}

void UserStore::remove(const std::string& name, const std::string& time) {
    const User leaving = get(name);
    if (!leaving.active())
        throw Error(ErrorCode::conflict, "user '" + name + "' was removed already");
    const std::vector<User> all = list();
    const auto admins = std::count_if(all.begin(), all.end(), [](const User& user) {
        return user.active() && user.has(Role::admin);
    });
    if (leaving.has(Role::admin) && admins == 1)
        throw Error(ErrorCode::conflict, "'" + name + "' is the last administrator",
                    "make another one first: patchlab user add NAME --role admin");
    if (time.empty()) return;  // only asked whether it may be
    database_.execute(
        "UPDATE governance_users SET removed = ?, os_user = NULL, acts_for_others = 0 WHERE name = "
        "?",
        {time, name});
    for (const char* table : {"governance_sessions", "governance_passwords"})
        database_.execute("DELETE FROM " + std::string(table) + " WHERE user = ?", {name});
    retire_keys(name, time);
}

void UserStore::retire_keys(const std::string& name, const std::string& time) {
    for (const store::Row& row : database_.query("SELECT id FROM governance_user_keys WHERE user = "
                                                 "? AND retired IS NULL AND custody = 'state'",
                                                 {name}))
        ::unlink((folder_ / (row.text("id") + ".key")).c_str());
    database_.execute(
        "UPDATE governance_user_keys SET retired = ? WHERE user = ? AND retired IS NULL",
        {time, name});
}

PublicKey UserStore::make_key(const std::string& name, const std::string& time) {
    get(name);
    make_folder(folder_.parent_path(), 0700);
    make_folder(folder_, 0700);
    const SecretKey key = SecretKey::generate();
    const PublicKey shown = key.public_key();
    write_secret_key(folder_ / (shown.id() + ".key"), key);
    retire_keys(name, time);
    database_.execute(
        "INSERT INTO governance_user_keys (id, user, public_key, custody, added) VALUES (?, ?, ?, "
        "'state', ?)",
        {shown.id(), name, shown.pem(), time});
    return shown;
}

void UserStore::register_key(const std::string& name, const PublicKey& key,
                             const std::string& time) {
    get(name);
    if (const auto taken =
            database_.query_one("SELECT user FROM governance_user_keys WHERE id = ?", {key.id()}))
        throw Error(ErrorCode::conflict, "this key is or was of user '" + taken->text("user") + "'",
                    "make another: patchlab user key NAME --generate FILE");
    retire_keys(name, time);
    database_.execute(
        "INSERT INTO governance_user_keys (id, user, public_key, custody, added) VALUES (?, ?, ?, "
        "'own', ?)",
        {key.id(), name, key.pem(), time});
}

SecretKey UserStore::kept_key(const User& user) {
    const UserKey* key = user.key();
    if (!key)
        throw Error(ErrorCode::not_allowed, "user '" + user.name + "' has no key",
                    "an administrator makes one with: patchlab user key " + user.name + " --new");
    if (key->custody == KeyCustody::own)
        throw Error(ErrorCode::not_allowed,
                    "user '" + user.name + "' keeps their own key, which is needed here",
                    "give it with --key FILE");
    return read_secret_key(folder_ / (key->key.id() + ".key"));
}

void expect_key_change(const User& user, const std::string& to, const std::string& agreement) {
    const UserKey* old = user.key();
    if (!old || old->custody != KeyCustody::own) return;
    if (agreement.empty())
        throw Error(ErrorCode::not_allowed,
                    "user '" + user.name + "' keeps their own key: another one takes their word",
                    "sign the change with the old key: --old-key FILE");
    expect_agreement(agreement, user.name, to, old->key);
}

}  // namespace patchlab::governance
