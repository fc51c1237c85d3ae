// SPDX-License-Identifier: Apache-2.0
//
// Who acts, of calls that come with a password, a session, a token or the word of a proxy.
#include <gmock/gmock.h>

#include "orchestrator/governance/login.hpp"
#include "orchestrator/governance/login_limits.hpp"
#include "orchestrator/governance/passwords.hpp"
#include "orchestrator/governance/policy.hpp"
#include "orchestrator/governance/sessions.hpp"
#include "orchestrator/governance/tokens.hpp"
#include "platform/core/secret.hpp"
#include "tests/unit/orchestrator/governance/house_fixture.hpp"

namespace patchlab::governance {
namespace {

using Kind = Credential::Kind;

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string good_password = "four words are enough";
const Actor root{"root", "root", 0, "os-account"};

class Logins : public House {
  protected:
    Logins() {
        add_user("root", {Role::admin});
        add_user("olga", {Role::system_owner, Role::tester});
    }
    void set_password() { PasswordStore(house).set(root, "olga", good_password); }
    StartedSession log_in_well() { return log_in(house, "olga", good_password, "192.0.2.7"); }
    AuditRow last_row() { return house.audit.list(1).back(); }
    ErrorCode refused(const Credential& credential) {
        return code_of([&] { authenticate(house, credential, "192.0.2.7"); }, &said);
    }
    ErrorCode wrong(const std::string& user, const std::string& from = "192.0.2.7") {
        return code_of([&] { log_in(house, user, "not the password", from); }, &said);
    }
    void pass_seconds(double seconds) { clock.pass(seconds / 86400); }
    std::string said;
};

TEST_F(Logins, a_session_is_told_once_and_kept_as_a_digest) {
    set_password();
    const StartedSession started = log_in_well();
    EXPECT_EQ(started.value.size(), 43U);
    EXPECT_EQ(last_row().event.action, "login");
    EXPECT_EQ(last_row().event.actor.os_user, "login:olga");
    EXPECT_EQ(last_row().event.detail.at("from"), "192.0.2.7");
    const Actor actor = authenticate(house, {Kind::session, started.value, {}}, "192.0.2.7");
    EXPECT_EQ(actor.user, "olga");
    EXPECT_EQ(actor.login, "session");
    EXPECT_EQ(actor.account().os_user, "login:olga");
    EXPECT_FALSE(csrf_of(actor).empty());
    EXPECT_NE(csrf_of(actor), csrf_of(log_in_well().actor));
    for (const store::Row& row : database.query("SELECT digest FROM governance_sessions"))
        EXPECT_NE(row.text("digest"), started.value);
}

TEST_F(Logins, a_session_ends_after_half_an_hour_without_use_and_after_twelve_hours) {
    set_password();
    const std::string used = log_in_well().value;
    for (int i = 0; i < 35; ++i) {
        pass_seconds(20 * 60);
        EXPECT_NO_THROW(authenticate(house, {Kind::session, used, {}}, "x")) << i;
    }
    pass_seconds(20 * 60);
    EXPECT_EQ(refused({Kind::session, used, {}}), ErrorCode::not_authenticated) << "twelve hours";
    const std::string idle = log_in_well().value;
    pass_seconds(31 * 60);
    EXPECT_EQ(refused({Kind::session, idle, {}}), ErrorCode::not_authenticated);
    EXPECT_EQ(refused({Kind::session, "made up", {}}), ErrorCode::not_authenticated);
}

TEST_F(Logins, a_session_ends_by_logging_out_by_another_password_and_with_the_user) {
    set_password();
    const StartedSession first = log_in_well();
    log_out(house, first.actor);
    EXPECT_EQ(last_row().event.action, "logout");
    EXPECT_EQ(refused({Kind::session, first.value, {}}), ErrorCode::not_authenticated);
    const std::string second = log_in_well().value;
    set_password();
    EXPECT_EQ(refused({Kind::session, second, {}}), ErrorCode::not_authenticated);
    const std::string third = log_in_well().value;
    house.audit.append({root, "user-removed", "olga", {{"key", nullptr}}},
                       [&] { house.users.remove("olga", house.now()); });
    EXPECT_EQ(refused({Kind::session, third, {}}), ErrorCode::not_authenticated);
    EXPECT_EQ(wrong("olga"), ErrorCode::not_authenticated);
}

TEST_F(Logins, an_act_that_changes_production_asks_for_a_password_given_lately) {
    set_password();
    const Actor actor = log_in_well().actor;
    pass_seconds(14 * 60);
    EXPECT_NO_THROW(expect_fresh(house, actor, "start a rollout"));
    pass_seconds(2 * 60);
    EXPECT_EQ(code_of([&] { expect_fresh(house, actor, "start a rollout"); }, &said),
              ErrorCode::not_authenticated);
    EXPECT_THAT(said, HasSubstr("too long to start a rollout"));
    EXPECT_NO_THROW(expect_fresh(house, root, "start a rollout")) << "no session";
}

TEST_F(Logins, a_failure_says_the_same_whatever_was_wrong_and_is_recorded) {
    set_password();
    EXPECT_EQ(wrong("olga"), ErrorCode::not_authenticated);
    const std::string of_olga = said;
    EXPECT_EQ(last_row().event.action, "login-failed");
    EXPECT_EQ(last_row().event.subject, "olga");
    EXPECT_EQ(last_row().event.detail.at("why"), "wrong password");
    EXPECT_EQ(wrong("my password in the wrong field"), ErrorCode::not_authenticated);
    EXPECT_EQ(said, of_olga);
    EXPECT_EQ(last_row().event.subject, "") << "what was typed may be a password";
    EXPECT_EQ(wrong("root"), ErrorCode::not_authenticated) << "has none";
}

TEST_F(Logins, failures_make_the_user_wait_longer_and_longer) {
    set_password();
    for (int i = 0; i < 5; ++i) wrong("olga", "192.0.2." + std::to_string(i));
    const auto rows = house.audit.list().size();
    EXPECT_EQ(code_of([&] { log_in_well(); }, &said), ErrorCode::not_authenticated);
    EXPECT_THAT(said, HasSubstr("too many logins failed"));
    EXPECT_EQ(house.audit.list().size(), rows) << "what is not even tried fills no trail";
    pass_seconds(2);
    EXPECT_NO_THROW(log_in_well());
    EXPECT_NO_THROW(log_in_well()) << "a good one begins anew";
}

TEST_F(Logins, failures_make_an_origin_wait_whoever_it_tries) {
    set_password();
    for (int i = 0; i < 21; ++i) wrong("user" + std::to_string(i), "198.51.100.1");
    EXPECT_EQ(wrong("somebody", "198.51.100.1"), ErrorCode::not_authenticated);
    EXPECT_THAT(said, HasSubstr("too many logins failed"));
    EXPECT_NO_THROW(log_in_well()) << "from elsewhere";
    store::Database again(folder.path() / "patchlab.db", all_migrations());
    Governance restarted(folder.path(), again, clock);
    EXPECT_EQ(code_of([&] { LoginLimits(restarted).begin({limited_origin("198.51.100.1")}); }),
              ErrorCode::not_authenticated)
        << "a restart forgets nothing";
}

TEST_F(Logins, a_password_that_is_easily_guessed_is_refused) {
    for (const char* bad : {"short", "aaaaaaaaaaaaaaaaaa", "this is olga's password"})
        EXPECT_EQ(code_of([&] { PasswordStore(house).set(root, "olga", bad); }), ErrorCode::invalid)
            << bad;
    EXPECT_FALSE(PasswordStore(house).status("olga"));
}

TEST_F(Logins, a_hash_that_somebody_wrote_into_the_store_opens_nothing) {
    set_password();
    database.execute("UPDATE governance_passwords SET hash = ?", {hash_password("mine, not hers")});
    EXPECT_EQ(code_of([&] { log_in(house, "olga", "mine, not hers", "x"); }),
              ErrorCode::not_authenticated);
    EXPECT_THAT(last_row().event.detail.at("why").get<std::string>(), HasSubstr("audit trail"));
}

TEST_F(Logins, a_token_has_the_form_that_scanners_of_secrets_know) {
    const auto made = TokenStore(house).make(root, {"olga", "ci", {}, 90});
    EXPECT_THAT(made.text,
                testing::MatchesRegex("plt_[0-9a-f]{8}_[A-Za-z0-9_-]{43}_[0-9A-Za-z]{6}"));
    EXPECT_EQ(made.text.substr(4, 8), made.token.id);
    EXPECT_EQ(made.text.substr(57), checksum_text(made.text.substr(0, 56)));
    EXPECT_EQ(made.token.expires, "2027-02-21T12:00:00Z");
    EXPECT_EQ(last_row().event.action, "token.create");
    EXPECT_THAT(to_line(last_row().event.detail),
                testing::Not(HasSubstr(made.text.substr(13, 43))));
}

TEST_F(Logins, a_token_acts_as_its_user_and_says_so) {
    const auto made = TokenStore(house).make(root, {"olga", "ci", {}, 90});
    const Actor actor = authenticate(house, {Kind::token, made.text, {}}, "192.0.2.9");
    EXPECT_EQ(actor.user, "olga");
    EXPECT_EQ(actor.login, "token");
    EXPECT_EQ(actor.os_user, "token:" + made.token.id);
    EXPECT_TRUE(actor.by_token());
    const Token seen = TokenStore(house).get(made.token.id);
    EXPECT_EQ(seen.last_used, house.now());
    EXPECT_EQ(seen.last_from, "192.0.2.9");
}

TEST_F(Logins, a_token_that_is_mistyped_unknown_expired_or_revoked_opens_nothing) {
    TokenStore tokens(house);
    const auto made = tokens.make(root, {"olga", "ci", {}, 10});
    std::string mistyped = made.text;
    mistyped[20] = mistyped[20] == 'a' ? 'b' : 'a';
    EXPECT_EQ(refused({Kind::token, mistyped, {}}), ErrorCode::not_authenticated);
    EXPECT_THAT(said, HasSubstr("mistyped"));
    std::string forged = mistyped.substr(0, 56);
    forged += "_" + checksum_text(forged);
    EXPECT_EQ(refused({Kind::token, forged, {}}), ErrorCode::not_authenticated);
    EXPECT_EQ(last_row().event.action, "token-refused");
    EXPECT_EQ(refused({Kind::token, "", {}}), ErrorCode::not_authenticated);
    clock.pass(10);
    EXPECT_EQ(refused({Kind::token, made.text, {}}), ErrorCode::not_authenticated);
    EXPECT_THAT(said, HasSubstr("expired"));
    const auto rows = house.audit.list().size();
    EXPECT_EQ(refused({Kind::token, made.text, {}}), ErrorCode::not_authenticated);
    EXPECT_EQ(house.audit.list().size(), rows) << "a program that asks for ever fills no trail";
    const auto other = tokens.make(root, {"olga", "ci", {}, 10});
    tokens.revoke(root, other.token.id);
    EXPECT_EQ(refused({Kind::token, other.text, {}}), ErrorCode::not_authenticated);
    EXPECT_EQ(code_of([&] { tokens.revoke(root, other.token.id); }), ErrorCode::conflict);
}

TEST_F(Logins, a_token_has_at_most_the_rights_of_its_user) {
    TokenStore tokens(house);
    EXPECT_EQ(code_of([&] {
                  tokens.make(root, {"olga", "ci", {Role::admin, {}, {}, {}}, 90});
              }),
              ErrorCode::not_allowed);
    const auto made = tokens.make(root, {"olga", "ci", {Role::tester, {}, {}, {}}, 90});
    const Actor actor = authenticate(house, {Kind::token, made.text, {}}, "x");
    EXPECT_NO_THROW(require_role(house, actor, {Role::tester}, "ask for a run"));
    EXPECT_THROW(require_role(house, actor, {Role::system_owner}, "waive"), Error);
    house.audit.append({root, "user-roles", "olga", {{"roles", {"system-owner"}}}},
                       [&] { house.users.set_roles("olga", {Role::system_owner}); });
    EXPECT_THROW(require_role(house, actor, {Role::tester}, "ask for a run"), Error)
        << "what the user lost, the token lost";
}

TEST_F(Logins, a_token_lives_a_year_at_most_and_makes_no_other) {
    TokenStore tokens(house);
    for (const std::int64_t days : {0, 366, -1})
        EXPECT_EQ(code_of([&] {
                      tokens.make(root, {"olga", "ci", {}, days});
                  }),
                  ErrorCode::invalid);
    const Actor token{"olga", "token:x", -1, "token"};
    EXPECT_EQ(code_of([&] { tokens.make(token, {"olga", "ci", {}, 1}); }), ErrorCode::not_allowed);
}

class ProxyLogins : public Logins {
  protected:
    void put_policy(const std::string& more) {
        PolicyStore(house).add(root,
                               "schema: patchlab/policy/v1\nname: ours\napprovals: [{ role: "
                               "release-manager }]\n" +
                                   more,
                               "policy.yaml");
    }
    Actor arrive(const std::string& user, const std::vector<std::string>& groups) {
        return authenticate(house, {Kind::proxy, user, groups}, "192.0.2.7");
    }
};

TEST_F(ProxyLogins, nobody_comes_by_a_proxy_while_the_policy_names_no_groups) {
    EXPECT_EQ(refused({Kind::proxy, "petra", {"testers"}}), ErrorCode::not_allowed);
    EXPECT_EQ(refused({Kind::proxy, "olga", {"testers"}}), ErrorCode::not_allowed);
    EXPECT_FALSE(house.users.find("petra"));
}

TEST_F(ProxyLogins, groups_become_roles_and_follow_them) {
    put_policy("proxy-groups: { testers: [tester], managers: [release-manager, tester] }\n");
    const Actor actor = arrive("petra", {"staff", "testers"});
    EXPECT_EQ(actor.login, "proxy");
    EXPECT_EQ(actor.os_user, "login:petra");
    EXPECT_THAT(house.users.get("petra").roles, ElementsAre(Role::tester));
    EXPECT_TRUE(house.users.get("petra").from_proxy);
    EXPECT_NO_THROW(expect_on_record(house, house.users.get("petra")));
    const auto rows = house.audit.list().size();
    arrive("petra", {"testers", "staff"});
    EXPECT_EQ(house.audit.list().size(), rows) << "a login is recorded, not every call";
    arrive("petra", {"managers"});
    EXPECT_THAT(house.users.get("petra").roles, ElementsAre(Role::tester, Role::release_manager));
    EXPECT_EQ(refused({Kind::proxy, "petra", {"staff"}}), ErrorCode::not_allowed);
    EXPECT_THAT(said, HasSubstr("no group of 'petra'"));
}

TEST_F(ProxyLogins, whom_an_administrator_added_keeps_the_roles_that_they_gave) {
    put_policy("proxy-groups: { everybody: [admin] }\n");
    arrive("olga", {"everybody"});
    EXPECT_THAT(house.users.get("olga").roles, ElementsAre(Role::system_owner, Role::tester));
    EXPECT_EQ(refused({Kind::proxy, "no name", {"everybody"}}), ErrorCode::invalid);
}

TEST_F(Logins, a_role_holds_for_its_scope_and_the_trail_knows_it) {
    const Scope scope = scope_from({"group=web", "criticality=mission-critical", "group=web"});
    EXPECT_EQ(scope_text(scope), "criticality=mission-critical or group=web");
    EXPECT_TRUE(scope.covers({"a", "business-critical", {"db", "web"}}));
    EXPECT_TRUE(scope.covers({"a", "mission-critical", {}}));
    EXPECT_FALSE(scope.covers({"a", "business-critical", {"db"}}));
    EXPECT_TRUE(Scope{}.covers({"a", "", {}}));
    for (const char* bad : {"group=", "criticality=high", "owner=me", ""})
        EXPECT_EQ(code_of([&] { scope_from({bad}); }), ErrorCode::invalid) << bad;
    const std::map<Role, Scope> scopes{{Role::system_owner, scope}};
    house.audit.append({root, "user-roles", "olga", {{"scopes", to_json(scopes)}}},
                       [&] { house.users.set_scopes("olga", scopes); });
    EXPECT_NO_THROW(expect_on_record(house, house.users.get("olga")));
    database.execute("UPDATE governance_users SET scopes = NULL WHERE name = 'olga'");
    EXPECT_EQ(code_of([&] { expect_on_record(house, house.users.get("olga")); }),
              ErrorCode::refused)
        << "a hand in the store widened it";
}

}  // namespace
}  // namespace patchlab::governance
