// SPDX-License-Identifier: Apache-2.0
//
// Role × operation, by really asking: the table and the checks that modules make for themselves
// never disagree, and what changes something leaves one row in the audit trail.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "orchestrator/operations/operation.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::operations {
namespace {

using governance::Role;

const std::vector<Role> all_roles{Role::viewer,       Role::tester, Role::release_manager,
                                  Role::system_owner, Role::admin,  Role::auditor};

constexpr const char* policy_text =
    "schema: patchlab/policy/v1\nname: ours\napprovals: [{ role: release-manager }]\n";
constexpr const char* windows_text =
    "schema: patchlab/windows/v1\nwindows:\n  night: { zone: UTC, from: \"22:00\", to: \"04:00\" "
    "}\n";
constexpr const char* rollout_text =
    "schema: patchlab/rollout/v1\nname: web\nrings:\n  - { name: rest, rest: true, soak: 1h }\n";
constexpr const char* targets_text = "schema: patchlab/notify/v1\ntargets: []\n";

/// A request of every write of the nouns that govern, for things that mostly do not exist: whoever
/// may is told so, whoever may not is told that.
const std::map<std::string, Json>& requests() {
    static const std::map<std::string, Json> all{
        {"policy.add", {{"definition", {{"file", "p.yaml"}, {"text", policy_text}}}}},
        {"decision.approve", {{"run", "r-20260101-0001"}}},
        {"decision.reject", {{"run", "r-20260101-0001"}, {"reason", "no"}}},
        {"decision.waive",
         {{"run", "r-20260101-0001"},
          {"reason", "no"},
          {"requirement", "drill"},
          {"expires", "2099-01-01"}}},
        {"audit.witness", Json::object()},
        {"key.rotate", Json::object()},
        {"key.revoke", {{"reason", "it was stolen"}}},
        {"user.add", {{"name", "nora"}, {"roles", Json::array({"viewer"})}, {"replace", true}}},
        {"user.remove", {{"name", "nobody"}}},
        {"user.key", {{"name", "nobody"}}},
        {"user.password", {{"name", "nobody"}, {"password", "four words are enough"}}},
        {"session.logout", Json::object()},
        {"token.create", {{"name", "ci"}}},
        {"token.revoke", {{"token", "00000000"}}},
        {"catalog.add", {{"run", "r-20260101-0001"}}},
        {"catalog.promote", {{"entry", "e-20260101-0001"}, {"channel", "ring-0"}}},
        {"catalog.supersede", {{"entry", "e-20260101-0001"}, {"by", "e-20260101-0002"}}},
        {"catalog.withdraw", {{"entry", "e-20260101-0001"}, {"reason", "it broke"}}},
        {"catalog.publish", {{"channel", "ring-0"}}},
        {"catalog.refresh", {{"channels", {"ring-0"}}}},
        {"catalog.release", {{"entry", "e-20260101-0001"}, {"reason", "a drill"}}},
        {"feed.add", {{"files", Json::array({"/nowhere/kev.json"})}}},
        {"inventory.remove", {{"host", "web-1"}}},
        {"inventory.window_add", {{"definition", {{"file", "w.yaml"}, {"text", windows_text}}}}},
        {"inventory.window_remove", {{"window", "day"}}},
        {"inventory.import", {{"file", "/nowhere/hosts.csv"}}},
        {"inventory.scan", Json::object()},
        {"notify.add", {{"definition", {{"file", "n.yaml"}, {"text", targets_text}}}}},
        {"notify.test", Json::object()},
        {"notify.retry", Json::object()},
        {"rollout.start",
         {{"definition", {{"file", "r.yaml"}, {"text", rollout_text}}},
          {"entry", "e-20260101-0001"}}},
        {"rollout.pause", {{"rollout", "ro-20260101-0001"}}},
        {"rollout.resume", {{"rollout", "ro-20260101-0001"}}},
        {"rollout.abort", {{"rollout", "ro-20260101-0001"}}},
        {"rollout.back_out", {{"rollout", "ro-20260101-0001"}}},
        {"rollout.report", {{"host", "web-1"}, {"report", "{}"}}},
    };
    return all;
}

class Roles : public testing::Test {
  protected:
    Roles() {
        for (const Role role : all_roles)
            as("").governance().audit.append({{"root", "root"}, "made", "", {}}, [&] {
                const std::string user = user_of(role);
                auto& users = session_->governance().users;
                users.add(user, {role}, user, session_->governance().now());
                users.make_key(user, session_->governance().now());
            });
    }
    static std::string user_of(Role role) { return "the-" + std::string(governance::name(role)); }
    Session& as(const std::string& user) {
        session_ = std::make_unique<Session>(SessionOptions{folder_.path() / "state", user, "fake"},
                                             commands_, clock_);
        session_->permit_new_state();
        return *session_;
    }
    /// The code of the error that it ends with, if any.
    std::optional<ErrorCode> ask(Role role, const std::string& operation, const Json& request) {
        try {
            NoEvents events;
            invoke(as(user_of(role)), events, operation, request);
            return std::nullopt;
        } catch (const Error& error) {
            return error.code();
        }
    }
    std::size_t rows() { return as("").governance().audit.list().size(); }

