// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/inventory/fidelity.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace patchlab::inventory {
namespace {

InstalledPackage deb(const std::string& name, const std::string& version) {
    return {name, "amd64", version, "deb", ""};
}

TEST(FidelityOfALab, counts_every_package_of_both_once) {
    const Fidelity found = compare_packages(
        {deb("same", "1"), deb("behind", "2"), deb("ahead", "1"), deb("only-host", "1")},
        {deb("same", "1"), deb("behind", "1"), deb("ahead", "2"), deb("only-lab", "1"),
         deb("only-lab2", "1")});
    EXPECT_EQ(found.same, 1U);
    EXPECT_EQ(found.older, 1U);
    EXPECT_EQ(found.newer, 1U);
    EXPECT_EQ(found.missing, 1U);
    EXPECT_EQ(found.surplus, 2U);
    EXPECT_NEAR(found.score(), 100.0 / 6, 1e-9);
    ASSERT_EQ(found.drift.size(), 5U);
    EXPECT_EQ(found.drift[1].name + " " + found.drift[1].host + " " + found.drift[1].lab,
              "behind 2 1");
}

TEST(FidelityOfALab, the_newest_of_several_kernels_counts_and_nothing_is_like_nothing) {
    EXPECT_EQ(compare_packages({{"kernel", "x86_64", "5.14.0-9.el9", "rpm", ""},
                                {"kernel", "x86_64", "5.14.0-10.el9", "rpm", ""}},
                               {{"kernel", "x86_64", "5.14.0-10.el9", "rpm", ""}})
                  .score(),
              100);
    EXPECT_EQ(compare_packages({}, {}).score(), 0)
        << "a host of which no package is known is no match";
}

RC_GTEST_PROP(FidelityProperty, is_whole_only_between_equals,
              (const std::map<int, int>& host, const std::map<int, int>& lab)) {
    const auto packages = [](const std::map<int, int>& versions) {
        std::vector<InstalledPackage> list;
        for (const auto& [name, version] : versions)
            list.push_back(deb("p" + std::to_string(name), std::to_string(version)));
        return list;
    };
    const Fidelity there = compare_packages(packages(host), packages(lab)),
                   back = compare_packages(packages(lab), packages(host));
    RC_ASSERT(there.same == back.same && there.older == back.newer &&
              there.missing == back.surplus);
    RC_ASSERT((there.score() == 100) == (host == lab && !host.empty()));
}

}  // namespace
}  // namespace patchlab::inventory
