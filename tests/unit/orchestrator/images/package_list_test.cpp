// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/images/package_list.hpp"

#include <gmock/gmock.h>

#include "orchestrator/images/archive.hpp"
#include "platform/core/error.hpp"

namespace patchlab::images {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Not;

auto is(const char* name, const char* version, const char* architecture = "") {
    return AllOf(Field(&ListedPackage::name, name), Field(&ListedPackage::version, version),
                 Field(&ListedPackage::architecture, architecture));
}

std::string message(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        return error.what() + std::string(" | ") + error.advice();
    }
    return "accepted";
}

TEST(PackageList, reads_what_an_administrator_has_at_hand) {
    EXPECT_THAT(parse_package_list("libc6:amd64\t2.36-9+deb12u10\nnginx\t1.22.1-9\n", "dpkg-query"),
                ElementsAre(is("libc6", "2.36-9+deb12u10", "amd64"), is("nginx", "1.22.1-9")));
    EXPECT_THAT(
        parse_package_list("# web\nnginx=1.22.1-9   # pinned\n\nredis 5:7.0.15-1\ncurl\n", "list"),
        ElementsAre(is("curl", ""), is("nginx", "1.22.1-9"), is("redis", "5:7.0.15-1")));
}

TEST(PackageList, reads_the_table_of_dpkg_and_leaves_out_what_is_not_installed) {
    const auto list = parse_package_list(
        "Desired=Unknown/Install/Remove/Purge/Hold\n| "
        "Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend\n"
        "|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)\n||/ Name           Version    "
        "  Architecture Description\n"
        "+++-==============-============-============-=================================\n"
        "ii  adduser        3.134        all          add and remove users and groups\n"
        "hi  libc6:amd64    2.36-9       amd64        GNU C Library: Shared libraries\n"
        "rc  apache2        2.4.57-2     amd64        Apache HTTP Server\n",
        "dpkg -l");
    EXPECT_THAT(list, ElementsAre(is("adduser", "3.134", "all"), is("libc6", "2.36-9", "amd64")));
}

TEST(PackageList, reports_every_line_it_cannot_read_with_its_number) {
    const auto text = message([] {
        parse_package_list("nginx 1.0\n; rm -rf / now\nredis=\nUPPER 1.0\nok 1.0\nevil $(id)\n",
                           "host.txt");
    });
    for (const char* place : {"host.txt:2", "host.txt:3", "host.txt:4", "host.txt:6"})
        EXPECT_THAT(text, HasSubstr(place));
    EXPECT_THAT(text, Not(HasSubstr("host.txt:5")));
    EXPECT_THAT(message([] { parse_package_list("# nothing\n", "empty.txt"); }),
                HasSubstr("dpkg-query -W"));
}

TEST(InstalledPackages, lists_what_is_installed_and_only_that) {
    const families::PackageFamily& family = families::family("deb");
    const auto list = installed_packages(
        family, {"img",
                 "Package: zlib1g\nStatus: install ok installed\nArchitecture: amd64\nVersion: "
                 "1:1.2.13\nDescription: x\n Package: fake\n\n"
                 "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n"
                 "Package: half\nStatus: install ok half-configured\nVersion: 1\n\n"
                 "Package: apt\nStatus: hold ok installed\nArchitecture: amd64\nVersion: 2.6.1\n"});
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[0].name, "apt");
    EXPECT_EQ(list[1].version, "1:1.2.13");
    EXPECT_THROW(installed_packages(family, {"img", "hello"}), Error);
}

class SelectionTest : public ::testing::Test {
  protected:
    SelectionTest() {
        add_index(
            offer_,
            "Package: nginx\nVersion: 1.22.1-9+deb12u2\n\nPackage: nginx\nVersion: "
            "1.22.1-9+deb12u9\n\n"
            "Package: redis\nVersion: 5:7.0.15-1\n\nPackage: grub-efi-amd64\nVersion: 2.06-13\n");
    }
    Offer offer_;
    process::SystemCommandRunner commands_;
};

TEST_F(SelectionTest, takes_the_exact_versions_that_are_on_offer) {
    const auto got = select_packages({{"nginx", "1.22.1-9+deb12u2", ""}, {"redis", "", ""}}, offer_,
                                     false, commands_);
    EXPECT_THAT(got.packages, ElementsAre("nginx=1.22.1-9+deb12u2", "redis"));
    EXPECT_TRUE(got.deviations.empty());
}

TEST_F(SelectionTest, lists_all_versions_that_are_gone_at_once) {
    const auto text = message([&] {
        select_packages({{"nginx", "1.20", ""}, {"private", "1", ""}}, offer_, false, commands_);
    });
    EXPECT_THAT(text, AllOf(HasSubstr("nginx 1.20"), HasSubstr("private 1 (unknown"),
                            HasSubstr("--nearest")));
}

TEST_F(SelectionTest, nearest_is_the_next_newer_one_else_the_newest_and_is_recorded) {
    const auto got = select_packages(
        {{"nginx", "1.22.1-9+deb12u5", ""}, {"redis", "6:1", ""}, {"private", "1", ""}}, offer_,
        true, commands_);
    EXPECT_THAT(got.packages, ElementsAre("nginx=1.22.1-9+deb12u9", "redis=5:7.0.15-1"));
    ASSERT_EQ(got.deviations.size(), 3U);
    EXPECT_EQ(got.deviations[0].got, "1.22.1-9+deb12u9");
    EXPECT_EQ(got.deviations[2].got, "");
}

TEST_F(SelectionTest, a_boot_loader_the_image_cannot_use_is_left_out_and_recorded) {
    const auto got =
        select_packages({{"grub-efi-amd64", "2.06-13", "amd64"}, {"redis", "5:7.0.15-1", "i386"}},
                        offer_, false, commands_);
    EXPECT_TRUE(got.packages.empty());
    EXPECT_EQ(got.deviations.size(), 2U);
}

}  // namespace
}  // namespace patchlab::images
