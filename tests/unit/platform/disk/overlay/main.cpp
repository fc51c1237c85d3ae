// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>

#include "platform/disk/overlay/changes.hpp"

int main(int argc, char** argv) {
    if (const auto status = patchlab::disk::run_if_compare_child(argc, argv)) return *status;
    ::setenv("RC_PARAMS", "max_success=12",
             0);  // each example makes and changes a filesystem; set it higher to search longer
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
