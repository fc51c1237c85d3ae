// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/rpm/repositories.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/families/package_family.hpp"
#include "orchestrator/families/rpm/advisories.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::families::rpm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(RpmRepositories, are_read_as_dnf_and_zypper_write_them) {
    const auto all = parse_repositories(
        "# a comment\n[main]\ngpgcheck=1\n\n[baseos]\nname = Base OS\n"
        "baseurl=https://a.example.org/$basearch/os/\n        https://b.example.org/os\n"
        "gpgkey=file:///etc/key1, file:///etc/key2\nrepo_gpgcheck=True\nexcludepkgs=kernel* foo\n"
        "[off]\nenabled=0\nmirrorlist=https://m.example.org/list\ngpgcheck=no\n");
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].id, "baseos");
    EXPECT_EQ(all[0].name, "Base OS");
    EXPECT_THAT(all[0].addresses,
                ElementsAre("https://a.example.org/$basearch/os", "https://b.example.org/os"));
    EXPECT_EQ(all[0].keys.size(), 2U);
    EXPECT_TRUE(all[0].check_packages) << "nothing that is not said switches it off";
    EXPECT_TRUE(all[0].check_index);
    EXPECT_THAT(all[0].excluded, ElementsAre("kernel*", "foo"));
    EXPECT_FALSE(all[1].enabled);
    EXPECT_FALSE(all[1].check_packages);
    EXPECT_EQ(to_text(parse_repositories(to_text(all))), to_text(all));
}

TEST(RpmRepositories, refuse_what_is_no_repository) {
    for (const char* bad : {"name=x\n", "[../x]\n", "[x\n", "[x]\nnonsense\n", "[x]\n  goes on\n"})
        EXPECT_THROW(parse_repositories(bad), Error) << bad;
}

TEST(RpmRepositories, replace_variables_in_both_forms) {
    EXPECT_EQ(with_variables("a/$releasever/${basearch}/$other",
                             {{"releasever", "9"}, {"basearch", "x86_64"}}),
              "a/9/x86_64/$other");
    EXPECT_EQ(with_variables("$releasever_major/$releasever", {{"releasever", "9"}}),
              "$releasever_major/9")
        << "a longer name is another variable";
}

TEST(RpmRepositories, follow_the_release_as_dnf_calls_it) {
    const auto release = [](const char* distro, const char* version) {
        return family("rpm").release_of({distro, version, "", "bookworm"});
    };
    EXPECT_EQ(release("almalinux", "9.4"), "9");
    EXPECT_EQ(release("fedora", "41"), "41");
    EXPECT_EQ(release("opensuse-leap", "15.6"), "15.6");
    EXPECT_EQ(release("amzn", "2023"), "2023");
    const std::string address = "$releasever/$releasever_major/${releasever_minor}/end";
    EXPECT_EQ(family("rpm").sources_for(address, "15.6"), "15.6/15/6/end");
    EXPECT_EQ(family("rpm").sources_for(address, "9"), "9/9//end");
    EXPECT_EQ(family("rpm").sources_for(address, ""), address) << "nothing is known";
}

TEST(RpmIndex, names_files_below_the_repository_and_none_outside) {
    const auto repomd = [](const std::string& location) {
        return "<repomd><data type=\"primary\"><checksum type=\"sha256\">ab</checksum>"
               "<location href=\"" +
               location + "\"/><size>7</size></data></repomd>";
    };
    const auto files = read_repomd(repomd("repodata/x.xml.gz"), "repomd.xml");
    EXPECT_EQ(files.at("primary").location, "repodata/x.xml.gz");
    EXPECT_EQ(files.at("primary").bytes, 7U);
    for (const char* bad : {"../x", "/etc/x", "https://evil.example.org/x", ""})
        EXPECT_THROW(read_repomd(repomd(bad), "repomd.xml"), Error) << bad;
    EXPECT_THROW(read_repomd("<repomd/>", "repomd.xml"), Error);
    EXPECT_THROW(read_repomd("no xml", "repomd.xml"), Error);
}

/// Ends as curl does, and writes what it got.
class EndedCurl final : public process::CommandRunner {
  public:
    process::CommandResult run(const process::CommandSpec& /*spec*/) override {
        if (!got.empty()) write_file_atomic(file, got);
        process::CommandResult result;
        result.exit_code = exit_code;
        result.err = "curl: (7) Failed to connect";
        return result;
    }
    fs::path file;
    std::string got;
    int exit_code = 0;
};

TEST(RpmFetching, tells_a_server_that_does_not_answer_from_a_file_that_is_too_large) {
    const TempFolder folder(fs::temp_directory_path(), "fetching");
    EndedCurl curl;
    curl.file = folder.path() / "file";
    const auto why = [&](ErrorCode code) -> std::string {
        try {
            fetch_file("https://a.example.org/file", curl.file, 10, curl);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), code) << error.what();
            return error.what();
        }
        return "";
    };
    curl.exit_code = 7;
    EXPECT_THAT(why(ErrorCode::lab), HasSubstr("cannot be fetched"));
    curl.exit_code = 63;
    EXPECT_THAT(why(ErrorCode::refused), HasSubstr("larger than it may be"));
    curl.exit_code = 0;
    curl.got = "eleven byte";
    EXPECT_THAT(why(ErrorCode::refused), HasSubstr("larger than it may be"));
    curl.got = "ten bytes.";
    EXPECT_EQ(why(ErrorCode::lab), "");
}

TEST(RpmMirrors, are_read_from_a_list_and_from_a_metalink) {
    EXPECT_THAT(read_mirrors("# list\nhttps://a.example.org/os/\nrsync://b.example.org/os\n"),
                ElementsAre("https://a.example.org/os"));
    EXPECT_THAT(read_mirrors("<metalink xmlns=\"m\"><files><file><resources>"
                             "<url>https://a.example.org/os/repodata/repomd.xml</url>"
                             "</resources></file></files></metalink>"),
                ElementsAre("https://a.example.org/os"));
}

TEST(RpmAdvisories, tell_what_they_repair_how_urgent_it_is_and_whether_they_still_stand) {
    const auto all = read_advisories(
        "<updates><update status=\"final\" type=\"security\"><id>SUSE-1</id>"
        "<severity>moderate</severity><references>"
        "<reference type=\"cve\" id=\"CVE-2026-1002\"/><reference type=\"cve\" "
        "id=\"CVE-2026-1001\"/>"
        "<reference type=\"bugzilla\" id=\"CVE-2026-1003\"/></references><pkglist><collection>"
        "<package name=\"a\" epoch=\"1\" version=\"2\" release=\"3\" arch=\"x86_64\">"
        "<reboot_suggested>True</reboot_suggested></package></collection></pkglist></update>"
        "<update status=\"retracted\"><id>SUSE-2</id></update></updates>",
        "updateinfo");
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].urgency, "medium");
    EXPECT_THAT(all[0].cves, ElementsAre("CVE-2026-1001", "CVE-2026-1002"));
    EXPECT_THAT(all[0].packages, ElementsAre("a 1:2-3 x86_64"));
    EXPECT_TRUE(all[0].reboot);
    EXPECT_FALSE(all[0].retracted);
    EXPECT_TRUE(all[1].retracted);
    EXPECT_FALSE(all[1].reboot);
    EXPECT_EQ(all[1].urgency, "unknown");
    EXPECT_THROW(read_advisories("<html/>", "x"), Error);
}

}  // namespace
}  // namespace patchlab::families::rpm
