// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "golden_runs.hpp"
#include "reports/words.hpp"

namespace patchlab::reports {
namespace {

TEST(Practice, a_stage_that_was_left_out_is_named_with_its_reason) {
    RunDocument run = example_without_practice();
    run.stages.push_back({"faults", "ok", "", 3});
    const auto left_out = not_practised(run);
    ASSERT_EQ(left_out.size(), 2U);
    EXPECT_EQ(left_out[0].what, "Reboot check");
    EXPECT_EQ(left_out[0].why, "not asked for (--no-reboot-check)");
    EXPECT_EQ(left_out[1].what, "Rollback drill");
    EXPECT_EQ(left_out[1].why, "not reached");
}

TEST(Practice, the_reboot_of_the_patch_itself_is_a_reboot_check) {
    RunDocument run = example("validated");
    run.stages.push_back({"endure", "skipped", "not asked for (--no-reboot-check)", 0});
    run.machines[0].rebooted = true;
    run.machines[0].boot_id_before = "a";
    run.machines[0].boot_id_after = "b";
    for (const NotPractised& one : not_practised(run)) EXPECT_NE(one.stage, "endure");
}

}  // namespace
}  // namespace patchlab::reports
