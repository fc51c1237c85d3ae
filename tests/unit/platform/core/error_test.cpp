// SPDX-License-Identifier: Apache-2.0
#include "platform/core/error.hpp"

#include <gtest/gtest.h>

#include "platform/core/diagnostics.hpp"

namespace patchlab {
namespace {

TEST(Error, tells_what_was_tried_from_the_outside_in_and_the_cause_once) {
    try {
        during("cloning machine 'web'", [] {
            during("creating the overlay", []() -> void {
                throw Error(ErrorCode::lab, "the disk is full", "free some space");
            });
        });
        ADD_FAILURE() << "no error";
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(), "cloning machine 'web': creating the overlay: the disk is full");
        EXPECT_EQ(error.message(), "the disk is full");
        EXPECT_EQ(error.advice(), "free some space");
    }
}

TEST(Error, maps_to_the_exit_codes_of_the_contract) {
    EXPECT_EQ(exit_code(ErrorCode::refused), 1);
    for (const ErrorCode code :
         {ErrorCode::usage, ErrorCode::invalid, ErrorCode::not_found, ErrorCode::conflict})
        EXPECT_EQ(exit_code(code), 2);
    for (const ErrorCode code : {ErrorCode::lab, ErrorCode::timeout, ErrorCode::internal})
        EXPECT_EQ(exit_code(code), 3);
    EXPECT_EQ(exit_code(ErrorCode::not_allowed), 4);
    EXPECT_EQ(exit_code(ErrorCode::not_authenticated), 4);
}

TEST(Diagnostics, throws_once_with_every_mistake_in_it) {
    Diagnostics found;
    found.throw_if_any("reading lab.yaml");
    found.add("lab.yaml", 7, "/machines/web/memory", "must be a size such as 512M");
    found.add("lab.yaml", 0, "", "is empty");
    try {
        found.throw_if_any("reading lab.yaml");
        ADD_FAILURE() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::invalid);
        EXPECT_STREQ(error.what(), "reading lab.yaml: 2 mistakes");
        EXPECT_EQ(
            error.advice(),
            "lab.yaml:7: /machines/web/memory: must be a size such as 512M\nlab.yaml: /: is empty");
    }
}

}  // namespace
}  // namespace patchlab
