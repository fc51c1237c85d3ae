// SPDX-License-Identifier: Apache-2.0
#include "platform/process/cpu_time.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

namespace patchlab::process {
namespace {

TEST(CpuTime, grows_with_the_work_of_a_process) {
    const auto before = cpu_seconds(::getpid());
    ASSERT_TRUE(before);
    volatile unsigned long work = 0;
    while (*cpu_seconds(::getpid()) < *before + 0.05) work = work + 1;  // ends only when the reading grows
    EXPECT_GT(*cpu_seconds(::getpid()), *before);
}

TEST(CpuTime, is_unknown_for_a_process_that_does_not_exist) { EXPECT_FALSE(cpu_seconds(1 << 22)); }

}  // namespace
}  // namespace patchlab::process
