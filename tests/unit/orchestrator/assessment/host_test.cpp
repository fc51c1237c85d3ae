// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/assessment/host.hpp"

#include <gtest/gtest.h>

namespace patchlab::assessment {
namespace {

TEST(AssessedHost, criticality_is_ordered_and_is_read_as_it_is_written) {
    EXPECT_LT(Criticality::business_operational, Criticality::business_critical);
    EXPECT_LT(Criticality::business_critical, Criticality::mission_critical);
    for (const Criticality one : {Criticality::business_operational, Criticality::business_critical,
                                  Criticality::mission_critical})
        EXPECT_EQ(criticality_from(name(one)), one);
    EXPECT_EQ(criticality_from("mission_critical"), Criticality::mission_critical);
    for (const char* word : {"", "critical", "Mission-critical", "0"})
        EXPECT_EQ(criticality_from(word), std::nullopt) << word;
}

TEST(AssessedHost, need_is_read_as_it_is_written) {
    for (const Need one : {Need::needed, Need::not_needed, Need::unknown})
        EXPECT_EQ(need_from(name(one)), one);
    EXPECT_EQ(name(Need::not_needed), "not-needed");
    for (const char* word : {"", "yes", "not_needed", "2"})
        EXPECT_EQ(need_from(word), std::nullopt);
}

}  // namespace
}  // namespace patchlab::assessment
