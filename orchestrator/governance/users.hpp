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
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/governance/rights.hpp"
#include "platform/core/json.hpp"
#include "platform/core/signing.hpp"
#include "platform/store/database.hpp"

namespace patchlab::governance {

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
    std::string os_user;                ///< the account that is theirs alone; empty: none is bound
    bool acts_for_others = false;       ///< may name another user with --as
    std::map<Role, Scope> scopes = {};  ///< of the roles that do not hold everywhere
    bool from_proxy = false;  ///< a proxy brought them: their roles are those of their groups

    bool has(Role role) const;
    /// Where the role holds; empty: everywhere.
    const Scope& scope_of(Role role) const;
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
    /// Where the roles of the user hold, instead of what was said before; none: everywhere.
    /// Error(invalid) for one of a role that they do not have.
    void set_scopes(const std::string& name, const std::map<Role, Scope>& scopes);
    void note_from_proxy(const std::string& name);
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
