// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/deb/apt_output.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchlab::families::deb {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(AptOutput, reads_planned_files_with_epochs_and_skips_other_lines) {
    const auto files = parse_print_uris(
        "NOTE: something\n'https://deb.example.org/r/redis_7.0_amd64.deb' "
        "redis_5%3a7.0.15-1~deb12u10_amd64.deb 123 SHA256:" +
        std::string(64, 'a') + "\n'https://deb.example.org/x_1_all.deb' x-y_1+b1_all.deb 5 \n");
    ASSERT_EQ(files.size(), 2U);
    EXPECT_EQ(files[0].version, "5:7.0.15-1~deb12u10");
    EXPECT_EQ(files[0].sha256, std::string(64, 'a'));
    EXPECT_EQ(files[1].name, "x-y");
    EXPECT_EQ(files[1].sha256, "");
    EXPECT_THROW(parse_print_uris("'https://deb.example.org/x' ../../x_1_all.deb 5\n"), Error);
    EXPECT_THROW(parse_print_uris("'https://deb.example.org/x' \n"), Error);
}

TEST(AptOutput, keeps_only_settings_about_fetching_from_the_host) {
    const std::string kept = fetch_settings(
        "Acquire::http::Proxy \"https://proxy.example.org:3128\";\nAcquire::Check-Valid-Until "
        "\"false\";\nAPT::Update::Post-Invoke:: \"rm "
        "-rf /\";\n"
        "Acquire::http::Odd \"a\"b\";\nAcquire::AllowInsecureRepositories "
        "\"1\";\nDPkg::Pre-Invoke:: \"x\";\nAcquire::https::Verify-Peer "
        "\"\";\n");
    EXPECT_EQ(kept,
              "Acquire::http::Proxy "
              "\"https://proxy.example.org:3128\";\nAcquire::Check-Valid-Until \"false\";\n");
}

TEST(AptOutput, tells_a_bad_repository_from_one_that_cannot_be_reached) {
    EXPECT_EQ(update_error("E: The repository 'file:/r stable Release' is not signed.\n").code(),
              ErrorCode::refused);
    EXPECT_EQ(
        update_error(
            "E: Release file for https://deb.example.org/InRelease is expired (invalid since 2d)\n")
            .code(),
        ErrorCode::refused);
    EXPECT_EQ(
        update_error("E: Failed to fetch https://deb.example.org/Packages  Hash Sum mismatch\n")
            .code(),
        ErrorCode::refused);
    EXPECT_EQ(update_error(
                  "E: Failed to fetch https://deb.example.org/InRelease  Could not resolve host\n")
                  .code(),
              ErrorCode::lab);
    EXPECT_THAT(update_error("W: a warning\nE: the reason\n").what(), HasSubstr("the reason"));
    EXPECT_THAT(update_error("W: a warning\nE: the reason\n").what(), Not(HasSubstr("a warning")));
}

TEST(AptOutput, names_the_missing_prerequisite) {
    EXPECT_EQ(apt_reason("E: Unable to correct problems, you have held broken packages.\n",
                         "The following packages have unmet dependencies:\n web : Depends: lib (>= "
                         "2) but it is not installable\n"),
              "web : Depends: lib (>= 2) but it is not installable; Unable to correct problems, "
              "you have held broken packages.");
    EXPECT_EQ(apt_reason(""), "apt gave no reason");
}

}  // namespace
}  // namespace patchlab::families::deb
