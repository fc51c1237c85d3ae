// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "platform/core/json.hpp"
#include "tests/unit/snapshots/changes.hpp"

namespace patchlab::snapshots {
namespace {

using namespace testing;

PatchedPackage kernel() {
    PatchedPackage package;
    package.name = "linux-image-6.1.0-56-amd64";
    package.source = "linux-signed-amd64";
    package.to = "6.1.192-1";
    package.files = {"/boot/vmlinuz-6.1.0-56-amd64",
                     "/lib/modules/6.1.0-56-amd64/kernel/fs/ext4/ext4.ko",
                     "/lib/modules/6.1.0-56-amd64/kernel/drivers/virtio/virtio_net.ko"};
    package.maintainer_scripts = "linux-update-symlinks install 6.1.0-56-amd64\n";
    return package;
}

/// A newly installed package of one file.
PatchedPackage package_of(std::string name, std::string source, std::string file,
                          std::string scripts) {
    PatchedPackage package;
    package.name = std::move(name);
    package.source = std::move(source);
    package.to = "1";
    package.files = {std::move(file)};
    package.maintainer_scripts = std::move(scripts);
    return package;
}

TEST(Attribute, explains_what_an_ordinary_update_does_and_finds_nothing_sensitive) {
    Scene scene;
    scene
        .fact(ChangeClass::package, "nginx:amd64", "1.22.1-9+deb12u9 installed",
              "1.22.1-9+deb12u11 installed")
        .disk(rewritten("/usr/sbin/nginx", 0755))
        .disk(rewritten("/usr/lib/systemd/system/nginx.service"))
        .disk(rewritten("/etc/nginx/nginx.conf"))
        .disk(added("/etc/nginx/nginx.conf.dpkg-dist"))
        .disk(added("/usr/share/man/man8/nginx.8.gz"))
        .disk(removed("/usr/share/nginx/gone.html"))
        .disk(rewritten("/var/lib/dpkg/status"))
        .disk(rewritten("/var/lib/dpkg/info/nginx.list"))
        .disk(rewritten("/var/lib/dpkg/info/nginx.postinst", 0755))
        .disk(rewritten("/var/log/dpkg.log"))
        .disk(rewritten("/var/log/nginx/error.log"))
        .disk(rewritten("/var/cache/man/index.db"))
        .disk(added("/etc/systemd/system/multi-user.target.wants/nginx.service",
                    link("/lib/systemd/system/nginx.service")));
    for (const Change& change : scene.attributed({nginx()})) {
        EXPECT_EQ(change.attribution.package(), "nginx") << change.subject;
        EXPECT_FALSE(change.why.empty()) << change.subject;
        EXPECT_FALSE(change.sensitive) << change.subject;
    }
}

TEST(Attribute,
     a_shipped_file_is_explained_by_being_shipped_only_while_it_holds_what_the_archive_holds) {
    PatchedPackage package = nginx();
    package.contents = {{"/usr/sbin/nginx", std::string(64, 'b')},
                        {"/lib/systemd/system/nginx.service", std::string(64, 'c')}};
    package.old_contents = {{"/usr/sbin/nginx", std::string(64, 'a')},
                            {"/usr/share/nginx/gone.html", std::string(64, 'a')}};
    Scene scene;
    scene.disk(rewritten("/usr/sbin/nginx", 0755))
        .disk(rewritten("/usr/lib/systemd/system/nginx.service"))
        .disk(removed("/usr/share/nginx/gone.html"));
    const auto changes = scene.attributed({package});
    EXPECT_EQ(find(changes, "/usr/sbin/nginx")->attribution.package(), "nginx")
        << "what the archive holds";
    EXPECT_EQ(find(changes, "/usr/share/nginx/gone.html")->attribution.package(), "nginx")
        << "no longer shipped";
    const Change* unit = find(changes, "/usr/lib/systemd/system/nginx.service");
    EXPECT_TRUE(unit->attribution.is_unexplained());
    EXPECT_NE(unit->why.find("written over"), std::string::npos) << unit->why;
}

/// The nginx of nginx(), whose configuration file is "a" in the old version and "b" in the new one.
PatchedPackage with_new_configuration() {
    PatchedPackage package = nginx();
    package.old_contents["/etc/nginx/nginx.conf"] = std::string(64, 'a');
    package.contents["/etc/nginx/nginx.conf"] = std::string(64, 'b');
    return package;
}

TEST(Attribute,
     explains_of_a_configuration_file_what_dpkg_does_and_nothing_that_a_script_did_to_it) {
    const auto attribution = [](char before, char after) {
        Scene scene;
        scene.disk({"/etc/nginx/nginx.conf", disk::FileChangeKind::changed,
                    file(0644, std::string(64, before)),
                    file(before == after ? 0600 : 0644, std::string(64, after)), ""});
        return scene.attributed({with_new_configuration()})[0];
    };
    EXPECT_EQ(attribution('a', 'b').attribution.package(), "nginx")
        << "the untouched old one was replaced";
    EXPECT_EQ(attribution('x', 'x').attribution.package(), "nginx") << "only its mode is another";
    const Change written = attribution('a', 'x');
    EXPECT_TRUE(written.attribution.is_unexplained());
    EXPECT_NE(written.why.find("a script wrote"), std::string::npos) << written.why;
    const Change lost = attribution('x', 'b');
    EXPECT_TRUE(lost.attribution.is_unexplained());
    EXPECT_NE(lost.why.find("administrator"), std::string::npos) << lost.why;
    EXPECT_TRUE(attribution('x', 'a').attribution.is_unexplained())
        << "the old version's is no better";
}

TEST(Attribute, explains_a_new_configuration_file_and_not_one_that_had_been_removed) {
    Scene scene;
    scene.disk(added("/etc/nginx/nginx.conf", file(0644, std::string(64, 'b'))));
    EXPECT_TRUE(scene.attributed({with_new_configuration()})[0].attribution.is_unexplained());
    PatchedPackage fresh = with_new_configuration();
    fresh.old_files.clear();
    fresh.old_contents.clear();
    EXPECT_EQ(scene.attributed({fresh})[0].attribution.package(), "nginx");
}

TEST(Attribute, calls_sensitive_what_a_package_ships_into_a_place_of_the_administrators) {
    PatchedPackage package = nginx();
    package.files.insert(package.files.end(), {"/usr/local/bin/ls", "/var/www/html/shell.php",
                                               "/root/.bash_login", "/opt/nginx/x"});
    Scene scene;
    for (const char* path :
         {"/usr/local/bin/ls", "/var/www/html/shell.php", "/root/.bash_login", "/opt/nginx/x"})
        scene.disk(added(path));
    auto changes = scene.attributed({package});
    EXPECT_TRUE(find(changes, "/usr/local/bin/ls")->sensitive);
    EXPECT_TRUE(find(changes, "/var/www/html/shell.php")->sensitive);
    EXPECT_TRUE(find(changes, "/root/.bash_login")->sensitive);
    EXPECT_FALSE(find(changes, "/opt/nginx/x")->sensitive) << "a vendor's own";
    package.old_files.push_back("/var/www/html/index.nginx-debian.html");
    changes = scene.attributed({package});
    EXPECT_FALSE(find(changes, "/var/www/html/shell.php")->sensitive) << "it is at home there";
}

TEST(Attribute, calls_sensitive_that_a_program_stands_before_anothers_in_the_path) {
    PatchedPackage package = nginx();
    package.files.insert(package.files.end(), {"/usr/sbin/ls", "/usr/bin/nginx"});
    Scene scene;
    scene
        .fact(ChangeClass::alternative, "/usr/sbin/ls: program", std::nullopt, "before /usr/bin/ls")
        .fact(ChangeClass::alternative, "/usr/sbin/nginx: program", std::nullopt,
              "before /usr/bin/nginx");
    const auto changes = scene.attributed({package});
    EXPECT_TRUE(find(changes, "/usr/sbin/ls: program")->sensitive);
    EXPECT_EQ(find(changes, "/usr/sbin/ls: program")->attribution.package(), "nginx");
    EXPECT_FALSE(find(changes, "/usr/sbin/nginx: program")->sensitive) << "both are its own";
}

TEST(Attribute, calls_sensitive_a_process_that_may_do_more_than_before) {
    const std::string workers = "www-data /usr/sbin/nginx", master = "root /usr/sbin/nginx";
    Scene scene;
    scene.fact(ChangeClass::process, master, "1", "3")
        .fact(ChangeClass::process, workers, "2", std::nullopt);
    auto changes = scene.attributed({nginx()});
    ASSERT_NE(find(changes, master), nullptr);
    EXPECT_TRUE(find(changes, master)->sensitive) << "root runs what www-data ran";
    EXPECT_EQ(find(changes, master)->attribution.package(), "nginx");

    const auto terms = [&](const std::string& who, std::optional<std::string> before,
                           std::optional<std::string> after) {
        Scene of_terms;
        of_terms.fact(ChangeClass::process, who + ": terms", std::move(before), std::move(after));
        return of_terms.attributed({nginx()})[0].sensitive;
    };
    EXPECT_TRUE(terms(workers, std::nullopt, "capabilities 400")) << "it had none";
    EXPECT_TRUE(terms(workers, "nice 5, capabilities 400", "nice 5, capabilities 401"));
    EXPECT_TRUE(terms(master, "capabilities 400", std::nullopt)) << "root's usual are all";
    EXPECT_TRUE(
        terms(workers, "no new privileges, system calls filtered", "system calls filtered"));
    EXPECT_TRUE(terms(workers, "system calls filtered", "nice 3"));
    EXPECT_TRUE(terms(workers, "no new privileges | no new privileges, nice 2", "nice 2"))
        << "every process was confined";
    EXPECT_FALSE(terms(workers, "nice 2 | no new privileges", "nice 2")) << "one was not before";
    EXPECT_FALSE(terms(master, std::nullopt, "capabilities 400")) << "less than before";
    EXPECT_FALSE(terms(workers, "nice 5", "nice 6"));
}

TEST(FilesNotReplaced, are_those_that_the_versions_ship_differently_and_that_did_not_change) {
    const std::string old(64, 'a'), now(64, 'b');
    PatchedPackage package = nginx();
    for (const char* path :
         {"/usr/sbin/nginx", "/lib/nginx/module.so", "/usr/share/doc/nginx/changelog.gz",
          "/etc/nginx/nginx.conf", "/usr/bin/diverted"}) {
        package.old_contents[path] = old;
        package.contents[path] = now;
    }
    package.old_contents["/usr/bin/alike"] = package.contents["/usr/bin/alike"] = old;
    package.contents["/usr/bin/new"] = now;
    const auto stale = files_not_replaced(
        {rewritten("/usr/sbin/nginx", 0755), rewritten("/usr/bin/diverted.distrib", 0755)},
        {package});
    ASSERT_EQ(stale.size(), 1U);
    EXPECT_EQ(stale[0].package, "nginx");
    EXPECT_EQ(stale[0].paths, std::vector<std::string>{"/usr/lib/nginx/module.so"});
    EXPECT_TRUE(files_not_replaced(
                    {rewritten("/usr/sbin/nginx", 0755), rewritten("/usr/lib/nginx/module.so"),
                     added("/usr/bin/diverted.distrib")},
                    {package})
                    .empty());
}

TEST(Attribute, does_not_take_a_package_called_noise_or_unexplained_for_that_word) {
    for (const char* name : {"noise", "unexplained", "package:noise", "nginx"}) {
        PatchedPackage package = nginx();
        package.name = name;
        package.files.push_back("/etc/cron.d/job");
        auto changes = Scene().disk(added("/etc/cron.d/job")).attributed({package});
        const Attribution& by = changes.at(0).attribution;
        EXPECT_FALSE(by.is_noise()) << name;
        EXPECT_FALSE(by.is_unexplained()) << name;
        EXPECT_EQ(by.package(), name);
        EXPECT_TRUE(changes.at(0).sensitive) << name;
        const std::string text = to_json(changes.at(0)).at("attribution");
        EXPECT_EQ(Attribution::from_text(text), by) << text;
    }
    EXPECT_EQ(Attribution::by("nginx").to_text(), "nginx");
    EXPECT_EQ(Attribution::by("noise").to_text(), "package:noise");
    EXPECT_EQ(Attribution::noise().to_text(), "noise");
    EXPECT_EQ(Attribution().to_text(), "unexplained");
}

TEST(Attribute, leaves_unexplained_what_no_file_list_and_no_known_effect_covers) {
    Scene scene;
    scene.disk(rewritten("/etc/ssh/sshd_config"))
        .disk(removed("/var/lib/postgresql/15/main/base/1/2619"))
        .disk(removed("/usr/sbin/nginx", file(0755)))
        .disk(removed("/var/log/dpkg.log"))
        .disk(added("/var/cache/apt/dropper", file(0755)))
        .disk(added("/var/lib/dpkg/info/other.postinst", file(0755)))
        .disk({"/var/lib/dpkg/status", disk::FileChangeKind::changed, file(0644), file(0666), ""})
        .disk(rewritten("/etc/ld.so.cache"))
        .fact(ChangeClass::package, "other:amd64", "1 installed", std::nullopt)
        .fact(ChangeClass::unit, "postgresql.service", "enabled/active", "masked/inactive")
        .fact(ChangeClass::port, "tcp/4444", std::nullopt, "nc")
        .fact(ChangeClass::process, "root /usr/bin/nc", std::nullopt, "1");
    const auto changes = scene.attributed({nginx()});
    EXPECT_EQ(changes.size(), 12U);
    for (const Change& change : changes)
        EXPECT_TRUE(change.attribution.is_unexplained()) << change.subject << ": " << change.why;
    EXPECT_TRUE(find(changes, "postgresql.service")->sensitive);
    EXPECT_TRUE(find(changes, "tcp/4444")->sensitive);
}

TEST(Attribute, explains_data_that_is_written_and_none_that_is_lost) {
    Scene scene;
    scene.disk(resized("/var/log/nginx/access.log", 4000, 0))
        .disk(resized("/var/log/dpkg.log", 4000, 1500))
        .disk(resized("/var/log/wtmp", 4000, 384))
        .disk(resized("/var/log/lastlog", 4000, 0))
        .disk(wiped_and_grown("/var/log/alternatives.log"))
        .disk(resized("/var/lib/nginx/state", 12, 0));
    for (const Change& change : scene.attributed({nginx()}))
        EXPECT_TRUE(change.attribution.is_unexplained()) << change.subject << ": " << change.why;
    Scene calm;
    calm.disk(resized("/var/log/nginx/access.log", 4000, 5000))
        .disk(resized("/var/log/apt/eipp.log.xz", 4000, 1500))
        .disk(resized("/var/log/journal/0123/system.journal", 16 << 20, 8 << 20))
        .disk(resized("/var/lib/nginx/state", 0, 12));
    for (const Change& change : calm.attributed({nginx()}))
        EXPECT_FALSE(change.attribution.is_unexplained()) << change.subject;
}

TEST(Attribute, explains_what_is_new_in_places_that_are_named_after_a_package) {
    const PatchedPackage acme = package_of("acme-agent", "acme", "/usr/share/doc/acme-agent/README",
                                           "for f in a b; do touch /etc/$name/$f.conf; done");
    Scene own;
    own.disk(added("/var/lib/acme-agent/a"))
        .disk(added("/var/log/acme.log"))
        .disk(added("/etc/acme/a.conf"))
        .disk(added("/etc/default/acme-agent"));
    for (const Change& change : own.attributed({acme}))
        EXPECT_FALSE(change.attribution.is_unexplained()) << change.subject;
    Scene others;
    others.disk(rewritten("/etc/acme/b.conf"))
        .disk(removed("/var/lib/acme-agent/b"))
        .disk(added("/var/lib/acme-agents/a"))
        .disk(added("/etc/acme-agentx.conf"))
        .disk(added("/srv/acme/a"));
    for (const Change& change : others.attributed({acme}))
        EXPECT_TRUE(change.attribution.is_unexplained()) << change.subject << ": " << change.why;
}

TEST(Attribute, explains_a_journal_that_began_anew_with_the_marks_of_its_writer) {
    const auto begun_anew = [](const std::string& path) {
        disk::FileChange change = resized(path, 8 << 20, 8 << 20);
        change.before->xattrs["user.crtime_usec"] = "1044b3e97c610600";
        change.after->xattrs["user.crtime_usec"] = "e1d571207d610600";
        return change;
    };
    Scene scene;
    scene.disk(begun_anew("/var/log/journal/0123/system.journal"));
    EXPECT_FALSE(scene.attributed({nginx()}).front().attribution.is_unexplained());
    Scene other;
    other.disk(begun_anew("/var/log/nginx/access.log"));
    EXPECT_TRUE(other.attributed({nginx()}).front().attribution.is_unexplained());
}

TEST(Attribute, does_not_explain_the_edit_of_another_packages_file_by_a_script_that_names_it) {
    const PatchedPackage foo =
        package_of("foo", "foo", "/usr/bin/foo",
                   "ucf x\nadduser foo\necho 'deny all;' >> /etc/nginx/nginx.conf\nrm -rf "
                   "/var/lib/postgresql/15/main\n");
    Scene scene;
    scene.disk(rewritten("/etc/nginx/nginx.conf"))
        .disk(rewritten("/var/lib/postgresql/15/main/base/1/2619"))
        .disk(removed("/var/lib/postgresql/15/main/PG_VERSION"));
    for (const Change& change : scene.attributed({foo}))
        EXPECT_TRUE(change.attribution.is_unexplained()) << change.subject;
}

TEST(Attribute, does_not_take_another_version_or_a_half_installed_package_for_the_patch) {
    for (const std::string after :
         {"1.22.1-9+deb12u10 installed", "1.22.1-9+deb12u11 half-configured",
          "1.22.1-9+deb12u11 unpacked"}) {
        const auto changes =
            Scene()
                .fact(ChangeClass::package, "nginx:amd64", "1.22.1-9+deb12u9 installed", after)
                .attributed({nginx()});
        EXPECT_TRUE(changes.at(0).attribution.is_unexplained()) << after;
    }
}

TEST(Attribute, flags_a_library_that_takes_the_place_of_another_whoever_ships_it) {
    PatchedPackage acme;
    acme.name = "acme";
    acme.to = "2";
    acme.files = {"/usr/lib/acme/libssl.so.3", "/usr/lib/x86_64-linux-gnu/libacme.so.2"};
    acme.old_files = {"/usr/lib/x86_64-linux-gnu/libacme.so.1"};
    const std::string right = "/usr/lib/x86_64-linux-gnu/libssl.so.3";
    Scene scene;
    scene
        .fact(ChangeClass::library, "libssl.so.3 (libc6,x86-64)", right,
              "/usr/lib/acme/libssl.so.3 " + right)
        .fact(ChangeClass::library, "libz.so.1 (libc6,x86-64)",
              "/usr/lib/x86_64-linux-gnu/libz.so.1",
              "/opt/libz.so.1 /usr/lib/x86_64-linux-gnu/libz.so.1")
        .fact(ChangeClass::library, "libacme.so.2 (libc6,x86-64)", std::nullopt,
              "/usr/lib/x86_64-linux-gnu/libacme.so.2")
        .fact(ChangeClass::library, "libacme.so.1 (libc6,x86-64)",
              "/usr/lib/x86_64-linux-gnu/libacme.so.1", std::nullopt);
    const auto changes = scene.attributed({acme});
    const Change* shadowed = find(changes, "libssl.so.3 (libc6,x86-64)");
    EXPECT_EQ(shadowed->attribution.package(), "acme");
    EXPECT_TRUE(shadowed->sensitive);
    EXPECT_TRUE(find(changes, "libz.so.1 (libc6,x86-64)")->attribution.is_unexplained());
    for (const char* own : {"libacme.so.2 (libc6,x86-64)", "libacme.so.1 (libc6,x86-64)"}) {
        EXPECT_EQ(find(changes, own)->attribution.package(), "acme") << own;
        EXPECT_FALSE(find(changes, own)->sensitive) << own;
    }
}

TEST(Attribute, flags_a_new_file_by_which_a_package_configures_a_stranger) {
    PatchedPackage acme;
    acme.name = "acme";
    acme.to = "2";
    acme.files = {"/etc/ssh/sshd_config.d/acme.conf",
                  "/etc/apt/apt.conf.d/99acme",
                  "/lib/systemd/system/ssh.service.d/acme.conf",
                  "/usr/lib/systemd/system/service.d/acme.conf",
                  "/lib/systemd/system/acme.service",
                  "/lib/systemd/system/acme.service.d/own.conf",
                  "/etc/udev/rules.d/90-acme.rules",
                  "/etc/acme/conf.d/x.conf"};
    acme.old_files = {"/etc/udev/rules.d/80-acme.rules"};
    Scene scene;
    for (const std::string& path : acme.files) scene.disk(added(path));
    const auto changes = scene.attributed({acme});
    for (const char* foreign : {"/etc/ssh/sshd_config.d/acme.conf", "/etc/apt/apt.conf.d/99acme",
                                "/lib/systemd/system/ssh.service.d/acme.conf",
                                "/usr/lib/systemd/system/service.d/acme.conf"}) {
        EXPECT_EQ(find(changes, foreign)->attribution.package(), "acme") << foreign;
        EXPECT_TRUE(find(changes, foreign)->sensitive) << foreign;
    }
    for (const char* own : {"/lib/systemd/system/acme.service.d/own.conf",
                            "/etc/udev/rules.d/90-acme.rules", "/etc/acme/conf.d/x.conf"})
        EXPECT_FALSE(find(changes, own)->sensitive) << own;
}

TEST(Attribute, flags_a_new_file_in_a_folder_of_configuration_that_is_anothers) {
    PatchedPackage acme;
    acme.name = "acme-agent";
    acme.to = "2";
    acme.from = "1";
    acme.files = {"/etc/ssh/sshrc",
                  "/etc/acme/x.conf",
                  "/etc/agents/x.conf",
                  "/etc/default/acme",
                  "/etc/logrotate.d/acme",
                  "/etc/skel/.profile",
                  "/etc/nologin",
                  "/etc/acme.conf",
                  "/usr/lib/binfmt.d/acme.conf",
                  "/usr/share/dbus-1/system.d/acme.conf",
                  "/etc/home/new.conf"};
    acme.old_files = {"/etc/home/old.conf"};
    acme.contents = {{"/etc/logrotate.d/acme", file().content}};
    acme.texts = {{"/etc/logrotate.d/acme", "/var/log/acme/*.log {\n  weekly\n}\n"}};
    acme.maintainer_scripts = "echo x > /etc/vmlinux/hook.conf";
    Scene scene;
    disk::FileState folder;
    folder.type = 'd';
    folder.mode = 0755;
    scene.disk(added("/etc/agents", folder))
        .disk(added("/etc/acme", folder))
        .disk(added("/etc/vmlinux/hook.conf"));
    for (const std::string& path : acme.files) scene.disk(added(path));
    const auto changes = scene.attributed({acme});
    for (const char* foreign :
         {"/etc/ssh/sshrc", "/etc/skel/.profile", "/etc/nologin", "/usr/lib/binfmt.d/acme.conf",
          "/usr/share/dbus-1/system.d/acme.conf", "/etc/vmlinux/hook.conf"}) {
        EXPECT_EQ(find(changes, foreign)->attribution.package(), "acme-agent") << foreign;
        EXPECT_TRUE(find(changes, foreign)->sensitive) << foreign;
    }
    for (const char* own : {"/etc/acme/x.conf", "/etc/agents/x.conf", "/etc/default/acme",
                            "/etc/logrotate.d/acme", "/etc/acme.conf", "/etc/home/new.conf"})
        EXPECT_FALSE(find(changes, own)->sensitive) << own;
}

TEST(Attribute, flags_a_way_to_the_hardware_and_a_program_that_is_not_roots) {
    PatchedPackage acme;
    acme.name = "acme";
    acme.to = "2";
    acme.files = {"/usr/bin/acme", "/usr/lib/acme/libacme.so.2", "/usr/lib/acme/data",
                  "/usr/bin/steady", "/var/lib/acme/owned"};
    acme.old_files = {"/usr/bin/steady"};
    disk::FileState device;
    device.type = 'b';
    device.mode = 0600;
    device.content = "254:0";
    disk::FileChange steady{"/usr/bin/steady", disk::FileChangeKind::changed,
                            file(0755, std::string(64, 'a'), 33),
                            file(0755, std::string(64, 'b'), 33), ""};
    Scene scene;
    scene.disk(added("/usr/bin/acme", file(0755, std::string(64, 'a'), 33)))
        .disk(added("/usr/lib/acme/libacme.so.2", file(0644, std::string(64, 'a'), 33)))
        .disk(added("/var/lib/acme/disk", device))
        .disk(added("/usr/lib/acme/data", file(0644, std::string(64, 'a'), 33)))
        .disk(added("/var/lib/acme/owned", file(0755, std::string(64, 'a'), 33)))
        .disk(steady);
    const auto changes = scene.attributed({acme});
    for (const char* telling :
         {"/usr/bin/acme", "/usr/lib/acme/libacme.so.2", "/var/lib/acme/disk"})
        EXPECT_TRUE(find(changes, telling)->sensitive) << telling;
    for (const char* calm : {"/usr/lib/acme/data", "/var/lib/acme/owned", "/usr/bin/steady"})
        EXPECT_FALSE(find(changes, calm)->sensitive) << calm;
}

TEST(Attribute, flags_the_network_settings_for_this_boot_and_a_profile_that_is_gone) {
    Scene scene;
    scene.fact(ChangeClass::network, "default by ens3: route", "via 10.0.0.1", std::nullopt)
        .fact(ChangeClass::kernel, "confined: /usr/sbin/nginx", "enforce", "complain")
        .fact(ChangeClass::unit, "/run/systemd/system/nginx.service.d/50-limit.conf: for this boot",
              std::nullopt, "sha256:00")
        .fact(ChangeClass::mount, "/swapfile: swap", std::nullopt, "file");
    const auto changes = scene.attributed({nginx()});
    EXPECT_EQ(changes.size(), 4U);
    for (const Change& change : changes)
        EXPECT_TRUE(change.attribution.is_unexplained()) << change.subject;
    EXPECT_TRUE(find(changes, "default by ens3: route")->sensitive);
    EXPECT_TRUE(find(changes, "confined: /usr/sbin/nginx")->sensitive);
    PatchedPackage profiled = nginx();
    profiled.files.push_back("/etc/apparmor.d/usr.sbin.nginx");
    Scene calm;
    calm.fact(ChangeClass::kernel, "confined: /usr/sbin/nginx", std::nullopt, "enforce");
    const auto with_profile = calm.attributed({profiled});
    EXPECT_EQ(with_profile.front().attribution.package(), "nginx");
    EXPECT_FALSE(with_profile.front().sensitive);
}

TEST(Attribute, explains_other_terms_of_its_own_processes_and_not_of_others) {
    Scene scene;
    scene
        .fact(ChangeClass::process, "www-data /usr/sbin/nginx: terms", std::nullopt,
              "open files 4096")
        .fact(ChangeClass::process, "postgres /usr/lib/postgresql/15/bin/postgres: terms",
              "out-of-memory score -900", "nice 19, out-of-memory score -900");
    const auto changes = scene.attributed({nginx()});
    ASSERT_EQ(changes.size(), 2U);
    EXPECT_EQ(find(changes, "www-data /usr/sbin/nginx: terms")->attribution.package(), "nginx");
    EXPECT_TRUE(find(changes, "postgres /usr/lib/postgresql/15/bin/postgres: terms")
                    ->attribution.is_unexplained());
}

TEST(Attribute, does_not_explain_that_a_file_which_was_there_is_replaced_by_a_shipped_one) {
    PatchedPackage acme;
    acme.name = "acme";
    acme.to = "2";
    acme.files = {"/etc/hosts", "/usr/bin/acme", "/usr/share/acme/new"};
    acme.old_files = {"/usr/bin/acme"};
    acme.from = "1";
    Scene scene;
    scene.disk(rewritten("/etc/hosts"))
        .disk(rewritten("/usr/bin/acme", 0755))
        .disk(added("/usr/share/acme/new"));
    const auto changes = scene.attributed({acme});
    EXPECT_TRUE(find(changes, "/etc/hosts")->attribution.is_unexplained());
    EXPECT_EQ(find(changes, "/usr/bin/acme")->attribution.package(), "acme");
    EXPECT_EQ(find(changes, "/usr/share/acme/new")->attribution.package(), "acme");
    acme.old_files
        .clear();  // the old archive is not to be had: nothing is known of what it shipped
    EXPECT_EQ(find(Scene(scene).attributed({acme}), "/usr/bin/acme")->attribution.package(),
              "acme");
}

TEST(Attribute, flags_a_name_that_leads_to_another_packages_program) {
    PatchedPackage acme;
    acme.name = "acme";
    acme.to = "2";
    acme.maintainer_scripts =
        "update-alternatives --install /usr/bin/awk awk /usr/bin/acme-awk 99\ndpkg-divert --add "
        "/usr/bin/ssh-keygen\n";
    acme.files = {"/usr/bin/acme-awk", "/usr/bin/acme-2"};
    acme.old_files = {"/usr/bin/acme-1"};
    Scene scene;
    scene
        .fact(ChangeClass::alternative, "/etc/alternatives/awk: alternative",
              "auto -> /usr/bin/mawk", "auto -> /usr/bin/acme-awk")
        .fact(ChangeClass::alternative, "/usr/bin/ssh-keygen: diversion", std::nullopt,
              "to /usr/bin/ssh-keygen.real by acme")
        .fact(ChangeClass::alternative, "/etc/alternatives/acme: alternative",
              "auto -> /usr/bin/acme-1", "auto -> /usr/bin/acme-2")
        .fact(ChangeClass::alternative, "/etc/alternatives/new: alternative", std::nullopt,
              "auto -> /usr/bin/acme-2");
    const auto changes = scene.attributed({acme});
    EXPECT_TRUE(find(changes, "/etc/alternatives/awk: alternative")->sensitive);
    EXPECT_TRUE(find(changes, "/usr/bin/ssh-keygen: diversion")->sensitive);
    EXPECT_FALSE(find(changes, "/etc/alternatives/acme: alternative")->sensitive);
    EXPECT_FALSE(find(changes, "/etc/alternatives/new: alternative")->sensitive);
}

TEST(Attribute, flags_what_a_script_names_when_it_reaches_beyond_its_package) {
    PatchedPackage acme = nginx();
    acme.maintainer_scripts =
        "touch /var/lib/systemd/linger/nobody\nsystemctl set-environment "
        "LD_LIBRARY_PATH=/srv/acme\n";
    Scene scene;
    scene.disk(added("/var/lib/systemd/linger/nobody"))
        .fact(ChangeClass::preload, "environment of services: LD_LIBRARY_PATH", std::nullopt,
              "sha256:0");
    const auto changes = scene.attributed({acme});
    ASSERT_EQ(changes.size(), 2U);
    for (const Change& change : changes) EXPECT_TRUE(change.sensitive) << change.subject;
}

TEST(Attribute, flags_what_a_package_ships_when_it_is_of_a_sensitive_kind) {
    PatchedPackage evil = nginx();
    for (const char* path :
         {"/usr/bin/root-me", "/etc/cron.d/evil", "/etc/sudoers.d/evil", "/etc/pam.d/evil",
          "/etc/sysctl.d/evil.conf", "/etc/modprobe.d/evil.conf",
          "/usr/local/share/ca-certificates/evil.crt", "/etc/apt/sources.list.d/evil.list",
          "/etc/ld.so.preload", "/root/.ssh/authorized_keys", "/lib/systemd/system/evil.timer",
          "/lib/systemd/system/evil.service", "/usr/sbin/evil"}) {
        evil.files.push_back(path);
    }
    Scene scene;
    scene.disk(added("/usr/bin/root-me", file(04755)))
        .disk(added("/etc/cron.d/evil"))
        .disk(added("/etc/sudoers.d/evil"))
        .disk(added("/etc/pam.d/evil"))
        .disk(added("/etc/sysctl.d/evil.conf"))
        .disk(added("/etc/modprobe.d/evil.conf"))
        .disk(added("/usr/local/share/ca-certificates/evil.crt"))
        .disk(added("/etc/apt/sources.list.d/evil.list"))
        .disk(added("/etc/ld.so.preload"))
        .disk(added("/root/.ssh/authorized_keys"))
        .fact(ChangeClass::timer, "evil.timer", std::nullopt, "enabled/active")
        .fact(ChangeClass::unit, "evil.service", std::nullopt, "enabled/active")
        .fact(ChangeClass::unit, "nginx.service", "enabled/active", "disabled/inactive")
        .fact(ChangeClass::port, "tcp/4444", std::nullopt, "evil")
        .fact(ChangeClass::user, "nginx-user", std::nullopt, "uid=0 gid=0");
    const auto changes = scene.attributed({evil});
    EXPECT_EQ(changes.size(), 15U);
    for (const Change& change : changes) {
        EXPECT_EQ(change.attribution.package(), "nginx") << change.subject;
        EXPECT_TRUE(change.sensitive) << change.subject;
    }
}

TEST(Attribute, stays_calm_when_the_same_package_carries_a_sensitive_file_on_unaltered) {
    PatchedPackage sudo;
    sudo.name = "sudo";
    sudo.source = "sudo";
    sudo.to = "2";
    sudo.files = sudo.old_files = {"/usr/bin/sudo", "/bin/ping", "/etc/cron.daily/sudo"};
    disk::FileState ping = file(0755);
    ping.xattrs["security.capability"] = "01";
    disk::FileState new_ping = ping;
    new_ping.content = std::string(64, 'c');
    Scene calm;
    calm.disk(rewritten("/usr/bin/sudo", 04755))
        .disk({"/usr/bin/ping", disk::FileChangeKind::changed, ping, new_ping, ""})
        .disk(rewritten("/etc/cron.daily/sudo", 0755));
    for (const Change& change : calm.attributed({sudo}))
        EXPECT_FALSE(change.sensitive) << change.subject;

    new_ping.xattrs["security.capability"] = "ff";
    Scene loud;
    loud.disk({"/usr/bin/sudo", disk::FileChangeKind::changed, file(0755), file(04755), ""})
        .disk({"/usr/bin/ping", disk::FileChangeKind::changed, ping, new_ping, ""});
    disk::FileState locked = file(0755);
    locked.flags = "immutable";
    loud.disk({"/etc/cron.daily/sudo", disk::FileChangeKind::changed, file(0755), locked, ""});
    for (const Change& change : loud.attributed({sudo}))
        EXPECT_TRUE(change.sensitive) << change.subject;
}

TEST(Attribute, expects_a_new_kernel_of_a_kernel_package_but_no_other_command_line) {
    Scene scene;
    scene.fact(ChangeClass::kernel, "release", "6.1.0-50-amd64", "6.1.0-56-amd64")
        .fact(ChangeClass::kernel, "version", "#1 a", "#1 b")
        .fact(ChangeClass::module, "virtio_net", std::nullopt, "loaded")
        .fact(ChangeClass::sysctl, "kernel.threads-max", "3701", "3698")
        .fact(ChangeClass::sysctl, "kernel.new_knob", std::nullopt, "1")
        .fact(ChangeClass::sysctl, "crypto.fips_version", "6.1.0-50-amd64", "6.1.0-56-amd64")
        .disk(added("/boot/vmlinuz-6.1.0-56-amd64"))
        .disk(added("/boot/initrd.img-6.1.0-56-amd64"))
        .disk(rewritten("/boot/grub/grub.cfg"))
        .disk(added("/usr/lib/modules/6.1.0-56-amd64/modules.dep"))
        .disk(added("/usr/lib/modules/6.1.0-56-amd64/kernel/fs/ext4/ext4.ko"));
    for (const Change& change : scene.attributed({kernel()})) {
        EXPECT_EQ(change.attribution.package(), "linux-image-6.1.0-56-amd64") << change.subject;
        EXPECT_FALSE(change.sensitive) << change.subject;
    }
    scene = Scene();
    scene.fact(ChangeClass::kernel, "release", "6.1.0-50-amd64", "6.1.0-56-amd64")
        .fact(ChangeClass::kernel, "command line", "ro", "ro init=/bin/sh")
        .fact(ChangeClass::sysctl, "kernel.kptr_restrict", "1", "0")
        .fact(ChangeClass::module, "rootkit", std::nullopt, "loaded")
        .fact(ChangeClass::boot, "/boot/grub/grub.cfg: kernel arguments: ro selinux=0",
              std::nullopt, "present");
    const auto changes = scene.attributed({kernel()});
    for (const char* subject : {"command line", "kernel.kptr_restrict", "rootkit",
                                "/boot/grub/grub.cfg: kernel arguments: ro selinux=0"}) {
        ASSERT_NE(find(changes, subject), nullptr) << subject;
        EXPECT_TRUE(find(changes, subject)->sensitive) << subject;
    }
}

TEST(Attribute, knows_that_the_first_ram_disk_decides_who_checks_the_root) {
    const std::string unit = "systemd-fsck-root.service";
    Scene scene;
    scene.fact(ChangeClass::unit, unit, "enabled-runtime/active", "enabled-runtime/inactive");
    const auto changes = scene.attributed({kernel()});
    EXPECT_EQ(changes.at(0).attribution.package(), "linux-image-6.1.0-56-amd64");
    EXPECT_FALSE(changes.at(0).sensitive);
    EXPECT_TRUE(scene.attributed({nginx()}).at(0).attribution.is_unexplained())
        << "a patch that builds no RAM disk";
    for (const std::string after : {"masked/inactive", "enabled-runtime/failed"}) {
        const auto other = Scene()
                               .fact(ChangeClass::unit, unit, "enabled-runtime/active", after)
                               .attributed({kernel()});
        EXPECT_TRUE(other.at(0).attribution.is_unexplained()) << after;
    }
}

TEST(Attribute, lists_an_event_once_when_a_file_and_a_fact_say_the_same) {
    Scene scene;
    scene.fact(ChangeClass::user, "nginx-user", std::nullopt, "uid=999")
        .disk(rewritten("/etc/passwd"))
        .disk(rewritten("/etc/shadow", 0640))
        .disk(rewritten("/etc/passwd-"));
    scene.fact(ChangeClass::cron, "/etc/cron.d/x: * * * * * root /x", std::nullopt, "present")
        .disk(added("/etc/cron.d/x"));
    const auto changes = scene.attributed({nginx()});
    ASSERT_EQ(changes.size(), 2U);
    EXPECT_EQ(find(changes, "nginx-user")->attribution.package(), "nginx");
    EXPECT_NE(find(changes, "nginx-user")->why.find("/etc/shadow"), std::string::npos);
    EXPECT_TRUE(find(changes, "/etc/cron.d/x: * * * * * root /x")->attribution.is_unexplained());
}

TEST(Attribute, keeps_the_account_files_listed_when_more_than_their_lines_changed) {
    Scene scene;
    scene.fact(ChangeClass::user, "nginx-user", std::nullopt, "uid=999")
        .disk({"/etc/shadow", disk::FileChangeKind::changed, file(0640), file(0644, "b"), ""});
    const auto changes = scene.attributed({nginx()});
    ASSERT_NE(find(changes, "/etc/shadow"), nullptr);
    EXPECT_TRUE(find(changes, "/etc/shadow")->attribution.is_unexplained());
    // one unexplained account makes the files unexplained
    scene = Scene();
    scene.fact(ChangeClass::user, "nginx-user", std::nullopt, "uid=999")
        .fact(ChangeClass::user, "toor", std::nullopt, "uid=0")
        .disk(rewritten("/etc/passwd"));
    const auto two = scene.attributed({nginx()});
    EXPECT_TRUE(find(two, "toor")->attribution.is_unexplained());
    EXPECT_NE(find(two, "toor")->why.find("/etc/passwd"), std::string::npos);
}

}  // namespace
}  // namespace patchlab::snapshots
