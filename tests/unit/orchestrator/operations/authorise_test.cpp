// SPDX-License-Identifier: Apache-2.0
//
// Roles that hold for a scope, tokens, sessions: what the one place lets through.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/governance/login.hpp"
#include "orchestrator/governance/passwords.hpp"
#include "orchestrator/governance/tokens.hpp"
#include "orchestrator/inventory/host_store.hpp"
#include "orchestrator/operations/operation.hpp"
#include "platform/core/error.hpp"
#include "tests/unit/orchestrator/operations/session_fixture.hpp"

namespace patchlab::operations {
namespace {

using governance::Role;
using testing::HasSubstr;

constexpr const char* lab_text =
    "schema: patchlab/lab/v1\nname: NAME\nmachines:\n"
    "  web: {image: web, suites: [base], criticality: LEVEL}\n";

class Authorise : public SessionTest {
  protected:
    void add_lab(std::string name, const std::string& level) {
        std::string text = lab_text;
        text.replace(text.find("NAME"), 4, name);
        text.replace(text.find("LEVEL"), 5, level);
        const fs::path file = folder_.path() / (name + ".yaml");
        write_file_atomic(file, text);
        ask("", "lab.add", {{"file", file.string()}});
    }
    std::optional<ErrorCode> code(Session& session, std::string_view name, const Json& request) {
        said_.clear();
        try {
            NoEvents events;
            invoke(session, events, name, request);
            return std::nullopt;
        } catch (const Error& error) {
            said_ = std::string(error.what()) + "\n" + error.advice();
            return error.code();
        }
    }
    std::optional<ErrorCode> code_as(const std::string& user, std::string_view name,
                                     const Json& request) {
        Session session = session_of(user);
        return code(session, name, request);
    }
    /// A session that works for somebody who showed this.
    Session& session_with(governance::Credential::Kind kind, const std::string& value) {
        other_ = std::make_unique<Session>(SessionOptions{folder_.path() / "state", "", "fake"},
                                           commands_, clock_);
        Session& session = *other_;
        session.work_for(
            {{"front", 999, "unix-socket"},
             "",
             governance::authenticate(session.governance(), {kind, value, {}}, "192.0.2.7"),
             "192.0.2.7"});
        return session;
    }
    void take_in(const std::string& name, const std::string& image,
                 const std::vector<std::string>& groups) {
        Session session = session_of("");
        inventory::Host host;
        host.name = name;
        host.image = image;
        host.groups = groups;
        session.database().transaction([&] {
            inventory::HostStore(session.database())
                .import_inside({"source-" + name, {host}, false, false},
                               session.governance().now());
        });
    }
    std::unique_ptr<Session> other_;
    std::string said_;
};

TEST_F(Authorise, a_scoped_role_reaches_labs_whose_machines_all_lie_in_it) {
    add_lab("calm", "business-operational");
    add_lab("vital", "mission-critical");
    ask("", "user.add",
        {{"name", "tess"}, {"roles", {"tester"}}, {"scopes", {"criticality=mission-critical"}}});
    EXPECT_EQ(code_as("tess", "lab.remove", {{"lab", "calm"}}), ErrorCode::not_allowed);
    EXPECT_THAT(said_, HasSubstr("the role tester holds for criticality=mission-critical only"));
    EXPECT_THAT(said_, HasSubstr("'web' lies outside"));
    EXPECT_EQ(trail().back().event.action, "refused");
    EXPECT_EQ(code_as("tess", "lab.remove", {{"lab", "vital"}}), std::nullopt) << said_;
    EXPECT_EQ(code_as("tess", "notify.test", Json::object()), ErrorCode::not_allowed);
    EXPECT_THAT(said_, HasSubstr("not about machines"));
    EXPECT_EQ(code_as("tess", "run.list", Json::object()), std::nullopt) << "reading has no scope";
}

TEST_F(Authorise, a_machine_lies_in_a_group_when_all_hosts_of_its_image_do) {
    add_lab("shop", "business-operational");
    ask("", "user.add", {{"name", "tess"}, {"roles", {"tester"}}, {"scopes", {"group=web"}}});
    EXPECT_EQ(code_as("tess", "lab.remove", {{"lab", "shop"}}), ErrorCode::not_allowed)
        << "nobody knows whom it stands for";
    take_in("web-1", "web", {"web"});
    take_in("web-2", "web", {"db"});
    EXPECT_EQ(code_as("tess", "lab.remove", {{"lab", "shop"}}), ErrorCode::not_allowed)
        << "one host is of another group";
    take_in("web-2", "web", {"db", "web"});
    EXPECT_EQ(code_as("tess", "lab.remove", {{"lab", "shop"}}), std::nullopt) << said_;
}

TEST_F(Authorise, a_host_outside_the_scope_is_out_of_reach) {
    take_in("web-1", "", {"web"});
    take_in("db-1", "", {"db"});
    ask("", "user.add", {{"name", "olga"}, {"roles", {"system-owner"}}, {"scopes", {"group=web"}}});
    EXPECT_EQ(code_as("olga", "inventory.remove", {{"host", "db-1"}}), ErrorCode::not_allowed);
    EXPECT_EQ(code_as("olga", "inventory.remove", {{"host", "web-1"}}), std::nullopt) << said_;
}

TEST_F(Authorise, one_role_may_hold_everywhere_and_another_for_a_scope) {
    add_lab("calm", "business-operational");
    const Json user = ask("", "user.add",
                          {{"name", "olga"},
                           {"roles", {"tester", "system-owner"}},
                           {"scopes", {"system-owner:group=web"}}});
    EXPECT_EQ(user.at("scopes"), (Json{{"system-owner", {"group=web"}}}));
    EXPECT_EQ(code_as("olga", "lab.remove", {{"lab", "calm"}}), std::nullopt) << said_;
    EXPECT_EQ(code_as("", "user.add",
                      {{"name", "x"}, {"roles", {"tester"}}, {"scopes", {"admin:group=web"}}}),
              ErrorCode::invalid);
}

TEST_F(Authorise, an_auditor_reads_everything_and_changes_nothing) {
    ask("", "user.add", {{"name", "audrey"}, {"roles", {"auditor"}}});
    EXPECT_EQ(code_as("audrey", "audit.list", Json::object()), std::nullopt);
    EXPECT_EQ(code_as("audrey", "token.list", {{"all", true}}), std::nullopt) << said_;
    EXPECT_EQ(code_as("audrey", "rollout.report", {{"host", "web-1"}, {"report", "{}"}}),
              ErrorCode::not_allowed);
    EXPECT_THAT(said_, HasSubstr("an auditor reads everything and changes nothing"));
    EXPECT_EQ(code_as("audrey", "lab.add", {{"file", "x"}}), ErrorCode::not_allowed);
}

TEST_F(Authorise, a_token_decides_nothing_and_makes_nobody_mightier) {
    add_user("rhea", {Role::release_manager, Role::admin});
    const std::string text =
        ask("rhea", "token.create", {{"name", "ci"}}).at("text").get<std::string>();
    Session& session = session_with(governance::Credential::Kind::token, text);
    const std::vector<std::pair<const char*, Json>> acts{
        {"decision.approve", {{"run", "r-20260101-0001"}}},
        {"decision.reject", {{"run", "r-20260101-0001"}, {"reason", "no"}}},
        {"token.create", {{"name", "another"}}},
        {"user.add", {{"name", "eve"}, {"roles", {"admin"}}}},
        {"user.key", {{"name", "rhea"}}},
        {"user.password", {{"name", "rhea"}, {"password", "four words are enough"}}}};
    for (const auto& [name, request] : acts) {
        EXPECT_EQ(code(session, name, request), ErrorCode::not_allowed) << name;
        EXPECT_THAT(said_, HasSubstr("a token may not")) << name;
    }
    EXPECT_EQ(code(session, "notify.retry", Json::object()), std::nullopt) << said_;
    EXPECT_EQ(trail().back().event.actor.user, "rhea");
    EXPECT_THAT(trail().back().event.actor.os_user, HasSubstr("token:"));
}

TEST_F(Authorise, a_narrowed_token_stays_within_what_it_names) {
    add_lab("shop", "business-operational");
    add_lab("other", "business-operational");
    add_user("tess", {Role::tester});
    const std::string text =
        ask("tess", "token.create", {{"name", "ci"}, {"role", "tester"}, {"labs", {"shop"}}})
            .at("text")
            .get<std::string>();
    Session& session = session_with(governance::Credential::Kind::token, text);
    EXPECT_EQ(code(session, "lab.remove", {{"lab", "other"}}), ErrorCode::not_allowed);
    EXPECT_THAT(said_, HasSubstr("'other' is not among what it is for"));
    EXPECT_EQ(code(session, "notify.retry", Json::object()), ErrorCode::not_allowed)
        << "nothing that it names";
    EXPECT_EQ(code(session, "lab.list", Json::object()), std::nullopt) << said_;
    EXPECT_EQ(code(session, "lab.remove", {{"lab", "shop"}}), std::nullopt) << said_;
    const Json shown = ask("tess", "session.show", Json::object());
    EXPECT_EQ(shown.at("login"), "on-behalf");
}

TEST_F(Authorise, somebody_logs_in_works_and_logs_out) {
    add_user("rhea", {Role::release_manager});
    ask("", "user.password", {{"name", "rhea"}, {"password", "four words are enough"}});
    EXPECT_EQ(trail().back().event.action, "user-password");
    Session stranger = session_of("");
    stranger.work_for({{"front", 999, "unix-socket"}, "", std::nullopt, "192.0.2.7"});
    NoEvents events;
    const Json started = invoke(stranger, events, "session.login",
                                {{"user", "rhea"}, {"password", "four words are enough"}})
                             .document;
    EXPECT_EQ(started.at("user"), "rhea");
    for (const auto& row : trail())
        EXPECT_THAT(to_line(row.event.detail), testing::Not(HasSubstr("four words")));
    Session& session = session_with(governance::Credential::Kind::session,
                                    started.at("session").get<std::string>());
    const Json shown = invoke(session, events, "session.show", Json::object()).document;
    EXPECT_EQ(shown.at("user"), "rhea");
    EXPECT_EQ(shown.at("csrf"), started.at("csrf"));
    EXPECT_EQ(shown.at("password_set_by"), trail().front().event.actor.user);
    EXPECT_EQ(code(session, "user.password",
                   {{"name", "rhea"}, {"password", "five other words are good"}}),
              ErrorCode::not_authenticated)
        << "without the password until now";
    EXPECT_EQ(code(session, "user.password",
                   {{"name", "rhea"},
                    {"password", "five other words are good"},
                    {"current", "four words are enough"}}),
              std::nullopt)
        << said_;
    EXPECT_EQ(code(session, "session.logout", Json::object()), std::nullopt);
    EXPECT_THROW(session_with(governance::Credential::Kind::session,
                              started.at("session").get<std::string>()),
                 Error);
}

TEST_F(Authorise, a_login_of_long_ago_does_not_start_a_rollout) {
    add_user("rhea", {Role::release_manager});
    ask("", "user.password", {{"name", "rhea"}, {"password", "four words are enough"}});
    Session session = session_of("");
    governance::Actor actor{"rhea", "login:rhea", -1, "session"};
    actor.logged_in = "2026-01-01T00:00:00Z";
    session.work_for({{"front", 999, "unix-socket"}, "", actor, ""});
    EXPECT_EQ(code(session, "rollout.back_out", {{"rollout", "ro-20260101-0001"}}),
              ErrorCode::not_authenticated);
    EXPECT_THAT(said_, HasSubstr("log in again"));
    EXPECT_EQ(code(session, "decision.approve", {{"run", "r-20260101-0001"}}),
              ErrorCode::not_authenticated);
    EXPECT_EQ(code(session, "rollout.pause", {{"rollout", "ro-20260101-0001"}}),
              ErrorCode::not_found)
        << "stopping never waits for a password";
}

}  // namespace
}  // namespace patchlab::operations
