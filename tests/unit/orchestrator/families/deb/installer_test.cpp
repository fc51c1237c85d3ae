// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/deb/family.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchlab::families::deb {
namespace {

TEST(DebInstaller, gives_packages_and_removals_as_words_of_their_own) {
    const guest::GuestCommand command = deb_installer().begin(
        {{{"libc6:i386", "2.36-9"}, {"nginx", "1:1.22~b+1"}}, {"gone"}, true, "patchlab-patch"});
    EXPECT_THAT(command.argv,
                ::testing::IsSupersetOf({"begin", "patchlab-patch", "--allow-downgrades",
                                         "libc6:i386=2.36-9", "nginx=1:1.22~b+1", "gone-"}));
}

TEST(DebInstaller, knows_what_is_installed_to_its_end) {
    const auto packages = deb_installer().read_list(
        "libc6:amd64\t2.36-9\tii \n"
        "held:all\t1\thi \n"
        "half:amd64\t2-1\tiF \n"
        "gone:amd64\t1-1\trc \n"
        "no list\n");
    ASSERT_EQ(packages.size(), 4U);
    EXPECT_EQ(packages[0].name, "libc6");
    EXPECT_EQ(packages[0].architecture, "amd64");
    EXPECT_EQ(packages[0].version, "2.36-9");
    EXPECT_TRUE(packages[0].whole);
    EXPECT_TRUE(packages[1].whole);
    EXPECT_FALSE(packages[2].whole);
    EXPECT_EQ(packages[2].state, "iF ");
    EXPECT_FALSE(packages[3].whole);
}

TEST(DebInstaller, hands_answers_over_on_stdin) {
    const auto command = deb_installer().keep_answers({{"nginx nginx/ask", "boolean true"}});
    ASSERT_TRUE(command);
    EXPECT_EQ(command->input, "nginx nginx/ask boolean true\n");
}

}  // namespace
}  // namespace patchlab::families::deb
