// SPDX-License-Identifier: Apache-2.0
//
// What every family of packages owes to those who use the port, asked of each that there is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/families/guest_installer.hpp"
#include "orchestrator/families/package_family.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "tests/unit/orchestrator/families/toy_family.hpp"

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
        test::ToyFamily().read("/nowhere.toy");
        FAIL() << "nothing reads toys that far";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::refused);
        EXPECT_STREQ(error.what(), "reading package files is not possible for toy packages");
    }
}

/// A family, and words of its own for the questions that all are asked.
struct Asked {
    const PackageFamily* family;
    std::vector<std::string> ascending;  ///< versions
    std::string architecture;
};

class EveryFamily : public ::testing::TestWithParam<Asked> {
  protected:
    const PackageFamily& family_ = *GetParam().family;
    const std::vector<std::string>& versions_ = GetParam().ascending;
    const std::string& architecture_ = GetParam().architecture;
};

TEST_P(EveryFamily, orders_versions_totally) {
    for (std::size_t i = 0; i < versions_.size(); ++i)
        for (std::size_t j = 0; j < versions_.size(); ++j) {
            const int order = family_.compare_versions(versions_[i], versions_[j]);
            EXPECT_EQ(order < 0, i < j) << versions_[i] << " " << versions_[j];
            EXPECT_EQ(order > 0, i > j) << versions_[i] << " " << versions_[j];
        }
}

TEST_P(EveryFamily, refuses_what_could_be_a_path_an_option_or_a_shell_word) {
    const std::string& version = versions_[0];
    EXPECT_NO_THROW(family_.file_name("web", version, architecture_));
    for (const char* bad : {"", "-o", "a b", "a/b", "../a", "a;b", "a$b", "a\nb", "a'b", "a\"b"}) {
        EXPECT_FALSE(family_.valid_name(bad)) << bad;
        EXPECT_FALSE(family_.valid_version(bad)) << bad;
        EXPECT_FALSE(family_.valid_architecture(bad)) << bad;
        EXPECT_THROW(family_.file_name(bad, version, architecture_), Error) << bad;
        EXPECT_THROW(family_.file_name("web", bad, architecture_), Error) << bad;
        EXPECT_THROW(family_.file_name("web", version, bad), Error) << bad;
    }
}

TEST_P(EveryFamily, names_a_file_with_its_own_ending_and_as_a_plain_word) {
    for (const std::string& version : versions_) {
        const std::string file = family_.file_name("web", version, architecture_);
        EXPECT_TRUE(file.ends_with(family_.file_ending())) << file;
        EXPECT_EQ(file.find_first_of(":/ "), std::string::npos) << file;
        EXPECT_NE(file.find(version), std::string::npos) << file;
    }
}

TEST_P(EveryFamily, knows_which_versions_satisfy_a_relation) {
    ASSERT_GE(versions_.size(), 3U);
    const auto ok = [&](std::size_t version, const char* op) {
        return family_.satisfies(versions_[version], {"web", op, versions_[1]});
    };
    EXPECT_TRUE(family_.satisfies(versions_[0], {"web", "", ""}));
    for (const char* older : {"<<", "<="}) EXPECT_TRUE(ok(0, older));
    for (const char* same : {"<=", "=", ">="}) EXPECT_TRUE(ok(1, same));
    for (const char* newer : {">>", ">="}) EXPECT_TRUE(ok(2, newer));
    EXPECT_FALSE(ok(1, "<<"));
    EXPECT_FALSE(ok(1, ">>"));
    EXPECT_FALSE(ok(0, "="));
}

TEST_P(EveryFamily, takes_its_own_name_for_an_architecture_from_the_machine) {
    EXPECT_TRUE(family_.valid_architecture(family_.architecture_of_machine("x86_64")));
    EXPECT_TRUE(family_.same_architecture(architecture_, architecture_));
    EXPECT_FALSE(family_.same_architecture(architecture_, "other"));
}

TEST_P(EveryFamily, gives_commands_for_the_way_back_that_name_each_package) {
    std::string all;
    for (const std::string& command : family_.backout_commands({{"web", versions_[0]}}, {"added"}))
        all += command + "\n";
    EXPECT_THAT(all, ::testing::HasSubstr("web"));
    EXPECT_THAT(all, ::testing::HasSubstr("added"));
    EXPECT_EQ(all.find("\n\n"), std::string::npos) << "an empty command";
    EXPECT_FALSE(family_.list_command({"web"}).empty());
}

