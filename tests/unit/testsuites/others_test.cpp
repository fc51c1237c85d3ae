// SPDX-License-Identifier: Apache-2.0
//
// Tests that others wrote, run by the programs that run them in a guest: a Debian source tree
// (DEP-8) and tmt plans.
#include <gmock/gmock.h>

#include <sys/stat.h>

#include "platform/core/diagnostics.hpp"
#include "platform/core/files.hpp"
#include "tests/unit/testsuites/local_channel.hpp"
#include "testsuites/batch.hpp"
#include "testsuites/loader.hpp"

namespace patchlab::testsuites {
namespace {

using ::testing::HasSubstr;

class SourceTree : public ::testing::Test {
  protected:
    SourceTree() {
        make_folder(folder.path() / "debian/tests");
        write_file_atomic(folder.path() / "debian/control",
                          "Source: dpkg\n\nPackage: dpkg\nArchitecture: any\n\nPackage: "
                          "dpkg-udeb\nPackage-Type: udeb\nArchitecture: any\n");
    }
    void test(const std::string& name, const std::string& script) {
        const fs::path file = folder.path() / "debian/tests" / name;
        write_file_atomic(file, "#!/bin/sh\n" + script + "\n");
        ::chmod(file.c_str(), 0755);
    }
    void control(const std::string& text) {
        write_file_atomic(folder.path() / "debian/tests/control", text);
    }
    /// The whole check first, then each of its tests.
    std::vector<CheckResult> run(const std::string& kind = "autopkgtest") {
        Diagnostics found;
        const Suite suite = parse_suite(
            "schema: patchlab/suite/v1\nname: s\nchecks:\n  - { name: "
            "upstream, " +
                kind + ": \"" + folder.path().string() + "\" }\n",
            "s.yaml", found);
        for (const Diagnostic& item : found.items) ADD_FAILURE() << item.text();
        EXPECT_TRUE(suite.checks.at(0).lab_only);
        LocalChannel channel;
        return run_suites(channel, {suite});
    }
    static CheckResult of(const std::vector<CheckResult>& results, const std::string& name) {
        for (const CheckResult& result : results)
            if (result.name == "upstream: " + name) return result;
        ADD_FAILURE() << "there is no test " << name;
        return {};
    }

    TempFolder folder{fs::temp_directory_path(), "source-tree"};
};

TEST_F(SourceTree, tests_that_pass_and_fail_are_told_apart) {
    control(
        "Tests: good, bad\n\nTest-Command: test -d \"$AUTOPKGTEST_TMP\"\nFeatures: "
        "test-name=smoke\n");
    test("good", "test -e debian/control");
    test("bad", "echo it does not serve; exit 3");
    const auto results = run();
    EXPECT_EQ(results.at(0).outcome, Outcome::fail);
    EXPECT_EQ(of(results, "good").outcome, Outcome::pass);
    EXPECT_EQ(of(results, "smoke").outcome, Outcome::pass);
    EXPECT_EQ(of(results, "bad").outcome, Outcome::fail);
    EXPECT_THAT(of(results, "bad").detail, HasSubstr("exit code 3"));
    EXPECT_THAT(of(results, "bad").detail, HasSubstr("it does not serve"));
}

TEST_F(SourceTree, what_cannot_run_here_is_skipped_with_the_reason) {
    control(
        "Tests: breaks\nRestrictions: breaks-testbed\nDepends: dpkg\n\n"
        "Tests: online\nRestrictions: needs-root, needs-internet\nDepends:\n\n"
        "Tests: alien\nArchitecture: s390x\n\n"
        "Tests: lacks\nDepends: dpkg, no-such-package | nor-this (>= 2)\n\n"
        "Tests: old\nDepends: dpkg (>= 99:1)\n\n"
        "Tests: built\nDepends: @builddeps@\n\n"
        "Tests: odd\nRestrictions: needs-moonlight\n");
    for (const char* name : {"breaks", "online", "alien", "lacks", "old", "built", "odd"})
        test(name, "exit 1");
    const auto results = run();
    EXPECT_EQ(results.at(0).outcome, Outcome::skip);
    const std::map<std::string, std::string> reasons{
        {"breaks", "broken"},         {"online", "internet"},    {"alien", "other architectures"},
        {"lacks", "no-such-package"}, {"old", "dpkg (>= 99:1)"}, {"built", "built with"},
        {"odd", "needs-moonlight"}};
    for (const auto& [name, reason] : reasons) {
        EXPECT_EQ(of(results, name).outcome, Outcome::skip) << name;
        EXPECT_THAT(of(results, name).detail, HasSubstr(reason)) << name;
    }
}

TEST_F(SourceTree, restrictions_change_what_counts_as_a_failure) {
    control(
        "Tests: noisy\nDepends: @\n\n"
        "Tests: quiet-enough\nRestrictions: allow-stderr\n\n"
        "Tests: gives-up\nRestrictions: skippable\n\n"
        "Tests: moody\nRestrictions: flaky\n\n"
        "Tests: writes\nRestrictions: rw-build-tree\n");
    test("noisy", "echo warning >&2");
    test("quiet-enough", "echo warning >&2");
    test("gives-up", "exit 77");
    test("moody", "exit 1");
    test("writes", "echo x > debian/written");
    const auto results = run();
    EXPECT_EQ(of(results, "noisy").outcome, Outcome::fail);
    EXPECT_EQ(of(results, "quiet-enough").outcome, Outcome::pass);
    EXPECT_EQ(of(results, "gives-up").outcome, Outcome::skip);
    EXPECT_EQ(of(results, "moody").outcome, Outcome::skip);
    EXPECT_EQ(of(results, "writes").outcome, Outcome::pass);
    EXPECT_FALSE(fs::exists(folder.path() / "debian/written")) << "it wrote into a copy";
}

TEST_F(SourceTree, what_cannot_be_read_is_unknown) {
    EXPECT_EQ(run().at(0).outcome, Outcome::unknown) << "there is no control file";
    control("Restrictions: needs-root\n");
    EXPECT_EQ(run().at(0).outcome, Outcome::unknown) << "neither tests nor a command";
    control("what is this\n");
    EXPECT_EQ(run().at(0).outcome, Outcome::unknown);
}

TEST_F(SourceTree, plans_are_skipped_where_tmt_is_not_installed) {
    if (std::system("command -v tmt >/dev/null") == 0) GTEST_SKIP() << "tmt is installed here";
    const auto results = run("tmt");
    EXPECT_EQ(results.at(0).outcome, Outcome::skip);
    EXPECT_THAT(results.at(1).detail, HasSubstr("tmt is not installed"));
}

}  // namespace
}  // namespace patchlab::testsuites
