// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/deb/family.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/families/archive.hpp"
#include "orchestrator/families/deb/effect_rules.hpp"
#include "orchestrator/families/service_units.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "tests/unit/orchestrator/families/deb/forged_deb.hpp"

namespace patchlab::families::deb {
namespace {

using test::ar_of;
using test::control_of;
using test::deb_of;
using test::ForgedFile;
using test::tar_of;
using ::testing::HasSubstr;

std::string reason(const std::string& bytes) {
    try {
        read_deb(bytes, "x.deb");
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::invalid);
        return error.what();
    }
    return "accepted";
}

TEST(DebFile, reads_what_a_package_says_of_itself) {
    const std::string bytes = deb_of(
        control_of("web", "1:2.0-1+b2", "Source: web-src (1:2.0-1)\nDepends: libc6 (>= 2.36)\n"),
        {{"./", "", '5', "", 0755},
         {"./usr/sbin/web", "elf", '0', "", 04755},
         {"./usr/sbin/webd", "", '1', "./usr/sbin/web"},
         {"./etc/web.conf", "a=1\n"},
         {"./usr/lib/libweb.so", "", '2', "/lib/x.so"}},
        {{"./conffiles", "/etc/web.conf\nremove-on-upgrade /etc/old.conf\n"},
         {"./triggers", "# c\nactivate-noawait ldconfig\n"},
         {"./postinst", "#!/bin/sh\nadduser web\n"}});
    const PackageContents deb =
        read_deb(bytes, "x.deb", [](std::string_view path) { return path == "/etc/web.conf"; });
    const PackageFacts& facts = deb.facts;
    EXPECT_EQ(facts.source, "web-src");
    EXPECT_EQ(facts.source_version, "1:2.0-1");
    ASSERT_EQ(facts.requirements.size(), 1U);
    EXPECT_EQ(facts.requirements[0][0].name, "libc6");
    EXPECT_EQ(facts.requirements[0][0].op, ">=");
    EXPECT_EQ(facts.requirements[0][0].version, "2.36");
    EXPECT_EQ(facts.conffiles, (std::vector<std::string>{"/etc/web.conf", "/etc/old.conf"}));
    EXPECT_EQ(facts.triggers, std::vector<std::string>{"activate-noawait ldconfig"});
    EXPECT_THAT(facts.maintainer_scripts, HasSubstr("### postinst\n#!/bin/sh\nadduser web"));
    EXPECT_EQ(facts.paths(), (std::vector<std::string>{"/usr/sbin/web", "/usr/sbin/webd",
                                                       "/etc/web.conf", "/usr/lib/libweb.so"}));
    EXPECT_EQ(facts.files[0].mode, 04755U);
    EXPECT_EQ(facts.files[1].target, "/usr/sbin/web");
    EXPECT_EQ(deb.texts.at("/etc/web.conf"), "a=1\n");
}

TEST(DebFile, refuses_names_that_lead_out_of_the_root) {
    for (const char* path : {"/etc/passwd", "../../etc/passwd", "./usr/../../x", "./a\nb", ".."})
        EXPECT_THAT(reason(deb_of(control_of("aa", "1"), {{path, "x"}})), HasSubstr("file name"))
            << path;
    EXPECT_THAT(reason(deb_of(control_of("aa", "1"), {{"./x", "", '1', "../../etc/shadow"}})),
                HasSubstr("climbs out"));
    EXPECT_THAT(
        reason(deb_of(control_of("aa", "1"), {{"./l", "", '2', "/etc"}, {"./l/passwd", "x"}})),
        HasSubstr("symbolic link"));
}

TEST(DebFile, refuses_what_is_no_whole_package) {
    const std::string good =
        deb_of(control_of("aa", "1"), {{"./usr/share/x", std::string(5000, 'x')}});
    ASSERT_EQ(reason(good), "accepted");
    for (std::size_t cut : {std::size_t{0}, std::size_t{4}, std::size_t{30}, std::size_t{70},
                            std::size_t{1000}, good.size() - 4000, good.size() - 1})
        EXPECT_NE(reason(good.substr(0, cut)), "accepted") << cut;
    EXPECT_THAT(reason("MZ not a package"), HasSubstr("not a Debian package"));
    EXPECT_THAT(reason(ar_of({{"debian-binary", "3.0\n"}})), HasSubstr("debian-binary"));
    EXPECT_THAT(reason(ar_of({{"debian-binary", "2.0\n"},
                              {"control.tar", tar_of({{"./control", control_of("aa", "1")}})}})),
                HasSubstr("no data archive"));
    EXPECT_THAT(reason(ar_of({{"debian-binary", "2.0\n"}, {"data.tar", tar_of({})}})),
                HasSubstr("unexpected member"));
    EXPECT_NE(
        reason(ar_of(
            {{"debian-binary", "2.0\n"}, {"control.tar", "rubbish"}, {"data.tar", "rubbish"}})),
        "accepted");
}

TEST(DebFile, refuses_control_data_that_could_mislead) {
    const std::vector<ForgedFile> data = {{"./usr/share/x", "x"}};
    EXPECT_THAT(reason(deb_of(control_of("../aa", "1"), data)), HasSubstr("package name"));
    EXPECT_THAT(reason(deb_of(control_of("aa", "1;id"), data)), HasSubstr("version"));
    EXPECT_THAT(reason(deb_of(control_of("aa", "1", "Depends: b (>= )\n"), data)),
                HasSubstr("Depends"));
    EXPECT_THAT(reason(deb_of(control_of("aa", "1", "Source: ../x\n"), data)), HasSubstr("Source"));
    EXPECT_THAT(reason(deb_of(control_of("aa", "1") + "\nPackage: bb\n", data)),
                HasSubstr("more than one"));
    EXPECT_THAT(reason(deb_of("Package: aa\nPackage: bb\n", data)), HasSubstr("twice"));
}

TEST(DebFile, digests_what_its_files_hold_when_asked_to) {
    const std::string deb =
        deb_of(control_of("aa", "1"), {{"./usr/bin/a", "text"},
                                       {"./usr/bin/again", "", '1', "./usr/bin/a"},
                                       {"./usr/bin/link", "", '2', "a"},
                                       {"./usr/bin/empty", ""}});
    const auto digests = [&](Contents contents) {
        std::map<std::string, std::string> found;
        for (const PackagedFile& file : read_deb(deb, "x", {}, contents).facts.files)
            found[file.path] = file.sha256;
        return found;
    };
    const std::map<std::string, std::string> wanted{{"/usr/bin/a", sha256_hex("text")},
                                                    {"/usr/bin/again", sha256_hex("text")},
                                                    {"/usr/bin/link", ""},
                                                    {"/usr/bin/empty", sha256_hex("")}};
    EXPECT_EQ(digests(Contents::digested), wanted);
    for (const auto& [path, digest] : digests(Contents::skimmed)) EXPECT_EQ(digest, "") << path;
}

TEST(DebFile, stops_at_the_limits_of_an_archive) {
    const std::string tar = tar_of({{"./a", std::string(100000, 'a')}, {"./b", "b"}});
    const auto visit = [](const TarEntry&) { return true; };
    const auto take = [](const TarEntry&, std::string&&) {};
    TarLimits small;
    small.expanded = 50000;
    EXPECT_THROW(walk_tar(tar, "x", small, visit, take), Error);
    TarLimits few;
    few.entries = 1;
    EXPECT_THROW(walk_tar(tar, "x", few, visit, take), Error);
    EXPECT_NO_THROW(walk_tar(tar, "x", {}, visit, take));
}

TEST(EffectRules, tell_what_needs_a_boot_and_what_a_restart) {
    EXPECT_NE(reboot_reason("linux-image-6.1.0-56-cloud-amd64", ""), "");
    EXPECT_NE(reboot_reason("libc6", ""), "");
    EXPECT_NE(reboot_reason("intel-microcode", ""), "");
    EXPECT_NE(reboot_reason("vendor-agent", "touch /run/reboot-required"), "");
    for (const char* calm :
         {"nginx", "libssl3", "linux-libc-dev", "libc6-dev", "systemd-timesyncd", "tzdata"})
        EXPECT_EQ(reboot_reason(calm, ""), "") << calm;
    PackageContents deb;
    deb.texts = {{"/lib/systemd/system/web.service", "[Service]\nExecStart=/x\n"},
                 {"/lib/systemd/system/web@.service", "[Service]\n"},
                 {"/usr/lib/systemd/system/web-setup.service", "[Service]\nType=oneshot\n"},
                 {"/usr/share/doc/x.service", ""}};
    EXPECT_EQ(service_units(deb), std::vector<std::string>{"web.service"});
}

}  // namespace
}  // namespace patchlab::families::deb
