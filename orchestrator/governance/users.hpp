// SPDX-License-Identifier: Apache-2.0
//
// The users, their roles and their keys. A user signs decisions with a key of their own: one that
// patchlab keeps for them (below keys/users/, 0600: convenient; who is root here can use it), or
// one of which only the public half was registered (then nobody else can decide in their name). A
// name is never given to another person: who was removed stays on record. Thread safety: one a
// thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/json.hpp"
#include "platform/core/signing.hpp"
#include "platform/store/database.hpp"

namespace patchlab::governance {

// Who may do what. A user has one or more roles; no role holds another one, so that nobody approves
// by being an administrator. Values; thread-safe as such.

///   viewer           reads
///   tester           asks for runs
///   release_manager  approves, rejects, waives, promotes, steers rollouts
///   system_owner     approves and rejects for the systems; waives
///   admin            users, keys, policy; asks for runs
enum class Role { viewer, tester, release_manager, system_owner, admin };

/// "release-manager"
std::string_view name(Role role);
/// Error(invalid) for an unknown word, naming the known ones.
Role role_from(std::string_view word);
std::vector<std::string> role_words();

/// The account that somebody acted from, as the operating system knows it.
struct Account {
    std::string os_user;  ///< its name; empty: it is not known
    std::int64_t uid = -1;
    /// How it is known that the user acts: "os-account" (the process has their account),
    /// "unix-socket" (the process at the other end of a socket has it, as the kernel says) or
    /// "on-behalf" (the account may act for others, and named them).
    std::string login;
    bool known() const { return !os_user.empty(); }
    /// Whose account named the user; empty: it was the user's own, or it is not known.
    std::string acting_for_another() const { return login == "on-behalf" ? os_user : ""; }
};
Json to_json(const Account& account);
/// Error(invalid).
Account account_from(const JsonReader& json);

/// Who acts: the user of patchlab, and the user of the operating system it was seen to be.
struct Actor {
    std::string user;
    std::string os_user;
    std::int64_t uid = -1;
    std::string login = {};  ///< as in Account
    Account account() const { return {os_user, uid, login}; }
    /// They act from an account of the operating system that is their own.
    bool by_own_account() const { return login == "os-account" || login == "unix-socket"; }
};

/// The account of this process: with sudo, that of the user who called it. Its login is empty.
Account os_account();
/// Its name.
std::string os_user_name();
/// The account with this number: "uid-1234" where it has no name. Its login is empty.
Account account_with(std::int64_t uid);

/// Where a user's secret key is.
enum class KeyCustody { state, own };
std::string_view name(KeyCustody custody);
/// Of the member "custody" of a document. Error(invalid) for another word.
KeyCustody custody_from(const JsonReader& json);

struct UserKey {
    PublicKey key;
    KeyCustody custody = KeyCustody::state;
    std::string added;
    std::string retired;  ///< empty: the one in use
};

struct User {
    std::string name;
    std::vector<Role> roles;
    std::string added;
    std::string added_by;
    std::string removed;  ///< empty: may act
    std::vector<UserKey> keys;
    std::string os_user;           ///< the account that is theirs alone; empty: none is bound
    bool acts_for_others = false;  ///< may name another user with --as

    bool has(Role role) const;
    bool active() const { return removed.empty(); }
    /// The key in use; nullptr when there is none.
    const UserKey* key() const;
};

class UserStore {
  public:
    UserStore(std::filesystem::path state, store::Database& database)
        : folder_(std::move(state) / "keys" / "users"), database_(database) {}

    /// True when nobody was ever added.
    bool fresh();
    /// By name; the removed ones last.
    std::vector<User> list();
    std::optional<User> find(const std::string& name);
    /// Error(not_found).
    User get(const std::string& name);

    // What changes users does so inside the caller's transaction (AuditTrail::append), so that no
    // change goes unrecorded.
    /// Adds a user. Error(invalid) for a name that is none, Error(conflict) when there is or was
    /// one (upper and lower case are the same).
    void add(const std::string& name, const std::vector<Role>& roles, const std::string& added_by,
             const std::string& time);
    /// A removed user is back, with the key that they keep themselves, if that was their last one.
    void take_back(const std::string& name, const std::vector<Role>& roles);
    /// Binds the user to an account of the operating system, of which they are the only user;
    /// empty: to none. Error(conflict) when it is another's.
    void bind(const std::string& name, const std::string& os_user);
    void let_act_for_others(const std::string& name, bool may);
    /// Whose account it is: the user that is bound to it, else the one of that name who is bound to
    /// no other. Active ones only.
    std::optional<User> of_account(const std::string& os_user);
    /// True when an active user is bound to an account.
    bool any_bound();
    void set_roles(const std::string& name, const std::vector<Role>& roles);
    /// Error(conflict) when it is the last administrator.
    void remove(const std::string& name, const std::string& time);
    /// Makes a key that patchlab keeps, and retires the one before.
    PublicKey make_key(const std::string& name, const std::string& time);
    /// Registers a key that the user keeps, and retires the one before. Error(conflict) when it is
    /// somebody's already.
    void register_key(const std::string& name, const PublicKey& key, const std::string& time);

    /// The secret key that patchlab keeps for the user. Error(not_allowed) when the user keeps
    /// their own.
    SecretKey kept_key(const User& user);

  private:
    void retire_keys(const std::string& name, const std::string& time);
    std::filesystem::path folder_;
    store::Database& database_;
};

/// Error(not_allowed) unless the key in use is kept by patchlab, or it signed `agreement` to this
/// change (platform/core/key_change.hpp), so that nobody else puts a key in its place.
void expect_key_change(const User& user, const std::string& to, const std::string& agreement);

/// Error(invalid) unless it can be the name of a user: letters, digits and "._@-", at most 64, not
/// first a dot or dash.
void check_user_name(const std::string& name);

}  // namespace patchlab::governance
