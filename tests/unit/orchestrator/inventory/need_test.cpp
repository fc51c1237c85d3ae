// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/inventory/need.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace patchlab::inventory {
namespace {

using assessment::Need;

using testing::HasSubstr;

Offer nginx() {
    return {"entry",
            "e-1",
            {{"nginx", "amd64", "deb", {"1.22.1-9"}, "1.22.1-9+deb12u1"},
             {"nginx-common", "all", "deb", {"1.22.1-9"}, "1.22.1-9+deb12u1"}},
            {"CVE-2026-0001"}};
}

TEST(Need, an_older_package_needs_it_and_tells_whether_the_lab_replaced_that_version) {
    const NeedAnswer rehearsed = need_of(
        nginx(), {{"nginx", "amd64", "1.22.1-9", "deb", ""}, {"bash", "amd64", "1", "deb", ""}});
    EXPECT_EQ(rehearsed.need, Need::needed);
    EXPECT_EQ(rehearsed.reason, "nginx 1.22.1-9 → 1.22.1-9+deb12u1");
    EXPECT_EQ(rehearsed.packages.at(0).rehearsed, true);
    const NeedAnswer other = need_of(nginx(), {{"nginx", "amd64", "1.18.0-6", "deb", ""}});
    EXPECT_EQ(other.need, Need::needed);
    EXPECT_THAT(other.reason, HasSubstr("not the version the lab replaced"));
    const NeedAnswer unsaid = need_of({"patch", "p", {{"nginx", "amd64", "deb", {}, "2"}}, {}},
                                      {{"nginx", "amd64", "1", "deb", ""}});
    EXPECT_EQ(unsaid.packages.at(0).rehearsed, std::nullopt)
        << "a local package does not say what it replaces";
    EXPECT_EQ(unsaid.reason, "nginx 1 → 2");
}

TEST(Need, what_is_as_new_or_not_there_does_not_need_it) {
    EXPECT_EQ(need_of(nginx(), {{"nginx", "amd64", "1.22.1-9+deb12u1", "deb", ""}}).need,
              Need::not_needed);
    EXPECT_EQ(need_of(nginx(), {{"nginx", "amd64", "1:0.1", "deb", ""}}).need, Need::not_needed)
        << "an epoch counts";
    EXPECT_EQ(need_of(nginx(), {}).reason, "none of its packages is installed");
    EXPECT_EQ(need_of(nginx(), {{"nginx", "amd64", "1", "rpm", ""}}).need, Need::not_needed)
        << "another packaging system";
}

TEST(Need, one_older_package_among_newer_ones_is_enough) {
    EXPECT_EQ(need_of(nginx(), {{"nginx", "amd64", "2", "deb", ""},
                                {"nginx-common", "all", "1.22.1-9", "deb", ""}})
                  .need,
              Need::needed);
}

TEST(Need, architectures_are_told_apart) {
    const NeedAnswer arm = need_of(nginx(), {{"nginx", "arm64", "1.22.1-9", "deb", ""}});
    EXPECT_EQ(arm.need, Need::unknown) << "it is behind, and this offer does not help";
    EXPECT_TRUE(arm.other_architecture);
    EXPECT_EQ(need_of(nginx(), {{"nginx", "arm64", "2", "deb", ""}}).need, Need::not_needed);
    EXPECT_EQ(need_of(nginx(), {{"nginx-common", "amd64", "1.22.1-9", "deb", ""}}).need,
              Need::needed)
        << "it was not for all architectures before";
    EXPECT_EQ(
        need_of(nginx(), {{"nginx", "i386", "1", "deb", ""}, {"nginx", "amd64", "1", "deb", ""}})
            .need,
        Need::needed);
}

TEST(Need, a_package_that_is_not_properly_installed_is_unknown) {
    EXPECT_EQ(
        need_of(nginx(), {{"nginx", "amd64", "1.22.1-9+deb12u1", "deb", "half-configured"}}).need,
        Need::unknown);
    EXPECT_EQ(need_of(nginx(), {{"nginx", "amd64", "1.22.1-9", "deb", "half-configured"}}).need,
              Need::needed)
        << "and older as well";
}

TEST(Need, rpm_packages_follow_the_order_of_rpm) {
    const Offer offer{
        "entry", "e-2", {{"openssl", "x86_64", "rpm", {"1:3.0.7-24.el9"}, "1:3.0.7-25.el9_3"}}, {}};
    EXPECT_EQ(need_of(offer, {{"openssl", "x86_64", "1:3.0.7-24.el9", "rpm", ""}}).need,
              Need::needed);
    EXPECT_EQ(need_of(offer, {{"openssl", "x86_64", "1:3.0.7-25.el9_3", "rpm", ""}}).need,
              Need::not_needed);
    EXPECT_EQ(need_of(offer, {{"openssl", "x86_64", "3.0.8-1.el9", "rpm", ""}}).need, Need::needed)
        << "no epoch is 0";
}

RC_GTEST_PROP(NeedProperty, is_needed_exactly_when_something_installed_is_older, ()) {
    const auto version =
        rc::gen::map(rc::gen::inRange(0, 6), [](int number) { return std::to_string(number); });
    Offer offer{"patch", "p", {}, {}};
    std::vector<InstalledPackage> installed;
    bool older = false;
    for (int i = 0; i < 4; ++i) {
        const std::string name = "package-" + std::to_string(i), to = *version, has = *version;
        const bool offered = *rc::gen::arbitrary<bool>(), there = *rc::gen::arbitrary<bool>();
        if (offered) offer.packages.push_back({name, "amd64", "deb", {}, to});
        if (there) installed.push_back({name, "amd64", has, "deb", ""});
        older = older || (offered && there && std::stoi(has) < std::stoi(to));
    }
    RC_ASSERT(need_of(offer, installed).need == (older ? Need::needed : Need::not_needed));
    RC_ASSERT(need_of(offer, installed).packages.empty() != older);
}

}  // namespace
}  // namespace patchlab::inventory
