// SPDX-License-Identifier: Apache-2.0
//
// What the registries of the package system explain, and what an entry alone does not.
#include <gtest/gtest.h>

#include "snapshots/declarations.hpp"
#include "tests/unit/snapshots/changes.hpp"

namespace patchlab::snapshots {
namespace {

using namespace testing;

const std::string shipped_content(64, 'b'), other_content(64, 'c'), earlier_content(64, 'a');

/// A package that ships a program, a manual page and two templates of configuration.
PatchedPackage acme() {
    PatchedPackage package;
    package.name = package.source = "acme";
    package.from = "1.0";
    package.to = "2.0";
    package.files = {"/usr/bin/acme-pager", "/usr/share/man/man1/acme-pager.1.gz",
                     "/usr/share/acme/agent.conf"};
    package.old_files = package.files;
    package.contents = {{"/usr/share/acme/agent.conf", shipped_content}};
    package.old_contents = {{"/usr/share/acme/agent.conf", earlier_content}};
    return package;
}

std::string who(const std::vector<Change>& changes, const std::string& subject) {
    const Change* change = find(changes, subject);
    return change == nullptr ? "no such change" : change->attribution.to_text();
}

disk::FileChange link_added(const std::string& path, const std::string& target) {
    return added(path, link(target));
}

TEST(Alternatives, are_explained_with_their_links_and_what_follows_them) {
    Scene scene;
    scene
        .fact(ChangeClass::alternative, "/etc/alternatives/pager: alternative", std::nullopt,
              "auto -> /usr/bin/acme-pager")
        .fact(ChangeClass::alternative, "/etc/alternatives/pager: candidate /usr/bin/acme-pager",
              std::nullopt, "priority 50")
        .disk(link_added("/usr/bin/pager", "/etc/alternatives/pager"))
        .disk(link_added("/etc/alternatives/pager", "/usr/bin/acme-pager"))
        .disk(link_added("/usr/share/man/man1/pager.1.gz", "/etc/alternatives/pager.1.gz"))
        .disk(link_added("/etc/alternatives/pager.1.gz", "/usr/share/man/man1/acme-pager.1.gz"))
        .registry("alternative-link", "/usr/bin/pager", std::nullopt, "pager")
        .registry("alternative-link", "/usr/share/man/man1/pager.1.gz", std::nullopt, "pager.1.gz")
        .registry("alternative-target", "pager", std::nullopt, "/usr/bin/acme-pager")
        .registry("alternative-target", "pager.1.gz", std::nullopt,
                  "/usr/share/man/man1/acme-pager.1.gz");
    for (const Change& change : scene.attributed({acme()})) {
        EXPECT_EQ(change.attribution.package(), "acme") << change.subject;
        EXPECT_FALSE(change.sensitive) << change.subject;
    }
}

TEST(Alternatives, that_lead_to_what_the_patch_does_not_ship_are_explained_by_no_script) {
    PatchedPackage package = acme();
    package.maintainer_scripts = "update-alternatives --install /usr/bin/pager pager /tmp/x 99\n";
    Scene scene;
    scene
        .fact(ChangeClass::alternative, "/etc/alternatives/pager: alternative",
              "auto -> /usr/bin/less", "auto -> /tmp/x")
        .fact(ChangeClass::alternative, "/etc/alternatives/pager: candidate /tmp/x", std::nullopt,
              "priority 99")
        .disk(link_added("/usr/bin/x", "/etc/alternatives/x"))
        .registry("alternative-link", "/usr/bin/x", std::nullopt, "x")
        .registry("alternative-target", "x", std::nullopt, "/tmp/x");
    for (const Change& change : scene.attributed({package}))
        EXPECT_TRUE(change.attribution.is_unexplained()) << change.subject;
}

TEST(Alternatives, do_not_make_a_link_of_what_was_anothers_file) {
    Scene scene;
    disk::FileChange change{"/usr/bin/pager", disk::FileChangeKind::changed, file(0755),
                            link("/etc/alternatives/pager"), ""};
    scene.disk(change)
        .registry("alternative-link", "/usr/bin/pager", std::nullopt, "pager")
        .registry("alternative-target", "pager", std::nullopt, "/usr/bin/acme-pager");
    EXPECT_EQ(who(scene.attributed({acme()}), "/usr/bin/pager"), "unexplained");
    PatchedPackage package = acme();
    package.old_files.push_back("/usr/bin/pager");
    EXPECT_EQ(who(scene.attributed({package}), "/usr/bin/pager"), "acme") << "it was its own";
}

TEST(Ucf, explains_new_configuration_whatever_a_script_calls_it) {
    Scene scene;
    scene.disk(added("/etc/acme/agent.conf"))
        .registry("configuration", "/etc/acme/agent.conf", std::nullopt, "acme");
    EXPECT_EQ(who(scene.attributed({acme()}), "/etc/acme/agent.conf"), "acme");
}

TEST(Ucf, explains_a_change_only_where_nobody_had_altered_the_file) {
    const auto attribution = [](const std::string& before, const std::string& after,
                                const char* entry) {
        Scene scene;
        scene.disk({"/etc/acme/agent.conf", disk::FileChangeKind::changed, file(0644, before),
                    file(0644, after), ""});
        if (*entry != '\0') scene.registry("configuration", "/etc/acme/agent.conf", entry, entry);
        else scene.registry("configuration", "/etc/acme/agent.conf", std::nullopt, "acme");
        return who(scene.attributed({acme()}), "/etc/acme/agent.conf");
    };
    EXPECT_EQ(attribution(earlier_content, shipped_content, "acme"), "acme");
    EXPECT_EQ(attribution(other_content, shipped_content, "acme"), "unexplained")
        << "what an administrator wrote is lost";
    EXPECT_EQ(attribution(earlier_content, other_content, "acme"), "unexplained");
    EXPECT_EQ(attribution(other_content, std::string(64, 'd'), "acme as given"), "acme")
        << "put together by a script, and ucf has a copy";
    EXPECT_EQ(attribution(earlier_content, shipped_content, "nginx"), "unexplained")
        << "another package's";
    EXPECT_EQ(attribution(other_content, shipped_content, ""), "unexplained")
        << "registered only now";
}

TEST(Triggers, of_other_packages_explain_what_they_keep_for_a_shipped_file) {
    PatchedPackage package = acme();
    package.files.push_back("/usr/share/debianutils/shells.d/acme");
    Scene scene;
    scene.disk(rewritten("/etc/shells")).disk(rewritten("/var/lib/shells.state"));
    EXPECT_EQ(who(scene.attributed({package}), "/etc/shells"), "unexplained")
        << "nobody waits for it";
    scene.registry("trigger", "/usr/share/debianutils/shells.d", "debianutils", "debianutils");
    EXPECT_EQ(who(scene.attributed({package}), "/etc/shells"), "acme");
    EXPECT_EQ(who(scene.attributed({package}), "/var/lib/shells.state"), "acme");
    EXPECT_EQ(who(scene.attributed({acme()}), "/etc/shells"), "unexplained") << "it ships none";
}

TEST(Triggers, explain_the_data_of_who_waits_and_no_others) {
    PatchedPackage package = acme();
    package.files.push_back("/usr/share/catalogs/acme.xml");
    Scene scene;
    scene.disk(rewritten("/var/lib/catalogd/index"))
        .disk(rewritten("/var/lib/other/index"))
        .disk(rewritten("/etc/catalogd/main.conf"))
        .disk(added("/var/lib/catalogd/run", file(0755)))
        .registry("trigger", "/usr/share/catalogs", "catalogd | man-db", "catalogd | man-db");
    const auto changes = scene.attributed({package});
    EXPECT_EQ(who(changes, "/var/lib/catalogd/index"), "acme");
    EXPECT_EQ(who(changes, "/var/lib/other/index"), "unexplained");
    EXPECT_EQ(who(changes, "/etc/catalogd/main.conf"), "unexplained");
    EXPECT_EQ(who(changes, "/var/lib/catalogd/run"), "unexplained") << "a program";
}

TEST(Triggers, that_come_with_the_patch_explain_nothing) {
    PatchedPackage package = acme();
    package.files.push_back("/usr/share/catalogs/acme.xml");
    Scene scene;
    scene.disk(rewritten("/var/lib/catalogd/index"))
        .registry("trigger", "/usr/share/catalogs", std::nullopt, "catalogd");
    EXPECT_EQ(who(scene.attributed({package}), "/var/lib/catalogd/index"), "unexplained");
}

TEST(Declarations, make_paths_and_accounts_the_packages_own) {
    PatchedPackage package = acme();
    package.texts = {
        {"/usr/lib/tmpfiles.d/acme.conf",
         "# state\nd /var/lib/acme-state 0750 acmed acmed -\nL+ /etc/acme-link - - - - /usr/x\n"
         "r! /etc/nginx/nginx.conf\nd /srv/%b/x\n"},
        {"/usr/lib/sysusers.d/acme.conf", "u acmed - \"acme agent\" /var/lib/acme-state\n"}};
    disk::FileState folder = file(0750);
    folder.type = 'd';
    folder.content.clear();
    Scene scene;
    scene.disk(added("/var/lib/acme-state", folder))
        .disk(link_added("/etc/acme-link", "/usr/x"))
        .disk(removed("/etc/nginx/nginx.conf"))
        .fact(ChangeClass::user, "acmed", std::nullopt, "uid=990 gid=990 name= home=/ shell=/x")
        .fact(ChangeClass::user, "other", std::nullopt, "uid=991 gid=991 name= home=/ shell=/x");
    const auto changes = scene.attributed({package});
    EXPECT_EQ(who(changes, "/var/lib/acme-state"), "acme");
    EXPECT_EQ(who(changes, "/etc/acme-link"), "acme");
    EXPECT_EQ(who(changes, "/etc/nginx/nginx.conf"), "unexplained");
    EXPECT_EQ(who(changes, "acmed"), "acme");
    EXPECT_EQ(who(changes, "other"), "unexplained");
    scene.observation.files.changes[1].after = link("/somewhere/else");
    EXPECT_EQ(who(scene.attributed({package}), "/etc/acme-link"), "unexplained");
}

TEST(Diversions, of_a_packages_own_or_of_an_unused_name_are_no_matter) {
    PatchedPackage package = acme();
    Scene scene;
    scene
        .fact(ChangeClass::alternative, "/usr/bin/acme-pager: diversion", std::nullopt,
              "to /usr/bin/acme-pager.plain by acme")
        .fact(ChangeClass::alternative, "/usr/bin/unused: diversion", std::nullopt,
              "to /usr/bin/unused.real by acme")
        .fact(ChangeClass::alternative, "/usr/bin/ssh: diversion", std::nullopt,
              "to /usr/bin/ssh.real by acme")
        .disk(added("/usr/bin/unused", file(0755)))
        .disk(added("/usr/bin/acme-pager.plain", file(0755)))
        .registry("diversion", "/usr/bin/acme-pager.plain", std::nullopt, "/usr/bin/acme-pager");
    package.old_contents["/usr/bin/acme-pager"] = std::string(64, 'a');
    const auto changes = scene.attributed({package});
    EXPECT_FALSE(find(changes, "/usr/bin/acme-pager: diversion")->sensitive);
    EXPECT_FALSE(find(changes, "/usr/bin/unused: diversion")->sensitive);
    EXPECT_TRUE(find(changes, "/usr/bin/ssh: diversion")->sensitive);
    EXPECT_EQ(who(changes, "/usr/bin/acme-pager.plain"), "acme");
}

TEST(ModeOverrides, are_explained_for_own_paths_and_matter_when_they_give_rights) {
    Scene scene;
    scene
        .fact(ChangeClass::alternative, "/var/lib/acme: mode override", std::nullopt,
              "root acme 0750")
        .fact(ChangeClass::alternative, "/usr/bin/acme-pager: mode override", std::nullopt,
              "root root 4755")
        .fact(ChangeClass::alternative, "/usr/bin/ssh: mode override", std::nullopt,
              "root root 0700");
    const auto changes = scene.attributed({acme()});
    EXPECT_EQ(who(changes, "/var/lib/acme: mode override"), "acme");
    EXPECT_FALSE(find(changes, "/var/lib/acme: mode override")->sensitive);
    EXPECT_TRUE(find(changes, "/usr/bin/acme-pager: mode override")->sensitive);
    EXPECT_EQ(who(changes, "/usr/bin/ssh: mode override"), "unexplained");
}

TEST(Marks, that_change_are_told_whoever_updates_the_package) {
    const auto change = [](const char* before, const char* after) {
        Scene scene;
        scene.fact(ChangeClass::package, "acme:amd64", before, after);
        return scene.attributed({acme()})[0];
    };
    EXPECT_EQ(change("1.0 installed", "2.0 installed").attribution.package(), "acme");
    EXPECT_EQ(change("1.0 installed hold", "2.0 installed hold").attribution.package(), "acme");
    const Change held = change("1.0 installed", "2.0 installed hold");
    EXPECT_TRUE(held.attribution.is_unexplained());
    EXPECT_NE(held.why.find("on hold"), std::string::npos) << held.why;
    EXPECT_TRUE(change("1.0 installed hold", "2.0 installed").attribution.is_unexplained());
    EXPECT_TRUE(change("1.0 installed", "2.0 installed automatic").attribution.is_unexplained());
    EXPECT_EQ(change("1.0 installed automatic", "2.0 installed").attribution.package(), "acme")
        << "installed by name";
}

TEST(Hooks, of_the_machines_owner_write_what_they_always_write) {
    Scene scene;
    scene.disk(added("/etc/.git/objects/3f/0a1b"))
        .disk(rewritten("/etc/.git/index"))
        .disk(rewritten("/etc/.git/config"))
        .disk(added("/etc/.git/hooks/post-commit", file(0755)))
        .disk(rewritten("/var/backups/packages.list"))
        .disk(rewritten("/etc/other.conf"));
    const std::string hooks =
        R"(DPkg::Post-Invoke { "if [ -x /usr/bin/etckeeper ]; then etckeeper )"
        R"(post-install; fi"; "cat /etc/other.conf"; )"
        R"("dpkg -l > /var/backups/packages.list"; };)";
    scene.registry("hook", "/etc/apt/apt.conf.d/05local", hooks, hooks);
    const auto changes = scene.attributed({acme()});
    EXPECT_EQ(who(changes, "/etc/.git/objects/3f/0a1b"), "noise");
    EXPECT_EQ(who(changes, "/etc/.git/index"), "noise");
    EXPECT_EQ(who(changes, "/var/backups/packages.list"), "noise");
    EXPECT_EQ(who(changes, "/etc/.git/config"), "unexplained");
    EXPECT_EQ(who(changes, "/etc/.git/hooks/post-commit"), "unexplained");
    EXPECT_EQ(who(changes, "/etc/other.conf"), "unexplained") << "it is only read";
}

