// SPDX-License-Identifier: Apache-2.0
//
// A user as the audit trail has them.
#include <optional>

#include "orchestrator/governance/governance.hpp"
#include "platform/core/error.hpp"

namespace patchlab::governance {

namespace {

/// What the rows about a user say, the newest of each kind.
struct RecordedUser {
    std::optional<Json> roles, key, scopes;
    Json os_user, acts_for_others;  ///< no row: none
    bool named = false;
};

RecordedUser recorded(Governance& house, const std::string& name) {
    RecordedUser user;
    const auto take = [](const Json& detail, const char* key, auto& into) {
        if (const auto found = detail.find(key); found != detail.end()) into = *found;
    };
    for (const store::Row& row : house.database.query(
             "SELECT detail FROM governance_audit WHERE subject = ? AND action LIKE 'user-%' ORDER "
             "BY seq",
             {name})) {
        const Json detail = parse_json(row.text("detail"), "the audit trail", 1U << 20);
        user.named = true;
        take(detail, "roles", user.roles);
        take(detail, "key", user.key);
        take(detail, "scopes", user.scopes);
        take(detail, "os_user", user.os_user);
        take(detail, "acts_for_others", user.acts_for_others);
    }
    return user;
}

}  // namespace

void expect_on_record(Governance& house, const User& user) {
    house.audit.expect_intact();
    const RecordedUser record = recorded(house, user.name);
    const auto refuse = [&](const std::string& what) {
        throw Error(ErrorCode::refused,
                    what + " of user '" + user.name + "' in the store " +
                        "are not what the audit trail says",
                    "see: patchlab audit list --subject " + user.name);
    };
    if (!record.named) refuse("name and roles");
    if (record.roles && *record.roles != to_json(user.roles)) refuse("the roles");
    if (record.scopes.value_or(Json::object()) != to_json(user.scopes)) refuse("the roles");
    const Json key = user.key() ? Json(user.key()->key.id()) : Json(nullptr);
    if (record.key && *record.key != key) refuse("the keys");
    const Json os_user = text_or_null(user.os_user);
    if (record.os_user != os_user) refuse("the accounts");
    if ((record.acts_for_others == Json(true)) != user.acts_for_others) refuse("the rights");
}

}  // namespace patchlab::governance