TEST_P(EveryFamily, installs_by_commands_whose_words_are_checked_or_says_that_it_cannot) {
    const GuestInstaller* installer = nullptr;
    try {
        installer = &family_.installer();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::refused);
        return;
    }
    const InstallJob good{{{"web", versions_[1]}}, {"old"}, false, "patchlab-patch"};
    const guest::GuestCommand begin = installer->begin(good);
    std::string words;
    for (const std::string& word : begin.argv) words += word + " ";
    for (const std::string& part :
         {std::string("web"), versions_[1], std::string("old"), std::string("patchlab-patch")})
        EXPECT_THAT(words, ::testing::HasSubstr(part));
    for (const char* bad : {"", "-o", "a b", "a;b", "a$(b)", "a\nb"}) {
        EXPECT_THROW(installer->begin({{{bad, versions_[0]}}, {}, false, "d"}), Error) << bad;
        EXPECT_THROW(installer->begin({{{"web", bad}}, {}, false, "d"}), Error) << bad;
        EXPECT_THROW(installer->begin({{}, {bad}, false, "d"}), Error) << bad;
    }
    for (const guest::GuestCommand& command :
         {installer->await_unpacking(), installer->look(), installer->read_log(), installer->end(),
          installer->clean_up(), installer->list()})
        EXPECT_FALSE(command.argv.empty());
    EXPECT_FALSE(installer->audit().empty()) << "nobody would know whether it is consistent";
    for (const RepairStep& step : installer->repair()) EXPECT_FALSE(step.title.empty());
    EXPECT_TRUE(installer->read_list("\x1b[31mnothing of this is a list\n\n\xff").empty());
    EXPECT_LT(installer->failure_in(std::string(1U << 20U, 'x')).size(), 1000U);
}

test::ToyFamily toy;

INSTANTIATE_TEST_SUITE_P(
    , EveryFamily,
    ::testing::Values(
        Asked{&family("deb"), {"0.9-1", "1.0~rc1-1", "1.0-1", "1.0-2", "1.2-1", "1.10-1"}, "amd64"},
        Asked{
            &family("rpm"), {"0.9-1", "1.0~rc1-1", "1.0-1", "1.0-2", "1.2-1", "1.10-1"}, "x86_64"},
        Asked{&toy, {"2024z", "2026a", "2026b"}, "x86"}),
    [](const auto& one) { return std::string(one.param.family->name()); });

TEST(Families, the_contract_is_asked_of_every_family_there_is) {
    EXPECT_EQ(all_families().size(), 2U) << "add it to the instantiation above";
}

TEST(Families, a_version_that_names_its_release_is_for_no_system_of_another) {
    const std::map<std::string, std::string> twelve{{"base-files", "12.4+deb12u9"},
                                                    {"nginx", "1.22.1-9+deb12u1"},
                                                    {"carried", "1.0-1+deb11u2"}};
    const std::map<std::string, std::string> thirteen{{"base-files", "13.8"}};
    const PackageFamily& deb = family("deb");
    EXPECT_TRUE(deb.fits_system("nginx", "1.22.1-9+deb12u3", twelve));
    EXPECT_FALSE(deb.fits_system("nginx", "1.22.1-9+deb12u3", thirteen));
    EXPECT_FALSE(deb.fits_system("nginx", "1.26.3-3+deb13u1+acme2", twelve));
    EXPECT_TRUE(deb.fits_system("nginx", "1.26.3-3~bpo12+1", twelve));
    EXPECT_FALSE(deb.fits_system("nginx", "1.26.3-3~bpo12+1", thirteen));
    EXPECT_TRUE(deb.fits_system("acme", "2.1", twelve)) << "it names none";
    EXPECT_TRUE(deb.fits_system("nginx", "1.22.1-9+deb12u3", {}))
        << "what the system is, is unknown";
    EXPECT_TRUE(deb.fits_system("nginx", "1.22.1-9+deb12u3", {{"base-files", "12ubuntu4.6"}}));
    EXPECT_TRUE(deb.fits_system("carried", "1.0-1+deb11u3", twelve))
        << "the system holds one of that release already";
    const PackageFamily& rpm = family("rpm");
    const std::map<std::string, std::string> nine{{"glibc", "2.34-100.el9_4.2"},
                                                  {"carried", "1-1.el8"}};
    EXPECT_TRUE(rpm.fits_system("nginx", "1.20-1.el9", {}));
    EXPECT_TRUE(rpm.fits_system("nginx", "1.20-1.el9_5", nine));
    EXPECT_FALSE(rpm.fits_system("nginx", "1.20-1.el8", nine));
    EXPECT_TRUE(rpm.fits_system("carried", "1-2.el8", nine));
    EXPECT_TRUE(rpm.fits_system("acme", "2.1-1", nine));
}

}  // namespace
}  // namespace patchlab::families
