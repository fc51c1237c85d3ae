// SPDX-License-Identifier: Apache-2.0
#include "platform/core/text_units.hpp"

#include <gtest/gtest.h>

namespace patchlab {
namespace {

TEST(CountText, has_a_singular_and_a_plural) {
    EXPECT_EQ(count_text(1, "change"), "1 change");
    EXPECT_EQ(count_text(0, "change"), "0 changes");
    EXPECT_EQ(count_text(5000U, "change"), "5,000 changes");
    EXPECT_EQ(count_text(2, "entry", "entries"), "2 entries");
    EXPECT_EQ(count_text(-1, "row"), "0 rows");
    EXPECT_EQ(number_text(1234567), "1,234,567");
}

TEST(SizeText, names_binary_units_and_rounds_to_the_nearest) {
    EXPECT_EQ(size_text(0), "0 B");
    EXPECT_EQ(size_text(812), "812 B");
    EXPECT_EQ(size_text(2'040'132), "1.9 MiB");
    EXPECT_EQ(size_text(248'610'816), "237 MiB");
    EXPECT_EQ(size_text(3ULL << 30), "3 GiB");
    EXPECT_EQ(size_text((1ULL << 20) - 1), "1 MiB") << "never 1024 KiB";
    EXPECT_EQ(size_text(1536), "1.5 KiB");
}

TEST(DurationText, fits_its_unit_to_the_length) {
    EXPECT_EQ(duration_text(0.42), "0.4 s");
    EXPECT_EQ(duration_text(12.4), "12 s");
    EXPECT_EQ(duration_text(112), "1 min 52 s");
    EXPECT_EQ(duration_text(7500), "2 h 5 min");
    EXPECT_EQ(duration_text(3 * 86400 + 4 * 3600), "3 d 4 h");
    EXPECT_EQ(whole_duration_text(3.9), "3 s");
    EXPECT_EQ(whole_duration_text(-1), "0 s");
    EXPECT_EQ(whole_duration_text(112.7), "1 min 52 s");
    EXPECT_EQ(rough_duration_text(30), "less than a minute");
    EXPECT_EQ(rough_duration_text(60), "1 minute");
    EXPECT_EQ(rough_duration_text(7200), "2 hours");
    EXPECT_EQ(rough_duration_text(200'000), "2 days");
}

TEST(ParseDuration, reads_what_options_and_definitions_share) {
    EXPECT_EQ(parse_duration("500ms")->count(), 0.5);
    EXPECT_EQ(parse_duration("90s")->count(), 90);
    EXPECT_EQ(parse_duration("15m")->count(), 900);
    EXPECT_EQ(parse_duration("1.5h")->count(), 5400);
    EXPECT_EQ(parse_duration("7d")->count(), 7 * 86400);
    EXPECT_EQ(parse_duration("1200")->count(), 1200) << "a bare number is seconds";
    for (const char* wrong : {"", "m", "-1s", "1w", "1 s", "1e9", "nan", "inf", "0x10", "5mm"})
        EXPECT_FALSE(parse_duration(wrong)) << wrong;
}

TEST(TextUnits, cuts_digests_and_nothing_else) {
    const std::string digest(64, 'a');
    EXPECT_EQ(with_short_digests("sha256=" + digest + ", size=25"),
              "sha256=aaaaaaaaaaaa…, size=25");
    EXPECT_EQ(with_short_digests("feedbeef 1.22.1-9+deb12u11 é"), "feedbeef 1.22.1-9+deb12u11 é");
}

}  // namespace
}  // namespace patchlab
