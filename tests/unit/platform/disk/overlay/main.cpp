// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "platform/disk/overlay_changes.hpp"

int main(int argc, char** argv) {
    if (const auto status = patchlab::disk::run_if_compare_child(argc, argv)) return *status;
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
