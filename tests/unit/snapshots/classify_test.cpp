// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "platform/core/json.hpp"
#include "tests/unit/snapshots/changes.hpp"

namespace patchlab::snapshots {
namespace {

using namespace testing;

TEST(Classify, puts_a_file_in_the_class_that_says_most_about_it) {
    const std::pair<const char*, ChangeClass> cases[] = {
        {"/etc/cron.d/x", ChangeClass::cron},
        {"/var/spool/cron/crontabs/root", ChangeClass::cron},
        {"/etc/sudoers.d/x", ChangeClass::sudo},
        {"/root/.ssh/authorized_keys", ChangeClass::ssh_key},
        {"/home/a/.ssh/authorized_keys2", ChangeClass::ssh_key},
        {"/lib/systemd/system/x.timer", ChangeClass::timer},
        {"/etc/systemd/system/x.service", ChangeClass::unit},
        {"/etc/sysctl.d/x.conf", ChangeClass::sysctl},
        {"/lib/modprobe.d/x.conf", ChangeClass::module},
        {"/usr/local/share/ca-certificates/x.crt", ChangeClass::certificate},
        {"/etc/apt/sources.list.d/x.list", ChangeClass::apt_source},
        {"/etc/apt/trusted.gpg.d/x.gpg", ChangeClass::apt_source},
        {"/etc/pam.d/sshd", ChangeClass::pam},
        {"/etc/ld.so.preload", ChangeClass::preload},
        {"/boot/vmlinuz-6.1.0-50-amd64", ChangeClass::boot},
        {"/etc/shadow", ChangeClass::user},
        {"/srv/data", ChangeClass::file},
    };
    for (const auto& [path, cls] : cases) {
        const auto changes = Scene().disk(added(path)).changes();
        ASSERT_EQ(changes.size(), 1U) << path;
        EXPECT_EQ(name(changes[0].cls), name(cls)) << path;
    }
}

TEST(Classify, sees_setuid_bits_and_capabilities_wherever_the_file_lies) {
    EXPECT_EQ(Scene().disk(added("/var/log/x", file(04755))).changes()[0].cls, ChangeClass::setuid);
    disk::FileState capable = file(0755);
    capable.xattrs["security.capability"] = "0100";
    EXPECT_EQ(Scene().disk(added("/etc/cron.d/x", capable)).changes()[0].cls,
              ChangeClass::capability);
    // losing the bit is of the same class as gaining it
    EXPECT_EQ(Scene()
                  .disk({"/usr/bin/su", disk::FileChangeKind::changed, file(04755), file(0755), ""})
                  .changes()[0]
                  .cls,
              ChangeClass::setuid);
}

TEST(Classify, reports_a_class_that_was_not_read_on_either_side_as_unreadable_once) {
    for (const bool before : {true, false}) {
        Scene scene;
        scene.fact(ChangeClass::port, "tcp/80", "nginx", "nginx")
            .fact(ChangeClass::port, "tcp/4444", std::nullopt, "nc");
        Capture& blind = before ? scene.observation.before : scene.observation.after;
        blind.facts.erase(ChangeClass::port);
        blind.unreadable[ChangeClass::port] = "/proc/net/tcp: gone";
        const auto changes = scene.changes();
        ASSERT_EQ(changes.size(), 1U);
        EXPECT_EQ(changes[0].kind, ChangeKind::unreadable);
        EXPECT_EQ(changes[0].why, "/proc/net/tcp: gone");
    }
}

TEST(Classify, does_not_take_a_breathing_pool_of_workers_for_a_change_but_a_bomb_of_processes) {
    EXPECT_TRUE(
        Scene().fact(ChangeClass::process, "www-data /usr/sbin/nginx", "2", "4").changes().empty());
    EXPECT_EQ(
        Scene().fact(ChangeClass::process, "www-data /usr/sbin/nginx", "2", "200").changes().size(),
        1U);
}

TEST(Classify, tells_a_service_started_on_demand_from_one_that_stopped) {
    EXPECT_TRUE(Scene()
                    .fact(ChangeClass::unit, "x.service", "static/inactive", "static/active")
                    .changes()
                    .empty());
    EXPECT_EQ(Scene()
                  .fact(ChangeClass::unit, "dbus.service", "static/active", "static/inactive")
                  .changes()
                  .size(),
              1U);
    EXPECT_EQ(Scene()
                  .fact(ChangeClass::unit, "x.service", "static/inactive", "static/failed")
                  .changes()
                  .size(),
              1U);
    EXPECT_EQ(Scene()
                  .fact(ChangeClass::unit, "x.service", "disabled/inactive", "disabled/active")
                  .changes()
                  .size(),
              1U);
}

TEST(Classify, drops_a_folder_of_which_only_the_entries_differ) {
    disk::FileState folder;
    folder.type = 'd';
    folder.mode = 0755;
    disk::FileState grown = folder;
    grown.size = 4096;
    grown.mtime = 5;
    EXPECT_TRUE(
        Scene().disk({"/etc", disk::FileChangeKind::changed, folder, grown, ""}).changes().empty());
}

TEST(Classify, round_trips_captures_through_json) {
    Scene scene;
    scene.observation.after.health.journal_errors = {"nginx[1]: no"};
    scene.observation.after.facts.erase(ChangeClass::pam);
    scene.observation.after.unreadable[ChangeClass::pam] = "why";
    const Json json = to_json(scene.observation.after);
    EXPECT_EQ(to_json(capture_from_json(json)), json);
    EXPECT_THROW(capture_from_json(Json{{"schema", "patchlab/capture/v2"}}), Error);
}

TEST(Classify, a_log_that_grows_is_as_it_was_and_one_that_holds_less_is_not) {
    Scene scene;
    scene
        .fact(ChangeClass::log, "/grows: journal", "9 entries since 2026-01-01 00:00:00",
              "12 entries since 2026-01-01 00:00:00")
        .fact(ChangeClass::log, "/vacuumed: journal", "9 entries since 2026-01-01 00:00:00",
              "12 entries since 2026-01-02 00:00:00")
        .fact(ChangeClass::log, "/cut: logins", "9 entries", "8 entries")
        .fact(ChangeClass::log, "/new: journal", std::nullopt,
              "1 entries since 2026-01-01 00:00:00")
        .fact(ChangeClass::log, "/gone: journal", "1 entries since 2026-01-01 00:00:00",
              std::nullopt);
    const auto changes = scene.attributed({nginx()});
    EXPECT_EQ(find(changes, "/grows: journal"), nullptr);
    EXPECT_EQ(find(changes, "/new: journal"), nullptr);
    for (const std::string lost : {"/vacuumed: journal", "/cut: logins", "/gone: journal"}) {
        ASSERT_NE(find(changes, lost), nullptr) << lost;
        EXPECT_TRUE(find(changes, lost)->sensitive) << lost;
        EXPECT_TRUE(find(changes, lost)->attribution.is_unexplained()) << lost;
    }
}

TEST(Classify, the_environment_of_a_service_ends_with_it_without_a_word) {
    Scene scene;
    scene.fact(ChangeClass::unit, "a.service", "enabled/active", "enabled/inactive")
        .fact(ChangeClass::unit, "b.service", "enabled/active", "enabled/active")
        .fact(ChangeClass::process, "a.service: environment X", "sha256:1", std::nullopt)
        .fact(ChangeClass::process, "b.service: environment X", "sha256:1", std::nullopt);
    const auto changes = scene.changes();
    EXPECT_EQ(find(changes, "a.service: environment X"), nullptr);
    EXPECT_NE(find(changes, "b.service: environment X"), nullptr);
}

}  // namespace
}  // namespace patchlab::snapshots
