// SPDX-License-Identifier: Apache-2.0
#include "platform/virt/handles.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>

namespace patchlab::virt {
namespace {

TEST(guarded_calls, hands_values_and_errors_through) {
    GuardedCalls calls;
    EXPECT_EQ(calls.call(Seconds(5), "adding", [] { return 2 + 2; }), 4);
    EXPECT_THROW(
        calls.call(Seconds(5), "failing", []() -> int { throw Error(ErrorCode::lab, "no"); }),
        Error);
    EXPECT_TRUE(calls.idle());
}

TEST(guarded_calls, gives_up_on_a_call_that_hangs_and_refuses_others_until_it_returns) {
    std::promise<void> release;
    GuardedCalls calls;
    const auto code = [&](Seconds deadline, auto work) {
        try {
            calls.call(deadline, "asking", work);
        } catch (const Error& error) {
            return error.code();
        }
        return ErrorCode::internal;
    };
    std::atomic<bool> second_ran{false};
    const std::shared_future<void> released = release.get_future().share();
    EXPECT_EQ(code(Seconds(0.05), [released] { released.wait(); }), ErrorCode::timeout);
    EXPECT_FALSE(calls.idle());
    EXPECT_EQ(code(Seconds(5), [&] { second_ran = true; }), ErrorCode::timeout);
    EXPECT_FALSE(second_ran);
    release.set_value();
    calls.join_overdue();
    EXPECT_TRUE(calls.idle());
    calls.call(Seconds(5), "asking", [&] { second_ran = true; });
    EXPECT_TRUE(second_ran);
}

}  // namespace
}  // namespace patchlab::virt
