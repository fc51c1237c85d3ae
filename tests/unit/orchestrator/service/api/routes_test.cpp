// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/api/routes.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

#include "orchestrator/service/api/url.hpp"

namespace patchlab::service::api {
namespace {

bool is_refused(std::string_view name) {
    const auto all = not_offered();
    return std::any_of(all.begin(), all.end(),
                       [&](const NotOffered& one) { return one.operation == name; });
}

std::string asked(std::string_view operation) {
    const Route* route = route_of(operation);
    return route ? route->method + " " + route->path : "";
}

TEST(Routes, every_operation_has_one_or_the_reason_why_not) {
    for (const auto& operation : operations::operations())
        EXPECT_NE(route_of(operation.name) != nullptr, is_refused(operation.name))
            << operation.name;
}

TEST(Routes, what_is_not_offered_exists_and_has_a_reason) {
    for (const NotOffered& one : not_offered()) {
        EXPECT_TRUE(operations::find(one.operation)) << one.operation;
        EXPECT_FALSE(one.why.empty()) << one.operation;
    }
}

TEST(Routes, no_two_operations_share_one) {
    std::set<std::string> seen;
    for (const Route& route : routes())
        EXPECT_TRUE(seen.insert(route.method + " " + route.path).second)
            << route.method << " " << route.path;
}

TEST(Routes, a_subject_in_the_path_is_a_member_of_the_request) {
    for (const Route& route : routes())
        EXPECT_TRUE(route.subject.empty() || route.member(route.subject)) << route.operation->name;
}

TEST(Routes, a_read_changes_nothing_by_GET_and_a_write_never_is_one) {
    for (const Route& route : routes()) {
        const bool writes = operations::writes(route.operation->kind);
        EXPECT_FALSE(writes && route.method == "GET") << route.operation->name;
        EXPECT_FALSE(!writes && route.method == "DELETE") << route.operation->name;
    }
}

TEST(Routes, what_a_request_needs_can_be_said) {
    for (const Route& route : routes())
        for (const Member& member : route.members) {
            if (!member.required || member.name == route.subject) continue;
            EXPECT_TRUE(local_only(route.operation->name, member.name).empty())
                << route.operation->name << " " << member.name;
            if (!route.takes_body()) {
                EXPECT_FALSE(member.kind == MemberKind::object || is_upload(member.kind))
                    << route.operation->name << " " << member.name;
            }
        }
}

TEST(Routes, follow_from_noun_verb_and_subject) {
    EXPECT_EQ(asked("run.list"), "GET /api/v1/runs");
    EXPECT_EQ(asked("run.show"), "GET /api/v1/runs/{run}");
    EXPECT_EQ(asked("run.start"), "POST /api/v1/runs");
    EXPECT_EQ(asked("run.cancel"), "POST /api/v1/runs/{run}/cancel");
    EXPECT_EQ(asked("run.wait"), "GET /api/v1/runs/wait");
    EXPECT_EQ(asked("lab.remove"), "DELETE /api/v1/labs/{lab}");
    EXPECT_EQ(asked("lab.check"), "POST /api/v1/labs/check");
    EXPECT_EQ(asked("patch.add"), "POST /api/v1/patches");
    EXPECT_EQ(asked("decision.approve"), "POST /api/v1/runs/{run}/approve");
    EXPECT_EQ(asked("rollout.back_out"), "POST /api/v1/rollouts/{rollout}/back_out");
    EXPECT_EQ(asked("audit.list"), "GET /api/v1/audit");
}

TEST(Routes, a_path_is_found_by_its_words_before_its_names) {
    const auto wait = find_route("GET", "/api/v1/runs/wait");
    ASSERT_TRUE(wait);
    EXPECT_EQ(wait->route->operation->name, "run.wait");
    const auto show = find_route("HEAD", "/api/v1/runs/r-1%2F2");
    ASSERT_TRUE(show);
    EXPECT_EQ(show->route->operation->name, "run.show");
    EXPECT_EQ(show->subject, "r-1/2");
}

TEST(Routes, a_path_that_leads_nowhere_is_none) {
    for (const char* path :
         {"", "/", "/api/v1", "/api/v1/", "/api/v1/runs/", "/api/v1/runs//log", "/api/v1/nothing",
          "/api/v1/runs/a/b/c", "/api/v1/runs/%zz", "/api/v1/runs/%00", "/api/v1/runs/%ff"})
        EXPECT_FALSE(find_route("GET", path)) << path;
    EXPECT_EQ(methods_of("/api/v1/runs"), (std::vector<std::string>{"POST", "GET"}));
    EXPECT_TRUE(methods_of("/api/v2/runs").empty());
}

RC_GTEST_PROP(Routes, any_name_travels_in_a_path, (const std::string& bytes)) {
    std::string name;
    for (const char c : bytes)
        if (c > 0) name += c;
    RC_PRE(!name.empty());
    const auto found = find_route("GET", path_of("run.show", name));
    RC_ASSERT(found.has_value());
    // a run that is called like a verb is asked for by that verb's word
    if (found->route->operation->name == "run.show") RC_ASSERT(found->subject == name);
}

RC_GTEST_PROP(Url, any_query_is_read_or_refused, (const std::string& text)) {
    const auto parameters = parameters_in(text);
    if (!parameters) return;
    std::string again;
    for (const auto& [name, value] : *parameters)
        again += (again.empty() ? "" : "&") + percent_encoded(name) + "=" + percent_encoded(value);
    RC_ASSERT(parameters_in(again) == parameters);
}

}  // namespace
}  // namespace patchlab::service::api
