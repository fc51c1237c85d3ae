// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/lab/capacity.hpp"

#include <gtest/gtest.h>

namespace patchlab::pipeline {
namespace {

RunRequest lab_of(std::size_t machines, unsigned memory) {
    RunRequest request;
    for (std::size_t i = 0; i < machines; ++i)
        request.machines.emplace_back().definition.memory_mib = memory;
    return request;
}

TEST(Capacity, is_one_trial_for_each_core_that_memory_allows) {
    EXPECT_EQ(trials_at_once(lab_of(1, 512), {8, 32768}), 8U);
    EXPECT_EQ(trials_at_once(lab_of(1, 4096), {8, 10000}), 2U);
    EXPECT_EQ(trials_at_once(lab_of(4, 512), {8, 32768}), 2U);
}

TEST(Capacity, is_never_none) { EXPECT_EQ(trials_at_once(lab_of(9, 65536), {2, 1024}), 1U); }

TEST(Capacity, memory_is_for_all_machines_of_all_trials) {
    EXPECT_TRUE(memory_bears(lab_of(2, 512), {1, 6000}, 3));
    EXPECT_FALSE(memory_bears(lab_of(2, 512), {64, 6000}, 4));
}

TEST(Capacity, one_more_needs_a_core_for_each_of_its_machines_and_their_memory) {
    EXPECT_TRUE(bears_one_more(lab_of(1, 512), {2, 900}, 1));
    EXPECT_FALSE(bears_one_more(lab_of(1, 512), {2, 900}, 2));
    EXPECT_FALSE(bears_one_more(lab_of(2, 512), {2, 32768}, 1));
    EXPECT_FALSE(bears_one_more(lab_of(1, 512), {2, 600}, 1));
}

TEST(Capacity, this_host_has_cores_and_memory) {
    EXPECT_GE(room_of_this_host().cores, 1U);
    EXPECT_GT(room_of_this_host().memory_mib, 0U);
}

}  // namespace
}  // namespace patchlab::pipeline
