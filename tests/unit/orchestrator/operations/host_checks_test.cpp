// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/host_checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::operations {
namespace {

using ::testing::HasSubstr;

/// Plays dpkg-query.
class FakeDpkg final : public process::CommandRunner {
  public:
    process::CommandResult run(const process::CommandSpec& spec) override {
        if (missing) throw Error(ErrorCode::lab, "there is no program 'dpkg-query' on this host");
        EXPECT_EQ(spec.program, "dpkg-query");
        process::CommandResult result;
        result.exit_code = 1;
        result.out = "bash\tinstalled\t5.2.15-2+b7\nnothing\tconfig-files\t1.0\n";
        return result;
    }
    bool missing = false;
};

const Requirement bash{"shell", "bash", "sh", "", "runs scripts"};
const Requirement nothing{"nothing", "nothing", "no-such-program-at-all", "", "is never used"};

TEST(HostChecks, a_missing_program_is_a_no_that_names_its_use_and_its_package) {
    FakeDpkg dpkg;
    const auto findings = check_requirements(dpkg, {bash, nothing});
    ASSERT_EQ(findings.size(), 2U);
    EXPECT_EQ(
        to_json(findings[0]).dump(),
        R"({"name":"shell","ok":true,"status":"ok","detail":"bash 5.2.15-2+b7","advice":null})");
    EXPECT_EQ(
        to_json(findings[1]).dump(),
        R"({"name":"nothing","ok":false,"status":"fail","detail":"missing; it is never used","advice":"apt-get install nothing"})");
}

TEST(HostChecks, a_program_that_dpkg_does_not_know_counts_but_its_version_is_unknown) {
    FakeDpkg dpkg;
    dpkg.missing = true;
    const auto findings = check_requirements(dpkg, {bash});
    EXPECT_EQ(findings[0].answer, Answer::yes);
    EXPECT_THAT(findings[0].detail, HasSubstr("version unknown"));
}

TEST(HostChecks, files_are_found_by_pattern) {
    const TempFolder folder(fs::temp_directory_path(), "patchlab-test");
    make_folder(folder.path() / "x86_64" / "driver");
    write_file_atomic(folder.path() / "x86_64" / "driver" / "a.so", "");
    FakeDpkg dpkg;
    const std::string root = folder.path().string();
    const auto findings = check_requirements(dpkg, {{"a", "bash", "", root + "/*/driver/a.so", "x"},
                                                    {"b", "bash", "", root + "/*/b.so", "x"}});
    EXPECT_EQ(findings[0].answer, Answer::yes);
    EXPECT_EQ(findings[1].answer, Answer::no);
}

TEST(HostChecks, the_appliance_needs_a_kernel_with_its_modules) {
    const TempFolder folder(fs::temp_directory_path(), "patchlab-test");
    const fs::path boot = folder.path() / "boot";
    const fs::path modules = folder.path() / "modules";
    make_folder(boot);
    EXPECT_THAT(check_appliance_kernel(boot, modules).advice, HasSubstr("linux-image-amd64"));
    write_file_atomic(boot / "vmlinuz-6.1.0-1-amd64", "");
    EXPECT_EQ(check_appliance_kernel(boot, modules).answer, Answer::no);
    make_folder(modules / "6.1.0-1-amd64");
    const Finding found = check_appliance_kernel(boot, modules);
    EXPECT_EQ(found.answer, Answer::yes);
    EXPECT_EQ(found.detail, "6.1.0-1-amd64");
}

TEST(HostChecks, little_memory_is_a_warning_and_unknown_memory_is_not_fine) {
    EXPECT_EQ(check_memory("MemTotal: 1 kB\nMemAvailable:    4194304 kB\n").answer, Answer::yes);
    const Finding little = check_memory("MemAvailable:    1048576 kB\n");
    EXPECT_EQ(to_json(little).at("ok"), true) << "a boolean, whatever the status";
    EXPECT_EQ(little.detail, "1 GiB available");
    EXPECT_EQ(check_memory("").answer, Answer::warn);
}

}  // namespace
}  // namespace patchlab::operations
