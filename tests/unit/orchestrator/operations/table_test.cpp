// SPDX-License-Identifier: Apache-2.0
//
// Walks the one table: what every row must have, and who may ask for what.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "orchestrator/operations/operation.hpp"
#include "platform/core/error.hpp"
#include "platform/core/schema.hpp"
#include "tests/unit/orchestrator/operations/session_fixture.hpp"

namespace patchlab::operations {
namespace {

using governance::Role;
using testing::HasSubstr;

Json resolved(const Json& schema, const Json& at) {
    if (!at.contains("$ref")) return at;
    return resolved(schema,
                    schema.at(Json::json_pointer(at.at("$ref").get<std::string>().substr(1))));
}

TEST(OperationTable, names_are_a_noun_and_a_verb_and_given_once) {
    std::set<std::string_view> seen;
    for (const Operation& row : operations()) {
        EXPECT_TRUE(seen.insert(row.name).second) << row.name;
        EXPECT_TRUE(matches_pattern(std::string(row.name), "^[a-z]+\\.[a-z_]+$")) << row.name;
        EXPECT_EQ(find(row.name), &row);
    }
    EXPECT_EQ(find("run.vanish"), nullptr);
}

TEST(OperationTable, every_row_says_in_one_line_what_it_does) {
    for (const Operation& row : operations()) {
        EXPECT_GE(row.summary.size(), 10U) << row.name;
        EXPECT_LE(row.summary.size(), 90U) << row.name;
        EXPECT_NE(row.summary.back(), '.') << row.name;
        EXPECT_NE(row.run, nullptr) << row.name;
    }
}

TEST(OperationTable, every_row_has_schemas_that_are_right) {
    for (const Operation& row : operations()) {
        EXPECT_NO_THROW(Schema(to_line(request_schema(row)))) << row.name;
        EXPECT_NO_THROW(Schema(to_line(response_schema(row)))) << row.name;
    }
}

TEST(OperationTable, no_request_accepts_a_key_that_it_does_not_know) {
    for (const Operation& row : operations()) {
        Diagnostics mistakes;
        Schema(to_line(request_schema(row)))
            .check({"request", Json{{"surprise", 1}}, {}}, mistakes);
        const bool named =
            std::any_of(mistakes.items.begin(), mistakes.items.end(),
                        [](const Diagnostic& one) { return one.path == "/surprise"; });
        EXPECT_TRUE(named) << row.name;
    }
}

TEST(OperationTable, a_subject_is_a_key_of_the_request) {
    for (const Operation& row : operations()) {
        if (row.subject.empty()) continue;
        const Json schema = request_schema(row);
        EXPECT_TRUE(resolved(schema, schema).at("properties").contains(row.subject)) << row.name;
    }
}

TEST(OperationTable, nothing_but_logging_in_and_being_alive_is_open_to_strangers) {
    for (const Operation& row : operations())
        if (row.access.before_login) {
            EXPECT_TRUE(row.name == "session.login" || row.name == "service.health") << row.name;
        }
}

TEST(OperationTable, whoever_is_refused_is_told_what_they_may_not_do) {
    for (const Operation& row : operations())
        if (!row.access.any_of.empty()) {
            EXPECT_FALSE(row.access.to_do.empty()) << row.name;
        }
}

TEST(OperationTable, an_administrator_alone_can_run_a_lab) {
    for (const Operation& row : operations()) {
        const std::string_view noun = row.name.substr(0, row.name.find('.'));
        static const std::set<std::string_view> lab{"host",  "image", "lab",
                                                    "patch", "run",   "snapshot"};
        if (!lab.contains(noun) || !writes(row.kind) || row.access.any_of.empty()) continue;
        EXPECT_THAT(row.access.any_of, testing::Contains(Role::admin)) << row.name;
    }
}

/// Every operation with every role.
class Authorisation : public SessionTest, public testing::WithParamInterface<Role> {};

TEST_P(Authorisation, lets_the_roles_of_the_row_through_and_no_other) {
    const std::string user(governance::name(GetParam()));
    add_user(user, {GetParam()});
    Session session = session_of(user);
    for (const Operation& row : operations()) {
        const bool auditor_changes = GetParam() == Role::auditor && writes(row.kind) &&
                                     row.access.any_of.empty() && !row.access.personal &&
                                     !row.access.before_login;
        const bool may = !auditor_changes && (row.access.any_of.empty() ||
                                              std::count(row.access.any_of.begin(),
                                                         row.access.any_of.end(), GetParam()) > 0);
        if (may) {
            EXPECT_NO_THROW(authorise(session, row)) << row.name;
            continue;
        }
        try {
            authorise(session, row);
            ADD_FAILURE() << user << " may do " << row.name;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::not_allowed) << row.name;
            EXPECT_THAT(error.what(), HasSubstr(std::string(row.access.to_do))) << row.name;
        }
    }
}

TEST_F(SessionTest, no_write_is_for_somebody_who_is_not_a_user) {
    Session session = session_of("mallory");
    for (const Operation& row : operations())
        if (writes(row.kind) && !row.access.before_login) {
            EXPECT_THROW(authorise(session, row), Error) << row.name;
        }
}

INSTANTIATE_TEST_SUITE_P(EveryRole, Authorisation,
                         testing::Values(Role::viewer, Role::tester, Role::release_manager,
                                         Role::system_owner, Role::admin, Role::auditor),
                         [](const auto& tested) {
                             std::string name(governance::name(tested.param));
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

}  // namespace
}  // namespace patchlab::operations
