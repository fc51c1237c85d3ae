// SPDX-License-Identifier: Apache-2.0
#include "platform/virt/acceleration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "platform/core/files.hpp"

namespace patchlab::virt {
namespace {

/// A host on which a boot sector and a kernel end as the test says.
class PlayedRunner final : public process::CommandRunner {
  public:
    PlayedRunner() {
        sector.exit_code = 85;
        kernel.exit_code = 0;
        kernel.out = "[    0.000000] Linux version 6.1.0\nKernel panic - not syncing: VFS\n";
    }
    process::CommandResult run(const process::CommandSpec& spec) override {
        ++runs;
        return std::find(spec.args.begin(), spec.args.end(), "-kernel") == spec.args.end() ? sector
                                                                                           : kernel;
    }
    process::CommandResult sector;
    process::CommandResult kernel;
    int runs = 0;
};

class acceleration_probe : public testing::Test {
  protected:
    acceleration_probe() { ::unsetenv("PATCHLAB_ACCELERATION"); }
    ~acceleration_probe() override { ::unsetenv("PATCHLAB_ACCELERATION"); }
    static bool host_has_kvm() { return ::access("/dev/kvm", R_OK | W_OK) == 0; }
    TempFolder folder_{"/tmp", "probe-test"};
    PlayedRunner runner_;
};

TEST_F(acceleration_probe, does_what_the_environment_says_without_trying) {
    ::setenv("PATCHLAB_ACCELERATION", "kvm", 1);
    EXPECT_EQ(probe_acceleration(runner_, folder_.path()).acceleration, Acceleration::kvm);
    ::setenv("PATCHLAB_ACCELERATION", "tcg", 1);
    EXPECT_EQ(probe_acceleration(runner_, folder_.path()).acceleration, Acceleration::tcg);
    EXPECT_EQ(runner_.runs, 0);
    ::setenv("PATCHLAB_ACCELERATION", "warp", 1);
    EXPECT_THROW(probe_acceleration(runner_, folder_.path()), Error);
}

TEST_F(acceleration_probe, believes_guests_that_ran_and_remembers_it) {
    if (!host_has_kvm()) GTEST_SKIP() << "no /dev/kvm: nothing would be tried";
    EXPECT_EQ(probe_acceleration(runner_, folder_.path()).acceleration, Acceleration::kvm);
    const int runs = runner_.runs;
    EXPECT_GE(runs, 1);
    EXPECT_EQ(probe_acceleration(runner_, folder_.path()).acceleration, Acceleration::kvm);
    EXPECT_EQ(runner_.runs, runs);
}

TEST_F(acceleration_probe, does_not_believe_a_kvm_whose_guest_hangs_or_fails) {
    if (!host_has_kvm()) GTEST_SKIP() << "no /dev/kvm: nothing would be tried";
    runner_.sector = {};
    runner_.sector.timed_out = true;
    const AccelerationProbe hung = probe_acceleration(runner_, folder_.path() / "hung");
    EXPECT_EQ(hung.acceleration, Acceleration::tcg);
    EXPECT_THAT(hung.reason, testing::HasSubstr("hung"));
    runner_.sector = {};
    runner_.sector.exit_code = 1;
    runner_.sector.err = "qemu: failed to initialize kvm\nmore";
    const AccelerationProbe refused = probe_acceleration(runner_, folder_.path() / "refused");
    EXPECT_EQ(refused.acceleration, Acceleration::tcg);
    EXPECT_THAT(refused.reason, testing::HasSubstr("failed to initialize kvm"));
}

TEST_F(acceleration_probe, does_not_believe_a_kvm_that_runs_a_boot_sector_but_no_kernel) {
    if (!host_has_kvm()) GTEST_SKIP() << "no /dev/kvm: nothing would be tried";
    runner_.kernel = {};
    runner_.kernel.timed_out = true;
    const AccelerationProbe probe = probe_acceleration(runner_, folder_.path());
    if (runner_.runs < 2) GTEST_SKIP() << "no kernel in /boot to try with";
    EXPECT_EQ(probe.acceleration, Acceleration::tcg);
}

TEST_F(acceleration_probe, tries_again_after_the_host_was_booted_or_the_memory_of_it_damaged) {
    if (!host_has_kvm()) GTEST_SKIP() << "no /dev/kvm: nothing would be tried";
    for (
        const char* text :
        {R"({"schema":"patchlab/acceleration/v3","boot":"another","acceleration":"tcg","reason":"x"})",
         "{broken"}) {
        write_file_atomic(folder_.path() / "acceleration.json", text);
        EXPECT_EQ(probe_acceleration(runner_, folder_.path()).acceleration, Acceleration::kvm)
            << text;
    }
}

TEST(probe_boot_sector, is_bootable) {
    const std::string sector = probe_boot_sector();
    ASSERT_GE(sector.size(), 512U);
    EXPECT_EQ(sector.substr(510, 2), "\x55\xaa");
}

TEST(processor_model, names_the_model_and_what_tells_its_kinds_apart) {
    EXPECT_EQ(processor_model("processor\t: 0\ncpu family\t: 6\nmodel\t\t: 85\nmodel name\t: Xeon "
                              "Gold\nstepping\t: 7\nprocessor\t: 1\nmodel name\t: Other\n"),
              "Xeon Gold (6/85/7)");
    EXPECT_EQ(processor_model(""), "unknown processor");
}

}  // namespace
}  // namespace patchlab::virt
