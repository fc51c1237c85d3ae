// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/families/rpm/family.hpp"
#include "platform/core/error.hpp"
#include "tests/unit/orchestrator/families/rpm/forged_rpm.hpp"

namespace patchlab::families::rpm {
namespace {

using test::ForgedRpmFile;
using test::HeaderMaker;
using test::rpm_of;
using ::testing::HasSubstr;

std::string why_refused(const std::string& bytes) {
    try {
        read_rpm(bytes, "x.rpm", {}, Contents::digested);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::invalid);
        return error.what();
    }
    ADD_FAILURE() << "was read";
    return {};
}

std::string why_files_are_refused(const std::vector<ForgedRpmFile>& files) {
    return why_refused(rpm_of("aa", "1", "1", files));
}

TEST(RpmFile, tells_its_name_its_version_and_its_source) {
    HeaderMaker header = test::named_header("aa-libs", "1.0~rc1", "2.el9");
    header.numbers(tag::epoch, 4, {3});
    const auto facts = read_rpm(rpm_of(header.bytes(), test::cpio_of({})), "x").facts;
    EXPECT_EQ(facts.name, "aa-libs");
    EXPECT_EQ(facts.version, "3:1.0~rc1-2.el9");
    EXPECT_EQ(facts.architecture, "noarch");
    EXPECT_EQ(facts.source, "src");
    EXPECT_EQ(facts.source_version, "1-1");
}

TEST(RpmFile, gives_the_source_the_epoch_where_it_is_the_same_version) {
    HeaderMaker header;
    header.text(tag::name, "aa").text(tag::version, "1").text(tag::release, "2");
    header.text(tag::arch, "x86_64").text(tag::source_rpm, "aa-1-2.src.rpm");
    header.numbers(tag::epoch, 4, {3});
    const auto facts = read_rpm(rpm_of(header.bytes(), test::cpio_of({})), "x").facts;
    EXPECT_EQ(facts.source, "aa");
    EXPECT_EQ(facts.source_version, "3:1-2");
}

TEST(RpmFile, lists_its_files_with_what_they_hold) {
    const auto read = read_rpm(
        rpm_of("aa", "1", "1",
               {{"/etc/aa", "", 0040755},
                {"/etc/aa/aa.conf", "x=1\n", 0100644, 1},
                {"/usr/bin/aa", "program", 0104755},
                {"/usr/bin/bb", "", 0120777, 0, "aa"},
                {"/var/log/aa.log", "", 0100600, 65}}),
        "x", [](std::string_view path) { return path == "/etc/aa/aa.conf"; }, Contents::digested);
    ASSERT_EQ(read.facts.files.size(), 4U) << "a ghost is not unpacked";
    EXPECT_EQ(read.facts.files[0].type, "directory");
    EXPECT_EQ(read.facts.files[2].mode, 04755U);
    EXPECT_EQ(read.facts.files[2].sha256, sha256_hex("program"));
    EXPECT_EQ(read.facts.files[3].type, "symlink");
    EXPECT_EQ(read.facts.files[3].target, "aa");
    EXPECT_EQ(read.facts.conffiles, std::vector<std::string>{"/etc/aa/aa.conf"});
    EXPECT_EQ(read.texts.at("/etc/aa/aa.conf"), "x=1\n");
    EXPECT_EQ(read.texts.size(), 1U);
}

TEST(RpmFile, says_what_it_requires_and_what_its_scripts_do) {
    HeaderMaker header = test::named_header("aa", "1", "1");
    header.texts(tag::require_name, {"bash", "(a or b)", "rpmlib(X)", "libc.so.6()(64bit)"});
    header.numbers(tag::require_flags, 4, {12, 0, 10, 0});
    header.texts(tag::require_version, {"4", "", "1", ""});
    header.text(tag::post_install, "systemctl daemon-reload");
    header.texts(tag::transaction_file_trigger_names, {"/usr/lib/aa.d"});
    const auto facts = read_rpm(rpm_of(header.bytes(), test::cpio_of({})), "x").facts;
    ASSERT_EQ(facts.requirements.size(), 2U) << "what only a solver understands is left to it";
    EXPECT_EQ(facts.requirements[0][0].name, "bash");
    EXPECT_EQ(facts.requirements[0][0].op, ">=");
    EXPECT_EQ(facts.requirements[0][0].version, "4");
    EXPECT_EQ(facts.requirements[1][0].op, "");
    EXPECT_EQ(facts.maintainer_scripts, "### post\nsystemctl daemon-reload\n");
    EXPECT_EQ(facts.triggers, std::vector<std::string>{"interest /usr/lib/aa.d"});
}

TEST(RpmFile, refuses_what_would_be_written_outside_of_the_root_or_hides) {
    EXPECT_THAT(why_files_are_refused({{"/usr/../etc/passwd", "x"}}), HasSubstr("climbs out"));
    EXPECT_THAT(why_files_are_refused({{"/usr//x", "x"}}), HasSubstr("not plain"));
    EXPECT_THAT(why_files_are_refused({{"usr/x", "x"}}), HasSubstr("not absolute"));
    EXPECT_THAT(why_files_are_refused({{"/usr/a\nb", "x"}}), HasSubstr("control characters"));
    EXPECT_THAT(why_files_are_refused({{"/usr/l", "", 0120777, 0, "/etc"}, {"/usr/l/x", "x"}}),
                HasSubstr("through its own symbolic link"));
}

TEST(RpmFile, refuses_a_payload_that_is_not_what_the_header_says) {
    const std::vector<ForgedRpmFile> listed{{"/usr/bin/aa", "good"}};
    HeaderMaker header = test::named_header("aa", "1", "1");
    test::list_files(header, listed);
    const auto with = [&](const std::vector<ForgedRpmFile>& packed) {
        return why_refused(rpm_of(header.bytes(), test::cpio_of(packed)));
    };
    EXPECT_THAT(with({{"/usr/bin/aa", "evil"}}), HasSubstr("another sha256"));
    EXPECT_THAT(with({{"/usr/bin/aa", "good"}, {"/usr/bin/bb", "x"}}), HasSubstr("does not list"));
    EXPECT_THAT(with({}), HasSubstr("lacks /usr/bin/aa"));
    EXPECT_THAT(with({{"/usr/bin/aa", "good"}, {"/usr/bin/aa", "good"}}), HasSubstr("twice"));
    EXPECT_THAT(with({{"/usr/bin/aa", "", 0120777, 0, "/etc/shadow"}}), HasSubstr("another type"));
}

TEST(RpmFile, refuses_one_whose_payload_or_header_was_altered) {
    const std::string payload = test::cpio_of({});
    HeaderMaker header = test::named_header("aa", "1", "1");
    header.texts(tag::payload_digest, {sha256_hex(payload)});
    EXPECT_NO_THROW(read_rpm(rpm_of(header.bytes(), payload), "x"));
    EXPECT_THAT(why_refused(rpm_of(header.bytes(), payload + "x")),
                HasSubstr("payload is damaged"));
}

TEST(RpmFile, refuses_one_that_is_cut_short_wherever_that_is) {
    const std::string whole = rpm_of("aa", "1", "1", {{"/usr/bin/aa", "program"}});
    for (std::size_t size = 4; size + 200 < whole.size(); size += 7)
        EXPECT_THROW(read_rpm(whole.substr(0, size), "x"), Error) << size;
}

TEST(RpmFile, refuses_source_packages_deltas_and_names_that_are_none) {
    std::string source = rpm_of("aa", "1", "1", {});
    source[7] = 1;
    EXPECT_THAT(why_refused(source), HasSubstr("source package"));
    HeaderMaker delta = test::named_header("aa", "1", "1");
    delta.text(tag::payload_format, "drpm");
    EXPECT_THAT(why_refused(rpm_of(delta.bytes(), "")), HasSubstr("delta"));
    EXPECT_THAT(why_refused(rpm_of("a/b", "1", "1", {})), HasSubstr("no valid package name"));
    EXPECT_THAT(why_refused(rpm_of("aa", "1 --help", "1", {})), HasSubstr("no valid version"));
    EXPECT_THAT(why_refused(rpm_of("aa", "1-2", "1", {})), HasSubstr("no valid version"));
    EXPECT_THAT(why_refused("!<arch>\n"), HasSubstr("not an rpm package"));
}

TEST(RpmHeader, refuses_entries_that_point_beyond_it) {
    const auto refused = [](const std::string& bytes) {
        std::string_view rest = bytes;
        EXPECT_THROW(
            {
                const Header header = Header::take(rest, "x");
                header.texts(tag::name);
                header.numbers(tag::epoch);
            },
            Error);
    };
    refused(HeaderMaker().entry(tag::epoch, 4, 0, 1).bytes());
    refused(HeaderMaker().text(5, "abc").entry(tag::epoch, 4, 0, 0x40000000).bytes());
    refused(HeaderMaker().text(5, "abc").entry(tag::epoch, 4, 0xfffffff0, 8).bytes());
    refused(HeaderMaker().text(5, "abc").entry(tag::epoch, 17, 0, 1).bytes());
    refused(HeaderMaker().text(5, "abc").entry(tag::name, 8, 0, 9).bytes());
    refused(HeaderMaker().text(tag::epoch, "no number").bytes());
    refused(HeaderMaker().numbers(tag::name, 4, {1}).bytes());
}

TEST(RpmHeader, refuses_lists_that_do_not_fit_each_other) {
    HeaderMaker header = test::named_header("aa", "1", "1");
    header.texts(tag::base_names, {"a", "b"}).texts(tag::dir_names, {"/"});
    header.numbers(tag::dir_indexes, 4, {0, 7});
    EXPECT_THAT(why_refused(rpm_of(header.bytes(), "")), HasSubstr("in no folder"));
    HeaderMaker requires_more = test::named_header("aa", "1", "1");
    requires_more.texts(tag::require_name, {"a", "b"}).numbers(tag::require_flags, 4, {0});
    EXPECT_THAT(why_refused(rpm_of(requires_more.bytes(), "")), HasSubstr("do not fit"));
}

InstalledSystem system_of(const std::vector<std::string>& headers) {
    InstalledSystem system{"web", {}};
    for (const std::string& header : headers) system.database += header;
    return system;
}

TEST(RpmDatabase, is_a_list_of_headers_in_which_keys_are_no_packages) {
    HeaderMaker key;
    key.text(tag::name, "gpg-pubkey").text(tag::version, "1").text(tag::release, "1");
    HeaderMaker native = test::named_header("bb", "2", "1");
    const InstalledSystem system =
        system_of({native.bytes(), key.bytes(), test::named_header("aa", "1", "1").bytes()});
    const auto packages = installed_packages(system);
    ASSERT_EQ(packages.size(), 2U);
    EXPECT_EQ(packages[0].name, "aa");
    EXPECT_EQ(packages[1].version, "2-1");
    EXPECT_EQ(packages[1].source_version, "1-1");
}

TEST(RpmDatabase, is_for_the_architecture_that_most_of_its_packages_are_for) {
    const auto of = [](const std::string& name, const std::string& architecture) {
        HeaderMaker header;
        header.text(tag::name, name).text(tag::version, "1").text(tag::release, "1");
        return header.text(tag::arch, architecture).bytes();
    };
    EXPECT_EQ(architecture_of_system(system_of(
                  {of("a", "x86_64"), of("b", "noarch"), of("c", "x86_64"), of("d", "i686")})),
              "x86_64");
    EXPECT_THROW(architecture_of_system(system_of({of("b", "noarch")})), Error);
    EXPECT_THROW(installed_packages({"web", "SQLite format 3"}), Error);
    EXPECT_THROW(installed_packages({"web", ""}), Error);
}

}  // namespace
}  // namespace patchlab::families::rpm
