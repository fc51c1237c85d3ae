// SPDX-License-Identifier: Apache-2.0
//
// How packages of Debian become packages of RPM: the program that does it, with its own tools.
#include <gmock/gmock.h>

#include "orchestrator/images/boot_disk.hpp"
#include "orchestrator/images/rpm_system.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/process/command.hpp"

namespace patchlab::images {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// What the parts of the program print when `call` is run after them; `input` is in $text.
std::string converted(const std::string& call, const std::string& input) {
    const fs::path scripts(SYNTHETIC_SCRIPTS);
    TempFolder folder(fs::temp_directory_path(), "conversion");
    write_file_atomic(folder.path() / "input", input);
    process::CommandSpec spec;
    spec.program = "perl";
    spec.args = {"-", folder.path() / "input"};
    spec.purpose = "converting";
    for (const char* part : {"control.pl", "spec.pl", "advisories.pl"})
        spec.input += read_file(scripts / part);
    spec.input += "my $text = do { local $/; <> };\n" + call;
    return process::SystemCommandRunner().require(spec).out;
}

std::string relations(const std::string& field) {
    return converted("print join '; ', relations_of($text);", field);
}

constexpr auto spec_call = R"(
my $fields = fields_of($text);
print spec_of({ name => $fields->{Package}, fields => $fields, shells => [],
    units => ['nginx.service'], files => ['"/usr/sbin/nginx"'] });)";

constexpr auto nginx = R"(Package: nginx-common
Source: nginx (1.22.1-9)
Version: 1:1.22.1-9+b2
Architecture: all
Depends: lsb-base (>= 3.0-6), debconf (>= 0.5) | debconf-2.0
Breaks: nginx-common (<< 1.2), libnginx-mod-http-lua (<= 1.21)
Provides: httpd
Description: small server
 100% fast.
)";

TEST(Conversion, relations_mean_in_rpm_what_they_mean_in_debian) {
    EXPECT_EQ(relations("libc6 (>= 2.36), a:any | b (= 1.0-1)"), "libc6 >= 2.36; (a or b = 1.0-1)");
    EXPECT_EQ(relations("a (>> 2.36)"), "a >= 2.36") << "2.36-9 is newer than 2.36 to Debian alone";
    EXPECT_EQ(relations("a (>> 2.36-1)"), "a > 2.36-1");
    EXPECT_EQ(relations("a (<= 2.36)"), "a < 2.36") << "2.36-9 must not be met";
    EXPECT_EQ(relations("a (= 1:2.0-rc1-3)"), "a = 1:2.0_rc1-3");
    EXPECT_EQ(relations("a | a"), "a");
}

TEST(Conversion, a_package_remembers_its_source_its_scripts_and_its_own_version) {
    const std::string spec = converted(spec_call, nginx);
    EXPECT_THAT(spec, HasSubstr("Name: nginx\nVersion: 1.22.1\nRelease: 9\n"));
    EXPECT_THAT(spec, HasSubstr("%package -n nginx-common\nVersion: 1.22.1\nRelease: 9+b2\n"
                                "Epoch: 1\n"));
    EXPECT_THAT(spec, HasSubstr("BuildArch: noarch"));
    EXPECT_THAT(spec, HasSubstr("Provides: httpd = 1:1.22.1-9+b2"))
        << "without a version it would match any versioned conflict";
    EXPECT_THAT(spec, Not(HasSubstr("Conflicts: nginx-common")));
    EXPECT_THAT(spec, HasSubstr("Conflicts: libnginx-mod-http-lua < 1.21"));
    EXPECT_THAT(spec, HasSubstr("%posttrans -n nginx-common\n"));
    EXPECT_THAT(spec, HasSubstr("systemctl try-restart nginx.service"));
    EXPECT_THAT(spec, HasSubstr("100%% fast"));
}

constexpr auto changelog = R"(nginx (1.22.1-9+deb12u2) bookworm-security; urgency=high

  * CVE-2026-1111: <overflow> & more

 -- Somebody <a@example.org>  Mon, 02 Mar 2026 10:11:12 +0100

nginx (1.22.1-9+deb12u1) bookworm; urgency=medium

  * CVE-2026-0002 in the mail module

 -- Somebody <a@example.org>  Sun, 01 Feb 2026 10:11:12 +0100

nginx (1.22.1-9) unstable; urgency=low

  * CVE-2020-9999, long ago

 -- Somebody <a@example.org>  Wed, 01 Jan 2020 10:11:12 +0100
)";

constexpr auto advisory_call = R"(
print updateinfo_xml(one => { source => 'nginx', entries => [new_entries($text, '1.22.1-9')],
    packages => [{ name => 'nginx', epoch => 0, version => '1.22.1', release => '9+deb12u2',
        architecture => 'x86_64', source_rpm => 'nginx-1.22.1-9+deb12u2.src.rpm',
        file => 'nginx.rpm' }] });)";

TEST(Conversion, an_advisory_says_what_the_new_entries_of_the_changelog_say) {
    const std::string xml = converted(advisory_call, changelog);
    EXPECT_THAT(xml, HasSubstr("<id>SYSA-2026:0001</id>"));
    EXPECT_THAT(xml, HasSubstr("type=\"security\""));
    EXPECT_THAT(xml, HasSubstr("<severity>Important</severity>"));
    EXPECT_THAT(xml, HasSubstr("<issued date=\"2026-03-02 10:11:12\"/>"));
    EXPECT_THAT(xml, HasSubstr("id=\"CVE-2026-1111\" type=\"cve\""));
    EXPECT_THAT(xml, HasSubstr("id=\"CVE-2026-0002\""));
    EXPECT_THAT(xml, Not(HasSubstr("CVE-2020-9999"))) << "the installed version has it";
    EXPECT_THAT(xml, HasSubstr("&lt;overflow&gt; &amp; more"));
    EXPECT_THAT(xml, Not(HasSubstr("reboot_suggested")));
}

TEST(RpmList, is_read_strictly) {
    const auto packages = read_rpm_list("bash\t5.2-1\tx86_64\nnginx\t1:1.22-9+deb12u1\tnoarch\n");
    ASSERT_EQ(packages.size(), 2U);
    EXPECT_EQ(packages[1].version, "1:1.22-9+deb12u1");
    for (const char* bad :
         {"", "bash 5.2 x86_64\n", "../x\t1\tx86_64\n", "a\t1 2\tx86_64\n", "a\t1\n"})
        EXPECT_THROW(read_rpm_list(bad), Error) << bad;
}

TEST(SyntheticRepositories, follow_the_packages_of_the_image) {
    const std::string text = with_pool(synthetic_repositories(), "/state/images/x.rpms");
    EXPECT_THAT(text, HasSubstr("baseurl=file:///state/images/x.rpms/updates\n"));
    EXPECT_EQ(text.find('$'), std::string::npos);
}

TEST(EfiSerial, is_made_of_the_roots_name) {
    EXPECT_EQ(efi_serial({0, "5d2b8a52-7d0c-4f0e-9a3e-0b6f0a2d1c11", true}), "5d2b8a52");
}

}  // namespace
}  // namespace patchlab::images
