// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/uniform.hpp"

#include <gtest/gtest.h>

namespace patchlab::operations {
namespace {

constexpr const char* moment = "2026-11-30T01:23:45Z";

Json uniform(Json document) {
    add_uniform_names(document);
    return document;
}

TEST(UniformNames, stand_beside_the_older_ones_at_every_depth) {
    const Json document = uniform({{"schema", "patchlab/runs/v1"},
                                   {"runs", {{{"requested", moment}, {"finished", nullptr}}}}});
    const Json& run = document.at("runs").at(0);
    EXPECT_EQ(run.at("requested"), moment);
    EXPECT_EQ(run.at("created_at"), moment);
    EXPECT_TRUE(run.at("finished_at").is_null());
}

TEST(UniformNames, are_for_moments_and_numbers_alone) {
    const Json document =
        uniform({{"removed", {"web-1"}}, {"added", 3}, {"changed", true}, {"hosts", 6}});
    for (const char* name : {"removed_at", "created_at", "changed_at"})
        EXPECT_FALSE(document.contains(name)) << name;
    EXPECT_EQ(document.at("host_count"), 6);
    EXPECT_FALSE(uniform({{"hosts", {"web-1"}}}).contains("host_count"));
}

TEST(UniformNames, never_touch_what_was_sealed_or_what_others_said) {
    const Json run{{"schema", "patchlab/run/v1"}, {"requested", moment}};
    EXPECT_EQ(uniform(run), run);
    const Json row{{"detail", {{"created", moment}}}, {"variables", {{"added", moment}}}};
    EXPECT_EQ(uniform(row), row);
}

}  // namespace
}  // namespace patchlab::operations
