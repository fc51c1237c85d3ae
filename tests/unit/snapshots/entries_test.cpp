// SPDX-License-Identifier: Apache-2.0
//
// What entries of search paths say: whom they touch besides their own package.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "snapshots/entries.hpp"
#include "tests/unit/snapshots/changes.hpp"

namespace patchlab::snapshots {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Entries : public ::testing::Test {
  protected:
    Entries() {
        PatchedPackage package;
        package.name = package.source = "acme-agent";
        package.to = "2.0";
        package.files = {"/usr/sbin/acmed", "/lib/systemd/system/acme-agent.service"};
        packages_.push_back(std::move(package));
        machine_.facts[ChangeClass::package]["nginx:amd64"] = "1.22 installed";
        machine_.facts[ChangeClass::unit]["nginx.service"] = "enabled/active/boot";
    }
    std::vector<std::string> concerns(EntryLanguage language, const std::string& text,
                                      const std::string& path = "/usr/lib/x/acme.conf",
                                      const std::string& old = {}) {
        const Registries registries;
        const PackageIndex index(packages_, patchlab::test::deb_rules(), registries);
        return concerns_of(language, {path, text, old}, Belongings(index, &machine_));
    }
    std::vector<PatchedPackage> packages_;
    Capture machine_ = quiet();
};

TEST_F(Entries, of_tmpfiles_may_do_anything_to_places_of_their_package) {
    EXPECT_THAT(concerns(EntryLanguage::tmpfiles,
                         "# places\n"
                         "d /run/acme-agent 0755 root root -\n"
                         "d /run/acmed 1777 root root 10d\n"
                         "D! %S/acme-agent/cache 0750 - - -\n"
                         "r! /var/lib/acme-agent/lock\n"
                         "L+ /run/acme-agent/socket - - - - /run/acmed/socket\n"
                         "d /var/log/acme 0755\n"),
                IsEmpty());
}

TEST_F(Entries, of_sysctl_name_each_setting_that_is_new) {
    EXPECT_THAT(
        concerns(EntryLanguage::settings, "# a comment\n; another\nnet.core.somaxconn = 1024\n",
                 "/usr/lib/sysctl.d/acme.conf", "net.core.somaxconn = 1024"),
        IsEmpty());
    EXPECT_THAT(concerns(EntryLanguage::settings, "net.core.somaxconn = 4096\n",
                         "/usr/lib/sysctl.d/acme.conf", "net.core.somaxconn = 1024"),
                ElementsAre("sets net.core.somaxconn = 4096"));
}

TEST_F(Entries, of_tmpfiles_that_touch_another_place_name_it) {
    for (const char* line :
         {"r! /etc/nginx/snippets/snakeoil.conf", "R /etc/nginx", "z /var/log/nginx 0777",
          "D /var/lib/acme-agent/../nginx", "L+ /etc/motd - - - - /tmp/x", "C+ /etc/nginx",
          "w /sys/kernel/mm/ksm/run - - - - 1", "f+ /etc/issue", "a /etc/shadow - - - - u:acme:r",
          "h /etc/passwd - - - - +i", "t /usr/bin/x - - - - user.a=b", "d /run/nginx 0755",
          "e /var/cache/apt - - - 1d", "x /var/tmp/mail", "'r!' \"/etc/nginx//x\"",
          "r /etc/nginx/*.conf", "d / 0777"}) {
        const auto found = concerns(EntryLanguage::tmpfiles, line);
        ASSERT_EQ(found.size(), 1U) << line;
        EXPECT_THAT(found[0], HasSubstr("/")) << line;
    }
    EXPECT_THAT(concerns(EntryLanguage::tmpfiles, "r! /etc/nginx/snippets/snakeoil.conf"),
                ElementsAre(HasSubstr("removes /etc/nginx/snippets/snakeoil.conf")));
}

TEST_F(Entries, of_tmpfiles_let_nobody_else_write_and_make_no_devices) {
    EXPECT_EQ(concerns(EntryLanguage::tmpfiles, "d /run/acme-agent 0777").size(), 1U);
    EXPECT_EQ(concerns(EntryLanguage::tmpfiles, "c /run/acme-agent/mem 0600 - - - 1:1").size(), 1U);
}

TEST_F(Entries, that_the_old_version_had_are_no_news) {
    const std::string line = "r! /etc/nginx/x\n";
    EXPECT_THAT(concerns(EntryLanguage::tmpfiles, line, "/usr/lib/tmpfiles.d/a.conf", line),
                IsEmpty());
    EXPECT_EQ(concerns(EntryLanguage::tmpfiles, line + "r! /etc/nginx/y\n",
                       "/usr/lib/tmpfiles.d/a.conf", line)
                  .size(),
              1U);
}

TEST_F(Entries, of_sysusers_make_accounts_of_their_package_and_no_other_members) {
    EXPECT_THAT(concerns(EntryLanguage::sysusers,
                         "u _acme - \"The agent\" /var/lib/acme\ng acme-agent -\n"),
                IsEmpty());
    EXPECT_THAT(concerns(EntryLanguage::sysusers, "m www-data shadow"),
                ElementsAre(HasSubstr("makes www-data a member of shadow")));
    EXPECT_EQ(concerns(EntryLanguage::sysusers, "u acme 0").size(), 1U);
    EXPECT_EQ(concerns(EntryLanguage::sysusers, "u toor - - /root /bin/sh").size(), 1U);
}

TEST_F(Entries, of_udev_may_name_devices_of_one_maker_and_run_nothing) {
    EXPECT_THAT(concerns(EntryLanguage::udev,
                         "SUBSYSTEM==\"usb\", ATTRS{idVendor}==\"ac3e\", MODE=\"0660\", "
                         "GROUP=\"plugdev\", TAG+=\"uaccess\", SYMLINK+=\"acme\"\n"),
                IsEmpty());
    for (const char* rule :
         {"ACTION==\"add\", RUN+=\"/bin/true\"", "KERNEL==\"sd*\", GROUP=\"acme\"",
          "ATTRS{idVendor}==\"ac3e\", MODE=\"0666\"", "SUBSYSTEM==\"net\", NAME=\"lan0\"",
          "ATTRS{idVendor}==\"ac3e\", PROGRAM==\"/bin/x\"", "IMPORT{program}=\"/bin/x\"",
          "KERNEL==\"mem\", TAG+=\"uaccess\"", "ENV{SYSTEMD_WANTS}+=\"x.service\"",
          "KERNEL==\"sda\", ATTR{queue/scheduler}=\"none\"", "ACTION==\"add\", \\\n RUN+=\"x\"",
          "this is no rule"})
        EXPECT_EQ(concerns(EntryLanguage::udev, rule).size(), 1U) << rule;
}

TEST_F(Entries, of_the_bus_rule_over_their_own_names_only) {
    const std::string path = "/usr/share/dbus-1/system.d/org.acme.Agent.conf";
    EXPECT_THAT(concerns(EntryLanguage::bus_policy,
                         "<!-- <allow own=\"x\"/> --><busconfig><policy user=\"root\">"
                         "<allow own=\"org.acme.Agent\"/></policy><policy context=\"default\">"
                         "<allow send_destination='org.acme.Agent.Sub'/>"
                         "<allow receive_type=\"signal\"/></policy></busconfig>",
                         path),
                IsEmpty());
    for (const char* rule :
         {"<allow send_destination=\"org.freedesktop.login1\"/>", "<allow own=\"*\"/>",
          "<allow send_interface=\"org.freedesktop.DBus.Properties\"/>",
          "<allow eavesdrop=\"true\" send_destination=\"org.acme.Agent\"/>",
          "<deny send_destination=\"org.freedesktop.systemd1\"/>", "<includedir>/tmp</includedir>"})
        EXPECT_EQ(concerns(EntryLanguage::bus_policy, rule, path).size(), 1U) << rule;
}

TEST_F(Entries, of_the_bus_answer_to_their_own_name_with_their_own_unit) {
    const std::string path = "/usr/share/dbus-1/system-services/org.acme.Agent.service";
    EXPECT_THAT(concerns(EntryLanguage::bus_service,
                         "[D-BUS Service]\nName=org.acme.Agent\nExec=/bin/false\nUser=root\n"
                         "SystemdService=acme-agent.service\n",
                         path),
                IsEmpty());
    EXPECT_EQ(concerns(EntryLanguage::bus_service,
                       "[D-BUS Service]\nName=org.freedesktop.hostname1\nExec=/usr/bin/x\n", path)
                  .size(),
              1U);
    EXPECT_EQ(concerns(EntryLanguage::bus_service,
                       "[D-BUS Service]\nName=org.acme.Agent\nSystemdService=nginx.service\n", path)
                  .size(),
              1U);
}

TEST_F(Entries, of_polkit_ask_for_a_password_and_are_the_packages_own) {
    const std::string path = "/usr/share/polkit-1/actions/org.acme.agent.policy";
    const auto action = [](const std::string& id, const std::string& allowed) {
        return "<policyconfig><action id=\"" + id + "\"><defaults><allow_any>" + allowed +
               "</allow_any></defaults></action></policyconfig>";
    };
    EXPECT_THAT(concerns(EntryLanguage::polkit_actions,
                         action("org.acme.agent.restart", "auth_admin"), path),
                IsEmpty());
    EXPECT_EQ(
        concerns(EntryLanguage::polkit_actions, action("org.acme.agent.restart", " yes "), path)
            .size(),
        1U);
    EXPECT_EQ(concerns(EntryLanguage::polkit_actions,
                       action("org.freedesktop.policykit.exec", "auth_self"), path)
                  .size(),
              1U);
}

TEST_F(Entries, of_logrotate_rotate_their_own_logs_and_send_them_nowhere) {
    EXPECT_THAT(concerns(EntryLanguage::rotation,
                         "/var/log/acme-agent/*.log /var/log/acme.log {\n  weekly\n  rotate 4\n"
                         "  postrotate\n    /bin/kill -HUP 1\n  endscript\n}\n"),
                IsEmpty());
    EXPECT_THAT(concerns(EntryLanguage::rotation, "/var/log/auth.log\n{\n  rotate 0\n}\n"),
                ElementsAre(HasSubstr("/var/log/auth.log")));
    for (const char* line : {"mail x@example.org", "compresscmd /bin/x", "include /tmp/x"})
        EXPECT_EQ(concerns(EntryLanguage::rotation,
                           std::string("/var/log/acme.log {\n ") + line + "\n}\n")
                      .size(),
                  1U)
            << line;
}

}  // namespace
}  // namespace patchlab::snapshots
