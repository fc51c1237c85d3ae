// SPDX-License-Identifier: Apache-2.0
#include "platform/disk/image/chain.hpp"

#include <gmock/gmock.h>

#include "platform/core/error.hpp"

namespace patchlab::disk {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ErrorCode code_of(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        return error.code();
    }
    ADD_FAILURE() << "nothing was refused";
    return ErrorCode::internal;
}

/// base ← prepared ← trial-1, trial-2
DiskPlan lab_with_two_trials() {
    DiskPlan plan;
    plan.add_base("/s/base.qcow2", "qcow2");
    plan.add_overlay("/s/prepared.qcow2", "/s/base.qcow2");
    plan.freeze("/s/prepared.qcow2");
    plan.add_overlay("/s/trial-1.qcow2", "/s/prepared.qcow2");
    plan.add_overlay("/s/trial-2.qcow2", "/s/prepared.qcow2");
    return plan;
}

TEST(DiskPlan, an_overlay_is_made_with_both_formats_said) {
    DiskPlan plan;
    plan.add_base("/s/base.raw", "raw");
    EXPECT_THAT(plan.add_overlay("/s/web.qcow2", "/s/base.raw"),
                ElementsAre("create", "-q", "-f", "qcow2", "-b", "/s/base.raw", "-F", "raw",
                            "/s/web.qcow2"));
}

TEST(DiskPlan, refuses_an_overlay_on_a_disk_that_may_still_be_written) {
    DiskPlan plan;
    plan.add_base("/s/base.qcow2", "qcow2");
    plan.add_overlay("/s/web.qcow2", "/s/base.qcow2");
    EXPECT_EQ(code_of([&] { plan.add_overlay("/s/clone.qcow2", "/s/web.qcow2"); }),
              ErrorCode::conflict);
    plan.freeze("/s/web.qcow2");
    plan.add_overlay("/s/clone.qcow2", "/s/web.qcow2");
    EXPECT_THAT(plan.chain("/s/clone.qcow2"),
                ElementsAre("/s/clone.qcow2", "/s/web.qcow2", "/s/base.qcow2"));
}

TEST(DiskPlan, refuses_to_delete_an_image_that_any_chain_still_stands_on) {
    DiskPlan plan = lab_with_two_trials();
    for (const char* needed : {"/s/base.qcow2", "/s/prepared.qcow2"})
        EXPECT_EQ(code_of([&] { plan.remove(needed); }), ErrorCode::conflict) << needed;
    plan.remove("/s/trial-1.qcow2");
    EXPECT_EQ(code_of([&] { plan.remove("/s/prepared.qcow2"); }), ErrorCode::conflict);
    plan.remove("/s/trial-2.qcow2");
    plan.remove("/s/prepared.qcow2");
    plan.remove("/s/base.qcow2");
    EXPECT_FALSE(plan.has("/s/base.qcow2"));
}

TEST(DiskPlan, another_spelling_of_the_path_does_not_get_around_the_refusal) {
    DiskPlan plan = lab_with_two_trials();
    EXPECT_EQ(code_of([&] { plan.remove("/s/../s//base.qcow2"); }), ErrorCode::conflict);
    EXPECT_EQ(code_of([&] { plan.add_overlay("/s/./trial-1.qcow2", "/s/base.qcow2"); }),
              ErrorCode::conflict);
    EXPECT_EQ(code_of([&] { plan.add_base("nbd:host:1", "raw"); }), ErrorCode::internal);
}

TEST(DiskPlan, refuses_to_delete_an_image_that_somebody_uses_and_says_who) {
    DiskPlan plan;
    plan.add_base("/s/base.qcow2", "qcow2");
    plan.add_user("/s/base.qcow2", "lab web-shop");
    try {
        plan.remove("/s/base.qcow2");
        FAIL() << "removed";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("lab web-shop"));
    }
    plan.remove_user("/s/base.qcow2", "lab web-shop");
    plan.remove("/s/base.qcow2");
}

TEST(DiskPlan, only_a_disk_of_its_own_may_be_written_by_a_machine) {
    const DiskPlan plan = lab_with_two_trials();
    EXPECT_TRUE(plan.writable("/s/trial-1.qcow2"));
    EXPECT_FALSE(plan.writable("/s/prepared.qcow2"));
    EXPECT_FALSE(plan.writable("/s/base.qcow2"));
    EXPECT_FALSE(plan.writable("/s/unknown.qcow2"));
}

TEST(DiskPlan, unused_overlays_come_in_an_order_in_which_they_can_go) {
    DiskPlan plan = lab_with_two_trials();
    plan.add_user("/s/trial-2.qcow2", "machine web");
    EXPECT_THAT(plan.unused_overlays(), ElementsAre("/s/trial-1.qcow2"));
    plan.remove_user("/s/trial-2.qcow2", "machine web");
    const auto order = plan.unused_overlays();
    EXPECT_EQ(order.size(), 3U);
    for (const auto& disk : order) plan.remove(disk);
    EXPECT_TRUE(plan.has("/s/base.qcow2")) << "a golden image is nobody's overlay";
}

}  // namespace
}  // namespace patchlab::disk
