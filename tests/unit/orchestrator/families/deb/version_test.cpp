// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/deb/family.hpp"

#include <gtest/gtest.h>

#include "platform/core/error.hpp"

namespace patchlab::families::deb {
namespace {

int sign(int n) { return (n > 0) - (n < 0); }

TEST(DebVersion, orders_versions_as_dpkg_does) {
    // Each is older than the next; the live comparison with dpkg is in tests/pipeline/intake.
    const char* ascending[] = {"0~~",
                               "0~",
                               "0",
                               "0+b1",
                               "0.1",
                               "1.0~rc1-1",
                               "1.0-1",
                               "1.0-1+b1",
                               "1.0-1+deb12u1",
                               "1.0-1+deb12u2",
                               "1.0-1+deb12u10",
                               "1.0a-1",
                               "1.0+dfsg-1",
                               "1.0.1-1",
                               "1.9-1",
                               "1.10-1",
                               "2.0~beta-9",
                               "2.0-0",
                               "2.0-0.1",
                               "1:0.1-1",
                               "2:0~a"};
    for (std::size_t i = 0; i < std::size(ascending); ++i)
        for (std::size_t j = 0; j < std::size(ascending); ++j)
            EXPECT_EQ(sign(compare_versions(ascending[i], ascending[j])),
                      sign(static_cast<int>(i) - static_cast<int>(j)))
                << ascending[i] << " " << ascending[j];
}

TEST(DebVersion, takes_a_missing_epoch_or_revision_as_zero) {
    EXPECT_EQ(compare_versions("1.0", "0:1.0-0"), 0);
    EXPECT_EQ(compare_versions("1.00", "1.0"), 0);
    EXPECT_LT(compare_versions("1.0", "1.0-1"), 0);
    EXPECT_LT(compare_versions("1.0-1-2", "1.0-2-1"), 0);  // the last dash parts the revision
}

TEST(DebVersion, refuses_names_that_could_be_an_option_a_path_or_a_wildcard) {
    for (const char* good : {"libc6", "g++", "0ad", "python3.11", "lib-a"})
        EXPECT_TRUE(valid_package_name(good)) << good;
    for (const char* bad : {"", "a", "-o", "../x", "Nginx", "a b", "a\nb", "a_b", "a/b"})
        EXPECT_FALSE(valid_package_name(bad)) << bad;
    for (const char* good : {"1", "1:2.3-4~x+y", "0~20240101"})
        EXPECT_TRUE(valid_version(good)) << good;
    for (const char* bad : {"", "a1", ":1", "x:1", "1/2", "1 2", "1-", "1_2", "$(id)", "1;2"})
        EXPECT_FALSE(valid_version(bad)) << bad;
    for (const char* bad : {"", "any", "source", "AMD64", "amd64/../x", "-a"})
        EXPECT_FALSE(valid_architecture(bad)) << bad;
}

TEST(DebVersion, names_files_without_the_epoch_and_never_outside_of_a_folder) {
    EXPECT_EQ(deb_file_name("redis", "5:7.0.15-1~deb12u10", "amd64"),
              "redis_7.0.15-1~deb12u10_amd64.deb");
    EXPECT_THROW(deb_file_name("../x", "1", "amd64"), Error);
}

}  // namespace
}  // namespace patchlab::families::deb
