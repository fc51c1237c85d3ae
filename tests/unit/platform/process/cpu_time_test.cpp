// SPDX-License-Identifier: Apache-2.0
#include "platform/process/processor_time.hpp"

#include <gtest/gtest.h>

#include <unistd.h>
#include <vector>

namespace patchlab::process {
namespace {

TEST(CpuTime, grows_with_the_work_of_a_process) {
    const auto before = cpu_seconds(::getpid());
    ASSERT_TRUE(before);
    volatile unsigned long work = 0;
    while (*cpu_seconds(::getpid()) < *before + 0.05)
        work = work + 1;  // ends only when the reading grows
    EXPECT_GT(*cpu_seconds(::getpid()), *before);
}

TEST(CpuTime, is_unknown_for_a_process_that_does_not_exist) { EXPECT_FALSE(cpu_seconds(1 << 22)); }

TEST(OwnUsage, counts_the_work_and_the_memory_of_this_process) {
    const Usage before = own_usage();
    std::vector<char> held(64U << 20, 'x');
    double sum = 0;
    for (int pass = 0; own_usage().cpu_seconds < before.cpu_seconds + 0.05; ++pass)
        for (const char byte : held) sum += byte * pass;
    const Usage after = own_usage();
    EXPECT_GE(after.cpu_seconds, before.cpu_seconds + 0.05) << sum;
    EXPECT_GE(after.peak_kib, 64U << 10);
}

}  // namespace
}  // namespace patchlab::process
