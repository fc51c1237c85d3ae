// SPDX-License-Identifier: Apache-2.0
//
// The state folder that all live tests share.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>

#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "tests/live/images/patchlab_program.hpp"

namespace patchlab::live {

/// Without a state folder nothing can be tried, and the test says so.
class LiveState : public ::testing::Test {
  protected:
    void SetUp() override {
        const char* state = std::getenv("PATCHLAB_LIVE_STATE");
        if (state == nullptr) GTEST_SKIP() << "PATCHLAB_LIVE_STATE names no state folder";
        state_ = state;
    }
    /// What the program answers as JSON.
    Json asked(const std::vector<std::string>& words, Seconds deadline = Seconds(120)) {
        const auto result = patchlab(state_, words, deadline);
        EXPECT_TRUE(result.ok()) << result.err;
        return parse_json(result.out, words.front());
    }

    fs::path state_;
};

}  // namespace patchlab::live