    TempFolder folder_{fs::temp_directory_path(), "roles"};
    process::SystemCommandRunner commands_;
    SystemClock clock_;
    std::unique_ptr<Session> session_;
};

TEST_F(Roles, are_the_same_in_the_table_and_in_the_modules) {
    for (const auto& [name, request] : requests()) {
        const Operation* operation = find(name);
        ASSERT_TRUE(operation) << name;
        for (const Role role : all_roles) {
            const auto& any_of = operation->access.any_of;
            const bool changes_nothing = operation->access.personal || role != Role::auditor;
            const bool may = any_of.empty()
                                 ? changes_nothing
                                 : std::find(any_of.begin(), any_of.end(), role) != any_of.end();
            const bool refused = ask(role, name, request) == ErrorCode::not_allowed;
            EXPECT_NE(refused, may) << name << " as " << governance::name(role);
        }
    }
}

TEST_F(Roles, are_tried_for_every_write_of_these_nouns) {
    static const std::set<std::string> nouns{"policy",  "decision",  "key",    "user",   "token",
                                             "catalog", "inventory", "notify", "rollout"};
    for (const Operation& operation : operations()) {
        const std::string name(operation.name);
        if (writes(operation.kind) && nouns.contains(name.substr(0, name.find('.')))) {
            EXPECT_TRUE(requests().contains(name)) << name << " is not tried with every role";
        }
    }
}

TEST_F(Roles, let_everybody_change_their_own_key_and_nobody_elses) {
    EXPECT_EQ(ask(Role::viewer, "user.key", {{"name", user_of(Role::viewer)}}), std::nullopt);
    EXPECT_EQ(ask(Role::viewer, "user.key", {{"name", user_of(Role::tester)}}),
              ErrorCode::not_allowed);
    EXPECT_EQ(ask(Role::admin, "user.key", {{"name", user_of(Role::tester)}}), std::nullopt);
}

TEST_F(Roles, leave_one_row_for_each_change) {
    const std::vector<std::pair<std::string, Json>> changes{
        {"policy.add", requests().at("policy.add")},
        {"user.add", {{"name", "nora"}, {"roles", Json::array({"tester"})}}},
        {"user.add", {{"name", "nora"}, {"roles", Json::array({"viewer"})}, {"replace", true}}},
        {"user.key", {{"name", "nora"}}},
        {"user.remove", {{"name", "nora"}}},
        {"audit.witness", Json::object()},
        {"key.rotate", Json::object()},
        {"key.revoke", {{"reason", "it was stolen"}}},
        {"inventory.window_add", requests().at("inventory.window_add")},
        {"inventory.window_remove", {{"window", "night"}}},
        {"notify.add", requests().at("notify.add")},
        {"notify.retry", Json::object()},
        {"rollout.report",
         {{"host", "web-1"},
          {"report",
           R"({"schema":"patchlab/host-report/v1","host":"web-1","boot_id":"b","time":"2026-01-01T00:00:00Z","packages":{"hello":"1.0"}})"}}},
    };
    for (const auto& [name, request] : changes) {
        const std::size_t before = rows();
        EXPECT_EQ(ask(Role::admin, name, request), std::nullopt) << name;
        EXPECT_EQ(rows(), before + 1) << name;
    }
    EXPECT_TRUE(as("").governance().audit.verify().ok());
}

TEST_F(Roles, do_not_matter_to_what_only_reads) {
    const std::size_t before = rows();
    for (const char* name :
         {"policy.list", "user.list", "key.list", "audit.list", "catalog.list", "catalog.channels",
          "inventory.list", "inventory.groups", "inventory.window_list", "notify.list",
          "notify.targets", "rollout.list"}) {
        NoEvents events;
        EXPECT_NO_THROW(invoke(as("somebody"), events, name, Json::object())) << name;
    }
    EXPECT_EQ(rows(), before);
}

}  // namespace
}  // namespace patchlab::operations
