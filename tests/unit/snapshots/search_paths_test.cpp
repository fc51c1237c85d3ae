// SPDX-License-Identifier: Apache-2.0
//
// Who reads a new file, what stands before another package's, what starts by itself, and how units
// run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/core/json.hpp"
#include "tests/unit/snapshots/changes.hpp"

namespace patchlab::snapshots {
namespace {

using namespace testing;
using ::testing::HasSubstr;

const std::string archived_content(64, 'c');

/// A package made from nothing that ships these files; those with a text hold it.
PatchedPackage agent(const std::map<std::string, std::string>& files) {
    PatchedPackage package;
    package.name = package.source = "acme-agent";
    package.to = "2.0";
    for (const auto& [path, text] : files) {
        package.files.push_back(path);
        package.contents[path] = archived_content;
        if (!text.empty()) package.texts[path] = text;
    }
    return package;
}

Change change_by(const std::string& path, const std::string& text = {}) {
    Scene scene;
    scene.disk(added(path, file(0644, archived_content)));
    return scene.attributed({agent({{path, text}})})[0];
}

TEST(SearchPaths, show_a_new_entry_that_another_program_reads_and_who_reads_it) {
    for (const char* path : {"/etc/systemd/system-environment-generators/50-acme",
                             "/usr/share/pam-configs/acme",
                             "/etc/apt/apt.conf.d/99acme",
                             "/usr/lib/systemd/system-sleep/acme",
                             "/usr/sbin/policy-rc.d",
                             "/etc/xdg/autostart/acme.desktop",
                             "/etc/vim/vimrc.local",
                             "/etc/profile.d/acme.sh",
                             "/etc/rc.local",
                             "/etc/default/nginx",
                             "/etc/gai.conf",
                             "/etc/credstore/passwd.hashed-password.root",
                             "/usr/lib/python3/dist-packages/acme.pth",
                             "/etc/X11/Xsession.d/90acme",
                             "/usr/lib/userdb/acme.user",
                             "/usr/lib/systemd/system/nginx.service.d/x.conf",
                             "/usr/lib/systemd/system/service.d/x.conf",
                             "/usr/lib/systemd/user/x.service.d/y.conf",
                             "/etc/systemd/system.control/nginx.service.d/50-x.conf",
                             "/usr/share/factory/etc/pam.d/x",
                             "/etc/NetworkManager/dispatcher.d/pre-up.d/x",
                             "/usr/lib/kernel/install.d/x.install"}) {
        const Change change = change_by(path);
        EXPECT_TRUE(change.sensitive) << path;
        EXPECT_FALSE(change.concern.empty()) << path;
    }
    EXPECT_THAT(change_by("/etc/apt/apt.conf.d/99acme").concern, HasSubstr("apt as root"));
}

TEST(SearchPaths, do_not_show_what_is_named_after_its_package) {
    for (const char* path :
         {"/etc/default/acme-agent", "/etc/acme.conf", "/etc/bash_completion.d/acme-agent",
          "/etc/apparmor.d/usr.sbin.acme-agent", "/usr/lib/systemd/system/acme-agent.service",
          "/usr/share/bash-completion/completions/ls"})
        EXPECT_FALSE(change_by(path).sensitive) << path << ": " << change_by(path).concern;
}

TEST(SearchPaths, judge_by_its_text_an_entry_that_the_archive_holds) {
    const char* path = "/usr/lib/tmpfiles.d/acme-agent.conf";
    EXPECT_FALSE(change_by(path, "d /run/acme-agent 0755\n").sensitive);
    const Change bad = change_by(path, "r! /etc/nginx/snippets/snakeoil.conf\n");
    EXPECT_TRUE(bad.sensitive);
    EXPECT_THAT(to_json(bad).at("concern").get<std::string>(), HasSubstr("snakeoil"));
}

TEST(SearchPaths, show_a_judged_entry_of_which_the_text_is_not_known) {
    EXPECT_TRUE(change_by("/usr/lib/tmpfiles.d/acme-agent.conf").sensitive);
    PatchedPackage package = agent({{"/usr/lib/tmpfiles.d/a.conf", "d /run/acme-agent\n"}});
    Scene scene;
    scene.disk(added("/usr/lib/tmpfiles.d/a.conf", file(0644, std::string(64, 'x'))));
    EXPECT_TRUE(scene.attributed({package})[0].sensitive) << "something else stands there";
}

TEST(SearchPaths, know_who_is_at_home) {
    PatchedPackage package = agent({{"/usr/lib/systemd/system-generators/two", ""}});
    package.old_files = {"/usr/lib/systemd/system-generators/one"};
    Scene scene;
    scene.disk(added("/usr/lib/systemd/system-generators/two", file(0755, archived_content)));
    EXPECT_FALSE(scene.attributed({package})[0].sensitive);
}

TEST(SearchPaths, a_file_that_stands_before_anothers_is_sensitive_whoever_ships_it) {
    const std::string subject = "/etc/systemd/system/nginx.service: system units";
    Scene scene;
    scene.fact(ChangeClass::alternative, subject, std::nullopt,
               "before /usr/lib/systemd/system/nginx.service");
    const auto changes = scene.attributed({agent({{"/etc/systemd/system/nginx.service", ""}})});
    EXPECT_EQ(changes[0].attribution.package(), "acme-agent");
    EXPECT_TRUE(changes[0].sensitive);
    PatchedPackage own = nginx();
    own.files.push_back("/etc/systemd/system/nginx.service");
    EXPECT_FALSE(scene.attributed({own})[0].sensitive) << "both are its own";
}

TEST(SearchPaths, a_packages_file_behind_an_administrators_is_explained) {
    Scene scene;
    scene.fact(ChangeClass::alternative, "/etc/tmpfiles.d/nginx.conf: tmpfiles.d", std::nullopt,
               "before /usr/lib/tmpfiles.d/nginx.conf");
    PatchedPackage package = nginx();
    package.files.push_back("/usr/lib/tmpfiles.d/nginx.conf");
    const auto changes = scene.attributed({package});
    EXPECT_EQ(changes[0].attribution.package(), "nginx");
    EXPECT_FALSE(changes[0].sensitive);
}

TEST(Units, that_start_by_a_link_in_a_package_are_as_sensitive_as_enabled_ones) {
    const auto sensitive = [](std::optional<std::string> before, const std::string& after) {
        Scene scene;
        scene.fact(ChangeClass::unit, "acme-agent.service", std::move(before), after);
        return scene.attributed({agent({{"/usr/lib/systemd/system/acme-agent.service", ""}})})[0]
            .sensitive;
    };
    EXPECT_TRUE(sensitive(std::nullopt, "static/inactive/boot"));
    EXPECT_TRUE(sensitive(std::nullopt, "static/inactive/event"));
    EXPECT_TRUE(sensitive(std::nullopt, "enabled/active/boot"));
    EXPECT_TRUE(sensitive("static/inactive/event", "static/active/boot"));
    EXPECT_FALSE(sensitive(std::nullopt, "static/inactive"));
    EXPECT_FALSE(sensitive(std::nullopt, "disabled/inactive"));
    EXPECT_FALSE(sensitive(std::nullopt, "generated/inactive")) << "a switched-off script";
}

TEST(Units, of_users_that_start_at_a_login_are_their_packages_and_sensitive) {
    Scene scene;
    scene.fact(ChangeClass::unit, "acme.service (user)", std::nullopt, "static/inactive/login");
    const auto changes = scene.attributed({agent({{"/usr/lib/systemd/user/acme.service", ""}})});
    EXPECT_EQ(changes[0].attribution.package(), "acme-agent");
    EXPECT_TRUE(changes[0].sensitive);
}

TEST(Units, how_they_run_belongs_to_their_package_and_so_do_the_terms_of_their_processes) {
    PatchedPackage common = nginx();
    common.name = "nginx-common";
    common.files = common.old_files = {"/usr/lib/systemd/system/nginx.service"};
    common.files.push_back("/usr/lib/systemd/system/nginx.service.d/limits.conf");
    Scene scene;
    scene
        .fact(ChangeClass::unit, "nginx.service: commands", "ExecStart=/usr/sbin/nginx -g 'x'",
              "ExecStart=/usr/sbin/nginx -g 'x'")
        .fact(ChangeClass::unit, "nginx.service: limits", std::nullopt, "LimitNOFILE=65536")
        .fact(ChangeClass::process, "root /usr/sbin/nginx: terms", std::nullopt,
              "open files 65536");
    auto changes = scene.changes();
    attribute(changes, {common}, patchlab::test::deb_rules(), {}, &scene.observation.before);
    ASSERT_EQ(changes.size(), 2U);
    for (const Change& change : changes) {
        EXPECT_EQ(change.attribution.package(), "nginx-common") << change.subject;
        EXPECT_FALSE(change.sensitive) << change.subject << ": " << change.concern;
    }
}

TEST(Units, terms_of_processes_that_no_setting_of_the_patch_changed_stay_unexplained) {
    PatchedPackage common = nginx();
    common.files = common.old_files = {"/usr/lib/systemd/system/nginx.service"};
    Scene scene;
    scene.fact(ChangeClass::process, "root /usr/sbin/nginx: terms", std::nullopt, "nice 5");
    EXPECT_TRUE(scene.attributed({common})[0].attribution.is_unexplained());
}

TEST(Units, that_may_do_more_than_before_are_sensitive_whoever_ships_them) {
    const auto concern = [](std::optional<std::string> before, std::optional<std::string> after) {
        Scene scene;
        scene.fact(ChangeClass::unit, "nginx.service: rights", std::move(before), std::move(after));
        return scene.attributed({nginx()})[0].concern;
    };
    EXPECT_THAT(concern("NoNewPrivileges=yes | User=www-data", "User=www-data"),
                HasSubstr("NoNewPrivileges"));
    EXPECT_THAT(concern("User=www-data", std::nullopt), HasSubstr("User"));
    EXPECT_THAT(concern("ProtectSystem=strict", "ProtectSystem=full"), HasSubstr("strict"));
    EXPECT_THAT(concern(std::nullopt, "AmbientCapabilities=CAP_SYS_ADMIN"),
                HasSubstr("CAP_SYS_ADMIN"));
    EXPECT_THAT(concern("CapabilityBoundingSet=CAP_CHOWN", "CapabilityBoundingSet=CAP_SYS_ADMIN"),
                HasSubstr("CAP_SYS_ADMIN"));
    EXPECT_EQ(concern(std::nullopt, "ProtectSystem=strict"), "");
    EXPECT_EQ(concern(std::nullopt, "User=www-data"), "");
    EXPECT_EQ(concern("ProtectHome=read-only", "ProtectHome=tmpfs"), "");
}

TEST(Units, new_ones_and_their_settings_are_one_matter) {
    Scene scene;
    scene.fact(ChangeClass::unit, "acme.service", std::nullopt, "static/inactive")
        .fact(ChangeClass::unit, "acme.service: rights", std::nullopt,
              "AmbientCapabilities=CAP_CHOWN");
    for (const Change& change :
         scene.attributed({agent({{"/lib/systemd/system/acme.service", ""}})}))
        EXPECT_FALSE(change.sensitive) << change.subject;
}

}  // namespace
}  // namespace patchlab::snapshots
