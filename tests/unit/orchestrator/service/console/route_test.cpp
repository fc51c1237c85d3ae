// SPDX-License-Identifier: Apache-2.0
//
// The lines that people copy out of a page.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/service/api/routes.hpp"
#include "orchestrator/service/console/view.hpp"

namespace patchlab::service::console {
namespace {

TEST(ConsoleRoutes, are_those_of_the_api) {
    EXPECT_EQ(route_of("run.list", Json::object())->path, "/api/v1/runs");
    EXPECT_EQ(route_of("run.show", {{"run", "r-1"}})->path, "/api/v1/runs/r-1");
    EXPECT_EQ(route_of("patch.show", {{"patch", "a/b c"}})->path, "/api/v1/patches/a%2Fb%20c");
    EXPECT_EQ(route_of("policy.explain", {{"run", "r-1"}})->path, "/api/v1/runs/r-1/decision");
    EXPECT_EQ(route_of("inventory.needed", {{"advisories", {"CVE-1", "CVE-2"}}})->path,
              "/api/v1/inventory/needed?advisories=CVE-1&advisories=CVE-2");
    const auto approve = route_of("decision.approve", {{"run", "r-1"}, {"reason", "x"}});
    EXPECT_EQ(approve->method, "POST");
    EXPECT_EQ(approve->path, "/api/v1/runs/r-1/approve");
    EXPECT_EQ(approve->body, Json({{"reason", "x"}}));
    EXPECT_TRUE(approve->guarded);
    EXPECT_FALSE(route_of("host.init", Json::object())) << "not offered: no line is shown";
}

TEST(ConsoleRoutes, lead_back_to_the_operation_that_they_name) {
    for (const api::Route& row : api::routes()) {
        Json request = Json::object();
        if (!row.subject.empty()) request[row.subject] = "x-1";
        const std::string_view name = row.operation->name;
        const auto route = route_of(name, request);
        ASSERT_TRUE(route) << name;
        const auto found = api::find_route(route->method, route->path);
        ASSERT_TRUE(found) << name << " " << route->path;
        EXPECT_EQ(found->route->operation->name, name) << route->path;
    }
}

TEST(ConsoleRoutes, a_word_that_a_shell_would_act_upon_is_quoted) {
    EXPECT_EQ(shell_word("r-20261130-0001"), "r-20261130-0001");
    EXPECT_EQ(shell_word("a b"), "'a b'");
    EXPECT_EQ(shell_word("$(reboot)"), "'$(reboot)'");
    EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
    EXPECT_EQ(shell_word(""), "''");
}

TEST(ConsoleRoutes, an_address_keeps_what_is_not_replaced) {
    Visit visit;
    visit.path = "/runs";
    visit.query = {{"state", "finished"}, {"page", "2"}};
    EXPECT_EQ(this_page_with(visit, {{"page", "3"}}), "/runs?state=finished&page=3");
    EXPECT_EQ(this_page_with(visit, {{"page", ""}}), "/runs?state=finished");
}

TEST(ConsolePages, a_list_is_cut_and_says_whether_there_is_more) {
    Visit visit;
    visit.query = {{"page", "2"}};
    EXPECT_EQ(newest(visit, 50), Json({{"filter", {{"limit", 101}}}}));
    const Cut more = cut_newest(visit, 101, 50);
    EXPECT_EQ(more.from, 50U);
    EXPECT_EQ(more.to, 100U);
    EXPECT_TRUE(more.open_end);
    EXPECT_FALSE(cut_newest(visit, 100, 50).open_end);
    visit.query = {{"page", "99999999999999999999"}};
    EXPECT_EQ(cut_page(visit, 10, 50).page, 1U);
}

}  // namespace
}  // namespace patchlab::service::console
