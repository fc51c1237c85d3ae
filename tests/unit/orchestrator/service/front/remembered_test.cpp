// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/front/remembered.hpp"

#include <gtest/gtest.h>

namespace patchlab::service::front {
namespace {

using Standing = Remembered::Standing;

TEST(Remembered, a_repetition_waits_for_the_first_and_gets_its_response) {
    Remembered remembered;
    EXPECT_EQ(remembered.begin("k", "r"), Standing::first);
    EXPECT_EQ(remembered.begin("k", "r"), Standing::at_work);
    EXPECT_EQ(remembered.begin("k", "other"), Standing::other_request);
    remembered.end("k", {202, {}, "started"});
    EXPECT_EQ(remembered.begin("k", "r"), Standing::known);
    EXPECT_EQ(remembered.response("k").status, 202);
    EXPECT_EQ(remembered.begin("k", "other"), Standing::other_request);
}

TEST(Remembered, what_was_forgotten_begins_anew) {
    Remembered remembered;
    remembered.begin("k", "r");
    remembered.forget("k");
    EXPECT_EQ(remembered.begin("k", "r"), Standing::first);
}

TEST(Remembered, a_response_that_is_too_long_is_not_kept_as_an_empty_one) {
    Remembered remembered;
    remembered.begin("k", "r");
    remembered.end("k", {200, {}, std::string(1U << 20, 'x')});
    EXPECT_EQ(remembered.begin("k", "r"), Standing::unkept);
    EXPECT_EQ(remembered.begin("k", "other"), Standing::other_request);
}

TEST(Remembered, keeps_the_newest_and_what_is_at_work) {
    Remembered remembered(2);
    remembered.begin("at work", "r");
    for (const char* key : {"a", "b", "c", "d"}) {
        remembered.begin(key, "r");
        remembered.end(key, {});
    }
    EXPECT_EQ(remembered.begin("d", "r"), Standing::known);
    EXPECT_EQ(remembered.begin("at work", "r"), Standing::at_work);
    EXPECT_EQ(remembered.begin("a", "r"), Standing::first);
}

}  // namespace
}  // namespace patchlab::service::front
