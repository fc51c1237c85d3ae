// SPDX-License-Identifier: Apache-2.0
//
// What every family of packages owes to those who use the port, asked of each that there is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/families/package_family.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::families {
namespace {

TEST(Families, are_found_by_the_name_that_documents_carry) {
    EXPECT_EQ(family("deb").name(), "deb");
    EXPECT_EQ(family("rpm").name(), "rpm");
    EXPECT_EQ(find_family("msi"), nullptr);
    try {
        family("msi");
        FAIL() << "there is no such family";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), ::testing::HasSubstr("'msi'"));
        EXPECT_EQ(error.code(), ErrorCode::invalid);
    }
}

TEST(Families, a_package_file_is_known_by_its_first_bytes_then_by_its_name) {
    const TempFolder folder(fs::temp_directory_path(), "patchlab-test");
    write_file_atomic(folder.path() / "a", "!<arch>\ndebian-binary");
    write_file_atomic(folder.path() / "b", "\xed\xab\xee\xdb\x03");
    write_file_atomic(folder.path() / "c.rpm", "x");
    write_file_atomic(folder.path() / "d.txt", "x");
    EXPECT_EQ(family_of_file(folder.path() / "a").name(), "deb");
    EXPECT_EQ(family_of_file(folder.path() / "b").name(), "rpm");
    EXPECT_EQ(family_of_file(folder.path() / "c.rpm").name(), "rpm");
    EXPECT_THROW(family_of_file(folder.path() / "d.txt"), Error);
}

TEST(Families, a_family_that_cannot_do_something_yet_says_so) {
    try {
        family("rpm").read_facts("/nowhere.rpm");
        FAIL() << "nothing reads rpm packages yet";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::refused);
        EXPECT_STREQ(error.what(), "reading package files is not possible for rpm packages");
    }
}

class EveryFamily : public ::testing::TestWithParam<const PackageFamily*> {
  protected:
    const PackageFamily& family_ = *GetParam();
};

TEST_P(EveryFamily, orders_versions_totally) {
    const std::vector<std::string> ascending = {"0.9-1", "1.0~rc1-1", "1.0-1",
                                                "1.0-2", "1.2-1",     "1.10-1"};
    for (std::size_t i = 0; i < ascending.size(); ++i)
        for (std::size_t j = 0; j < ascending.size(); ++j) {
            const int order = family_.compare_versions(ascending[i], ascending[j]);
            EXPECT_EQ(order < 0, i < j) << ascending[i] << " " << ascending[j];
            EXPECT_EQ(order > 0, i > j) << ascending[i] << " " << ascending[j];
        }
}

TEST_P(EveryFamily, refuses_what_could_be_a_path_an_option_or_a_shell_word) {
    for (const char* bad : {"", "-o", "a b", "a/b", "../a", "a;b", "a$b", "a\nb", "a'b", "a\"b"}) {
        EXPECT_FALSE(family_.valid_name(bad)) << bad;
        EXPECT_FALSE(family_.valid_version(bad)) << bad;
        EXPECT_FALSE(family_.valid_architecture(bad)) << bad;
        EXPECT_THROW(family_.file_name(bad, "1.0-1", "x86"), Error) << bad;
        EXPECT_THROW(family_.file_name("web", bad, "x86"), Error) << bad;
        EXPECT_THROW(family_.file_name("web", "1.0-1", bad), Error) << bad;
    }
}

TEST_P(EveryFamily, names_a_file_with_its_own_ending_and_without_an_epoch) {
    const std::string file = family_.file_name("web", "1:2.0-1", "x86");
    EXPECT_TRUE(file.ends_with(family_.file_ending())) << file;
    EXPECT_EQ(file.find(':'), std::string::npos) << file;
    EXPECT_NE(file.find("2.0-1"), std::string::npos) << file;
}

TEST_P(EveryFamily, knows_which_versions_satisfy_a_relation) {
    const auto ok = [&](const char* version, const char* op) {
        return family_.satisfies(version, {"web", op, "2.0-1"});
    };
    EXPECT_TRUE(family_.satisfies("1.0-1", {"web", "", ""}));
    for (const char* older : {"<<", "<="}) EXPECT_TRUE(ok("1.9-1", older));
    for (const char* same : {"<=", "=", ">="}) EXPECT_TRUE(ok("2.0-1", same));
    for (const char* newer : {">>", ">="}) EXPECT_TRUE(ok("2.1-1", newer));
    EXPECT_FALSE(ok("2.0-1", "<<"));
    EXPECT_FALSE(ok("2.0-1", ">>"));
    EXPECT_FALSE(ok("1.9-1", "="));
}

TEST_P(EveryFamily, takes_its_own_name_for_an_architecture_from_the_machine) {
    EXPECT_TRUE(family_.valid_architecture(family_.architecture_of_machine("x86_64")));
    EXPECT_TRUE(family_.same_architecture("x86", "x86"));
    EXPECT_FALSE(family_.same_architecture("x86", "arm64"));
}

INSTANTIATE_TEST_SUITE_P(, EveryFamily, ::testing::ValuesIn(all_families()),
                         [](const auto& one) { return std::string(one.param->name()); });

}  // namespace
}  // namespace patchlab::families