TEST(Hooks, are_read_in_the_owners_scripts_that_they_run) {
    Scene scene;
    scene.disk(rewritten("/var/lib/site/packages"))
        .disk(added("/var/backups/site/lists/20261130"))
        .disk(rewritten("/etc/site.conf"))
        .registry("hook", "/usr/local/sbin/record",
                  "LIST=/var/lib/site/packages DIR=\"/var/backups/site/lists\" CONF=/etc/site.conf "
                  "dpkg -l > $LIST cp $LIST $DIR/$(date +%F)",
                  std::nullopt);
    const auto changes = scene.attributed({acme()});
    EXPECT_EQ(who(changes, "/var/lib/site/packages"), "noise");
    EXPECT_EQ(who(changes, "/var/backups/site/lists/20261130"), "noise");
    EXPECT_EQ(who(changes, "/etc/site.conf"), "unexplained");
}

TEST(Hooks, that_come_with_the_patch_excuse_nothing) {
    Scene scene;
    scene.disk(rewritten("/etc/.git/index"))
        .registry("hook", "/etc/apt/apt.conf.d/05etckeeper", std::nullopt, "etckeeper");
    EXPECT_EQ(who(scene.attributed({acme()}), "/etc/.git/index"), "unexplained");
}

}  // namespace
}  // namespace patchlab::snapshots
