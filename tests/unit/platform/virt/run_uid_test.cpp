// SPDX-License-Identifier: Apache-2.0
#include "platform/virt/run_uid.hpp"

#include <gtest/gtest.h>

namespace patchlab::virt {
namespace {

std::optional<UidRange> range_in(const std::string& text) {
    const TempFolder folder(fs::temp_directory_path(), "subuid");
    write_file_atomic(folder.path() / "subuid", text);
    return uids_of_runs(folder.path() / "subuid");
}

TEST(RunUid, comes_from_the_range_that_is_given_to_patchlab) {
    const auto range = range_in("jane:100000:65536\npatchlab:300000:1000\n");
    ASSERT_TRUE(range);
    EXPECT_EQ(range->first, 300000U);
    EXPECT_EQ(range->count, 1000U);
    EXPECT_FALSE(range_in("jane:100000:65536\n"));
    EXPECT_FALSE(range_in("patchlab:0:1000\n")) << "never root";
    EXPECT_FALSE(range_in("patchlab:1000:1000\n")) << "never somebody's";
    EXPECT_FALSE(range_in("patchlab:4294967000:1000\n"));
    EXPECT_FALSE(range_in("patchlab:300000:0\npatchlab:x:y\npatchlab\n"));
    EXPECT_FALSE(uids_of_runs("/nowhere/subuid"));
}

TEST(RunUid, is_nobody_elses_as_long_as_it_is_held) {
    const TempFolder folder(fs::temp_directory_path(), "uids");
    const UidRange range{300000, 2};
    const auto locks = folder.path() / "uids";
    auto one = RunUid::take(range, locks), two = RunUid::take(range, locks);
    ASSERT_TRUE(one && two);
    EXPECT_NE(one->uid(), two->uid());
    EXPECT_FALSE(RunUid::take(range, locks)) << "all are taken";
    const uid_t freed = one->uid();
    one.reset();
    auto again = RunUid::take(range, locks);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->uid(), freed);
}

}  // namespace
}  // namespace patchlab::virt
