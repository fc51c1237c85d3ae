// SPDX-License-Identifier: Apache-2.0
//
// One question about a suite, and what a changelog says of a regression.
#include "orchestrator/families/deb/suite_look.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/core/digest.hpp"

namespace patchlab::families::deb {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Answers as curl does, and keeps what it was asked.
class OneAnswer : public process::CommandRunner {
  public:
    process::CommandResult run(const process::CommandSpec& spec) override {
        asked += spec.input;
        process::CommandResult result;
        result.exit_code = exit_code;
        result.out = body;
        result.err = error + "\npatchlab-answer " + status + "\n" + tag + "\n\n";
        return result;
    }
    std::string status = "200", tag = "\"v1\"", body, error, asked;
    int exit_code = 0;
};

const Suite security{"bookworm-security",
                     "http://vendor.example.org/dists/bookworm-security/InRelease"};

constexpr const char* release_text =
    "Origin: Vendor\nDate: Sat, 12 Sep 2026 10:00:00 UTC\nValid-Until: Sat, 19 Sep 2026 10:00:00 "
    "UTC\n";

TEST(SuiteLook, a_new_index_tells_its_dates_and_what_to_ask_with_next_time) {
    OneAnswer server;
    server.body = release_text;
    const SuiteLook look = look_at(security, {}, "", server);
    EXPECT_EQ(look.answer, SuiteLook::Answer::changed);
    EXPECT_EQ(look.seen.tag, "\"v1\"");
    EXPECT_EQ(look.seen.digest, sha256_hex(release_text));
    ASSERT_TRUE(look.dated && look.expires);
    EXPECT_EQ(to_rfc3339(*look.dated), "2026-09-12T10:00:00Z");
    EXPECT_EQ(to_rfc3339(*look.expires), "2026-09-19T10:00:00Z");
    EXPECT_THAT(server.asked, Not(HasSubstr("If-None-Match")));
}

TEST(SuiteLook, asks_with_a_condition_and_believes_that_nothing_changed) {
    OneAnswer server;
    server.status = "304";
    const SuiteLook look = look_at(security, {"\"v1\"", "", "d1"}, "", server);
    EXPECT_EQ(look.answer, SuiteLook::Answer::unchanged);
    EXPECT_EQ(look.seen.digest, "d1");
    EXPECT_THAT(server.asked, HasSubstr("If-None-Match: \\\"v1\\\""));
}

TEST(SuiteLook, the_same_bytes_are_no_change_where_a_server_knows_no_conditions) {
    OneAnswer server;
    server.body = release_text;
    EXPECT_EQ(look_at(security, {"", "", sha256_hex(release_text)}, "", server).answer,
              SuiteLook::Answer::unchanged);
}

TEST(SuiteLook, a_server_that_is_down_or_says_no_is_unreachable) {
    OneAnswer server;
    server.status = "503";
    EXPECT_EQ(look_at(security, {}, "", server).detail, "answered 503");
    server.exit_code = 7;
    server.error = "curl: (7) Failed to connect";
    const SuiteLook look = look_at(security, {}, "", server);
    EXPECT_EQ(look.answer, SuiteLook::Answer::unreachable);
    EXPECT_THAT(look.detail, HasSubstr("Failed to connect"));
}

TEST(SuiteLook, a_tag_that_is_no_plain_text_is_not_sent_back) {
    OneAnswer server;
    server.body = release_text;
    server.tag = "\"a\x01z\"";
    EXPECT_EQ(look_at(security, {}, "", server).seen.tag, "");
}

TEST(SuiteLook, goes_through_the_proxy_of_the_host) {
    OneAnswer server;
    server.body = release_text;
    const std::string settings =
        "Acquire::http::Proxy \"http://proxy.example.org:3128\";\n"
        "Acquire::http::Proxy::inside.example.org \"DIRECT\";\n";
    look_at(security, {}, settings, server);
    EXPECT_THAT(server.asked, HasSubstr("proxy = \"http://proxy.example.org:3128\""));
    server.asked.clear();
    look_at({"x", "http://inside.example.org/dists/x/InRelease"}, {}, settings, server);
    EXPECT_THAT(server.asked, HasSubstr("noproxy"));
}

TEST(SuiteLook, knows_the_suites_of_its_sources_once_each) {
    const auto suites = suites_in(
        "Types: deb\nURIs: http://vendor.example.org/debian/\nSuites: stable stable-updates\n"
        "Components: main\n\nTypes: deb\nURIs: http://vendor.example.org/debian\nSuites: stable\n"
        "Components: extra\n\nTypes: deb\nURIs: cdrom:/media\nSuites: stable\nComponents: main\n");
    ASSERT_EQ(suites.size(), 2U);
    EXPECT_EQ(suites[0].address, "http://vendor.example.org/debian/dists/stable/InRelease");
    EXPECT_EQ(suites[1].name, "stable-updates");
}

std::string log_of(const std::string& version, const std::string& line) {
    return "nginx (" + version + ") stable; urgency=high\n\n  * " + line +
           "\n\n -- V <v@example.org>  Mon, 01 Sep 2025 10:00:00 +0000\n\n";
}

TEST(Regression, a_newer_version_that_repairs_one_says_so) {
    EXPECT_THAT(repairs_regression(log_of("1.0-3", "Fix regression introduced in 1.0-2"), "1.0-2"),
                HasSubstr("Fix regression"));
    EXPECT_THAT(repairs_regression(log_of("1.0-3", "Regression update for CVE-2026-1"), "1.0-2"),
                HasSubstr("1.0-3"));
}

TEST(Regression, tests_for_regressions_and_older_entries_are_none) {
    EXPECT_EQ(repairs_regression(log_of("1.0-3", "Add regression tests for the fix"), "1.0-2"), "");
    EXPECT_EQ(repairs_regression(log_of("1.0-3", "Fix the regression-test suite"), "1.0-2"), "");
    EXPECT_EQ(repairs_regression(log_of("1.0-2", "Fix regression introduced in 1.0-1"), "1.0-2"),
              "");
}

}  // namespace
}  // namespace patchlab::families::deb
