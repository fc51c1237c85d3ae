// SPDX-License-Identifier: Apache-2.0
//
// Passwords, tokens, scopes and figures through the program itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/program.hpp"

namespace patchlab::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Accounts, a_token_is_made_listed_and_revoked) {
    PlayedLab lab;
    ASSERT_EQ(lab.run({"user", "add", "tess", "--role", "tester"}).exit_code, 0);
    const process::CommandResult made =
        lab.run({"--as", "tess", "token", "create", "ci", "--expires", "30", "--lab", "shop"});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    EXPECT_THAT(made.out, HasSubstr("plt_"));
    EXPECT_EQ(made.out.size(), 64U) << "the token and nothing else";
    EXPECT_THAT(made.err, HasSubstr("shown this once"));
    const std::string id = made.out.substr(4, 8);
    EXPECT_THAT(lab.run({"--as", "tess", "token", "list"}).out, HasSubstr(id));
    EXPECT_THAT(lab.run({"token", "list"}).out, Not(HasSubstr(id))) << "another's";
    EXPECT_THAT(lab.run({"token", "list", "--all"}).out, HasSubstr("labs shop"));
    EXPECT_EQ(lab.run({"--as", "tess", "token", "list", "--all"}).exit_code, 4);
    EXPECT_EQ(lab.run({"--as", "tess", "token", "revoke", id}).exit_code, 0);
    EXPECT_EQ(lab.run({"--as", "tess", "token", "revoke", id}).exit_code, 2);
    EXPECT_THAT(lab.run({"--as", "tess", "token", "list", "--state", "active"}).out,
                Not(HasSubstr(id)));
    EXPECT_EQ(lab.run({"--as", "tess", "token", "create", "ci", "--expires", "400"}).exit_code, 2);
    EXPECT_EQ(lab.run({"--as", "tess", "token", "create", "x", "--role", "admin"}).exit_code, 4);
    EXPECT_THAT(lab.run({"audit", "list", "--json"}).out, Not(HasSubstr(made.out.substr(13, 43))));
}

TEST(Accounts, a_scope_is_shown_and_a_refusal_names_it) {
    PlayedLab lab;
    const process::CommandResult added = lab.run(
        {"user", "add", "olga", "--role", "tester", "--scope", "criticality=mission-critical"});
    ASSERT_EQ(added.exit_code, 0) << added.err;
    EXPECT_THAT(lab.run({"user", "list"}).out, HasSubstr("tester (criticality=mission-critical)"));
    const process::CommandResult refused = lab.run({"--as", "olga", "lab", "remove", "shop"});
    EXPECT_EQ(refused.exit_code, 4);
    EXPECT_THAT(refused.err, HasSubstr("holds for criticality=mission-critical only"));
    EXPECT_EQ(lab.run({"user", "add", "x", "--role", "tester", "--scope", "owner=me"}).exit_code,
              2);
}

TEST(Accounts, what_logs_in_is_kept_where_nobody_else_reads_it) {
    PlayedLab lab;
    const TempFolder home(fs::temp_directory_path(), "home");
    const fs::path file = home.path() / "credentials.yaml";
    const std::map<std::string, std::string> environment{{"PATCHLAB_CREDENTIALS", file.string()}};
    EXPECT_EQ(lab.run({"login"}, environment).exit_code, 2) << "which service?";
    EXPECT_EQ(lab.run({"logout", "--server", "unix:/nowhere"}, environment).exit_code, 2);
    write_file_atomic(file, "schema: patchlab/credentials/v1\nservers: []\n", 0644);
    const process::CommandResult open =
        lab.run({"logout", "--server", "unix:/nowhere"}, environment);
    EXPECT_EQ(open.exit_code, 3);
    EXPECT_THAT(open.err, HasSubstr("can be read by others"));
}

TEST(Accounts, figures_and_events_are_printed_as_they_are_asked_for) {
    PlayedLab lab;
    ASSERT_EQ(lab.rehearse().exit_code, 0);
    EXPECT_THAT(lab.run({"metrics", "show"}).out,
                HasSubstr("patchlab_runs{state=\"finished\",verdict="));
    const process::CommandResult table = lab.run({"management", "show"});
    EXPECT_THAT(table.out, HasSubstr("DAYS TO LAST RING"));
    EXPECT_THAT(table.out, HasSubstr("mission-critical hosts: 0 of 0"));
    const process::CommandResult csv = lab.run({"management", "show", "-o", "csv"});
    EXPECT_THAT(csv.out, testing::StartsWith("PERIOD,RELEASED,REHEARSED,"));
    EXPECT_THAT(csv.out, Not(HasSubstr("mission-critical")));
    const process::CommandResult events = lab.run({"event", "list", "--limit", "1000", "--json"});
    const Json document = parse_json(events.out, "events");
    const std::string run = lab.newest_id();
    std::size_t of_run = 0;
    for (const Json& event : document.at("events"))
        of_run += event.at("kind") == "run" && event.at("subject") == run;
    EXPECT_GT(of_run, 5U);
    const std::string next = document.at("next").get<std::string>();
    EXPECT_EQ(parse_json(lab.run({"event", "list", "--after", next, "--json"}).out, "events")
                  .at("events")
                  .size(),
              0U);
    EXPECT_EQ(lab.run({"event", "list", "--after", "nonsense"}).exit_code, 2);
}

}  // namespace
}  // namespace patchlab::tests
