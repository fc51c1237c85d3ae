// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "snapshots/attribute_parts.hpp"
#include "snapshots/fingerprint.hpp"
#include "snapshots/rules.hpp"
#include "tests/unit/snapshots/changes.hpp"

namespace patchlab::snapshots {
namespace {

using namespace testing;

std::vector<Change> after_noise(const Scene& patched, const Scene& control) {
    auto changes = patched.changes();
    subtract_noise(changes, {control.changes()}, patchlab::test::deb_rules());
    return changes;
}

bool is_noise(const std::vector<Change>& changes, const std::string& subject) {
    return find(changes, subject)->attribution.is_noise();
}

TEST(Noise, takes_away_what_the_control_did_too) {
    Scene patched;
    Scene control;
    patched.disk(rewritten("/var/log/syslog"))
        .disk(added("/var/tmp/systemd-private-0123456789abcdef0123456789abcdef-x.service-Ab12Cd",
                    file(0600)));
    control
        .disk({"/var/log/syslog", disk::FileChangeKind::changed, file(),
               file(0644, std::string(64, 'z')), ""})
        .disk(added("/var/tmp/systemd-private-99994567890abcdef0123456789abcde-x.service-Zz99Qq",
                    file(0600)));
    for (const Change& change : after_noise(patched, control))
        EXPECT_TRUE(change.attribution.is_noise()) << change.subject;
}

TEST(Noise, in_a_log_does_not_hide_what_lies_beside_it) {
    Scene control;
    control.disk(rewritten("/var/log/app/1.log"))
        .disk(added("/var/log/app/2.log"))
        .disk(rewritten("/etc/hosts"))
        .disk(removed("/var/lib/app/tmp1"));
    Scene patched;
    patched
        .disk(added("/var/log/app/3.log", file(04755)))  // setuid
        .disk(added("/var/log/app/4.log", file(0755)))   // a program
        .disk({"/var/log/app/5.log", disk::FileChangeKind::changed, file(0600), file(0666),
               ""})  // opened to all
        .disk({"/var/log/app/6.log", disk::FileChangeKind::changed, file(),
               file(0644, std::string(64, 'b'), 33), ""})  // another owner
        .disk({"/etc/hosts", disk::FileChangeKind::changed, file(),
               file(0644, std::string(64, 'e')), ""})  // other content than the control's
        .disk(removed("/var/lib/app/tmp2"));           // other data lost
    for (const Change& change : after_noise(patched, control))
        EXPECT_TRUE(change.attribution.is_unexplained()) << change.subject;
}

TEST(Noise, does_not_cover_a_log_that_is_wiped_unless_the_control_wiped_it_too) {
    Scene control;
    control.disk(resized("/var/log/app/access.log", 4000, 5000))
        .disk(resized("/var/log/boot.log", 900, 100))
        .disk(resized("/var/log/app/error.log", 4000, 5000));
    Scene patched;
    patched.disk(resized("/var/log/app/access.log", 4000, 0))
        .disk(resized("/var/log/boot.log", 900, 120))
        .disk(wiped_and_grown("/var/log/app/error.log"));
    const auto changes = after_noise(patched, control);
    EXPECT_FALSE(is_noise(changes, "/var/log/app/access.log"));
    EXPECT_FALSE(is_noise(changes, "/var/log/app/error.log"));
    EXPECT_TRUE(is_noise(changes, "/var/log/boot.log"));
}

TEST(Noise, is_what_a_database_writes_into_its_own_storage_but_never_that_storage_is_lost) {
    Scene patched;
    const std::string base = "/var/lib/postgresql/15/main/";
    patched.disk(rewritten(base + "base/1/2619", 0600))
        .disk(removed(base + "global/pg_internal.init"))
        .disk(added(base + "pg_wal/000000010000000000000002"));
    for (const Change& change : after_noise(patched, {}))
        EXPECT_TRUE(change.attribution.is_noise()) << change.subject;

    Scene harmed;
    disk::FileState empty = file(0600, std::string(64, 'e'));
    empty.size = 0;
    harmed
        .disk(removed(base + "base/1/2619"))  // a table lost
        .disk({base + "base/1/2620", disk::FileChangeKind::changed, file(0600), empty,
               ""})  // a table emptied
        .disk({base + "base/1/2621", disk::FileChangeKind::changed, file(0600),
               file(0666, std::string(64, 'b')), ""})  // opened to all
        .disk(rewritten(base + "pg_hba.conf"));        // configuration
    for (const Change& change : after_noise(harmed, {}))
        EXPECT_TRUE(change.attribution.is_unexplained()) << change.subject;
}

TEST(Noise, of_a_sensitive_class_needs_the_very_same_outcome) {
    Scene control;
    control.fact(ChangeClass::port, "tcp/80", std::nullopt, "nginx")
        .fact(ChangeClass::sysctl, "vm.x", "1", "2")
        .fact(ChangeClass::user, "u", "uid=1", "uid=2");
    Scene patched;
    patched.fact(ChangeClass::port, "tcp/80", std::nullopt, "nc")
        .fact(ChangeClass::sysctl, "vm.x", "1", "3")
        .fact(ChangeClass::user, "u", "uid=1", "uid=2");
    const auto changes = after_noise(patched, control);
    EXPECT_FALSE(is_noise(changes, "tcp/80"));
    EXPECT_FALSE(is_noise(changes, "vm.x"));
    EXPECT_TRUE(is_noise(changes, "u"));
}

TEST(Noise, is_what_the_kernel_sizes_anew_at_each_boot_but_never_a_step_that_somebody_made) {
    const auto sysctl = [](const std::string& subject, const std::string& before,
                           const std::string& after) {
        Change change;
        change.machine = "web";
        change.cls = ChangeClass::sysctl;
        change.kind = ChangeKind::changed;
        change.subject = subject;
        change.before = PlainState{before};
        change.after = PlainState{after};
        change.sensitive = true;
        change.across_boots = true;
        return change;
    };
    std::vector<Change> boots{sysctl("vm.user_reserve_kbytes", "14077", "14084"),
                              sysctl("net.ipv4.inet_peer_threshold", "24006", "24005"),
                              sysctl("net.ipv4.tcp_mem", "4605 6143 9210", "4608 6147 9216")};
    subtract_noise(boots, {}, patchlab::test::deb_rules());
    for (const Change& change : boots) {
        EXPECT_TRUE(change.attribution.is_noise()) << change.subject;
        EXPECT_FALSE(change.sensitive) << change.subject;
    }
    std::vector<Change> made{sysctl("vm.user_reserve_kbytes", "14077", "131072"),
                             sysctl("net.ipv4.ip_forward", "0", "1"),
                             sysctl("vm.swappiness", "60", "61"),
                             sysctl("fs.file-max", "100000", "103000"),
                             sysctl("kernel.threads-max", "3801", "many"),
                             sysctl("net.ipv4.tcp_mem", "4605 6143 9210", "4605 6143"),
                             sysctl("vm.min_free_kbytes", "1000", "")};
    subtract_noise(made, {}, patchlab::test::deb_rules());
    for (const Change& change : made) {
        EXPECT_FALSE(change.attribution.is_noise()) << change.subject;
        EXPECT_TRUE(change.sensitive) << change.subject;
    }
}

Scene settings(const std::string& subject, const std::string& before, const std::string& after) {
    Scene scene;
    scene.observation.before.boot_id = "one";
    scene.observation.after.boot_id = "two";
    return scene.fact(ChangeClass::sysctl, subject, before, after);
}

TEST(Noise, of_the_kernels_own_sizes_is_never_what_the_patch_configures_nor_what_no_boot_explains) {
    const std::string subject = "net.ipv4.inet_peer_threshold";
    Scene same_boot = settings(subject, "24006", "24005");
    same_boot.observation.after.boot_id = "one";
    EXPECT_FALSE(is_noise(after_noise(same_boot, {}), subject));

    Scene configured = settings(subject, "24006", "24005");
    configured.fact(ChangeClass::sysctl, "/etc/sysctl.d/x.conf: net/ipv4/inet_peer_threshold=24005",
                    std::nullopt, "present");
    EXPECT_FALSE(is_noise(after_noise(configured, {}), subject));

    PatchedPackage package = nginx();
    package.maintainer_scripts = "sysctl -w net.ipv4.inet_peer_threshold=24005";
    auto changes = settings(subject, "24006", "24005").changes();
    subtract_noise(changes, {}, patchlab::test::deb_rules(), {package});
    EXPECT_FALSE(is_noise(changes, subject));

    for (const char* line :
         {"net.ipv4.inet_peer_threshold = 24005\n", "# x\n-net/ipv4/inet_peer_*=24005"}) {
        PatchedPackage shipping = nginx();
        shipping.texts["/usr/lib/sysctl.d/50-x.conf"] = line;
        changes = settings(subject, "24006", "24005").changes();
        subtract_noise(changes, {}, patchlab::test::deb_rules(), {shipping});
        EXPECT_FALSE(is_noise(changes, subject)) << line;
    }
}

TEST(Noise, of_the_kernels_own_sizes_is_learnt_from_the_control_boots) {
    const Scene patched = settings("fs.file-max", "100000", "105000");
    EXPECT_FALSE(is_noise(after_noise(patched, {}), "fs.file-max"));
    EXPECT_FALSE(
        is_noise(after_noise(patched, settings("fs.file-max", "100000", "99000")), "fs.file-max"));
    EXPECT_TRUE(
        is_noise(after_noise(patched, settings("fs.file-max", "100000", "97000")), "fs.file-max"));
}

TEST(Noise, is_a_server_that_gets_another_number_at_each_start_and_no_other_server) {
    Scene control;
    control.fact(ChangeClass::port, "tcp/41234", std::nullopt, "rpc.statd")
        .fact(ChangeClass::port, "tcp/2049", std::nullopt, "rpc.statd");
    Scene patched;
    patched.fact(ChangeClass::port, "tcp/52345", std::nullopt, "rpc.statd")
        .fact(ChangeClass::port, "tcp/52346", std::nullopt, "nc")
        .fact(ChangeClass::port, "tcp/127.0.0.1:52345", std::nullopt, "rpc.statd")
        .fact(ChangeClass::port, "tcp/2050", std::nullopt, "rpc.statd");
    const auto changes = after_noise(patched, control);
    EXPECT_TRUE(is_noise(changes, "tcp/52345"));
    EXPECT_FALSE(is_noise(changes, "tcp/52346"));
    EXPECT_FALSE(is_noise(changes, "tcp/127.0.0.1:52345"));
    EXPECT_FALSE(is_noise(changes, "tcp/2050"));
}

TEST(Noise, is_a_log_that_lost_no_more_than_in_the_control) {
    const std::string log = "/var/log/journal/1/system: journal";
    const auto scene = [&](const std::string& after) {
        Scene made;
        made.fact(ChangeClass::log, log, "900 entries since 2026-01-01 00:00:00", after);
        return made;
    };
    const Scene control = scene("500 entries since 2026-02-01 00:00:00");
    EXPECT_TRUE(
        is_noise(after_noise(scene("510 entries since 2026-02-01 00:00:00"), control), log));
    EXPECT_FALSE(
        is_noise(after_noise(scene("20 entries since 2026-03-01 00:00:00"), control), log));
}

TEST(Noise, never_covers_what_could_not_be_read) {
    Scene blind;
    blind.observation.after.facts.erase(ChangeClass::pam);
    blind.observation.after.unreadable[ChangeClass::pam] = "why";
    EXPECT_TRUE(after_noise(blind, blind).at(0).attribution.is_unexplained());
}

rc::Gen<disk::FileChange> any_file_change() {
    return rc::gen::apply(
        [](const std::string& path, std::uint32_t mode, std::uint32_t new_mode, char content,
           int kind) {
            const disk::FileState before = file(mode, std::string(64, 'a'));
            const disk::FileState after = file(new_mode, std::string(64, content));
            if (kind == 0) return added(path, after);
            if (kind == 1) return removed(path, before);
            return disk::FileChange{path, disk::FileChangeKind::changed, before, after, ""};
        },
        rc::gen::element<std::string>("/var/log/a1", "/var/log/a2", "/var/lib/d1", "/var/lib/d2",
                                      "/tmp/x1", "/etc/passwd", "/usr/bin/y", "/etc/cron.d/z"),
        rc::gen::element<std::uint32_t>(0644, 0600, 0755),
        rc::gen::element<std::uint32_t>(0644, 0600, 0755, 04755), rc::gen::element('b', 'c'),
        rc::gen::inRange(0, 3));
}

rc::Gen<Scene> any_scene() {
    return rc::gen::map(rc::gen::container<std::vector<disk::FileChange>>(any_file_change()),
                        [](std::vector<disk::FileChange> files) {
                            Scene scene;
                            scene.observation.files.changes = std::move(files);
                            return scene;
                        });
}

RC_GTEST_PROP(NoiseProperty, noise_always_has_its_like_in_the_control, ()) {
    const Scene patched = *any_scene();
    const Scene control = *any_scene();
    const auto controls = control.changes();
    for (const Change& change : after_noise(patched, control)) {
        if (!change.attribution.is_noise()) continue;
        const bool fingerprint_seen =
            std::any_of(controls.begin(), controls.end(), [&](const Change& other) {
                return other.cls == change.cls && other.kind == change.kind &&
                       path_fingerprint(other.subject) == path_fingerprint(change.subject);
            });
        RC_ASSERT(fingerprint_seen);
        const bool same_outcome =
            std::any_of(controls.begin(), controls.end(), [&](const Change& other) {
                return other.subject == change.subject && other.after == change.after;
            });
        if (is_sensitive_class(change.cls)) RC_ASSERT(same_outcome);
    }
}

RC_GTEST_PROP(NoiseProperty, a_control_that_did_nothing_takes_nothing_away, ()) {
    const Scene patched = *any_scene();
    for (const Change& change : after_noise(patched, Scene()))
        RC_ASSERT(change.attribution.is_unexplained());
}

}  // namespace
}  // namespace patchlab::snapshots
