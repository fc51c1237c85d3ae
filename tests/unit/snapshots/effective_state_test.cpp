// SPDX-License-Identifier: Apache-2.0
//
// What is in effect on a machine beside its files: whose processes, sockets, devices and what was
// put into the kernel are, and which of their changes matter.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/snapshots/changes.hpp"

namespace patchlab::snapshots {
namespace {

using namespace testing;

/// Ships the unit of a server whose program is another package's.
PatchedPackage nginx_common() {
    PatchedPackage package = nginx();
    package.name = "nginx-common";
    std::erase(package.files, "./usr/sbin/nginx");
    std::erase(package.old_files, "/usr/sbin/nginx");
    return package;
}

TEST(ProcessTerms, belong_to_who_brings_the_unit_that_gives_them) {
    Scene scene;
    scene
        .fact(ChangeClass::process, "root /usr/sbin/nginx: terms", std::nullopt,
              "open files 65536, of nginx.service")
        .fact(ChangeClass::process, "root /usr/sbin/sshd: terms", std::nullopt,
              "nice 19, of ssh.service")
        .fact(ChangeClass::process, "www-data /usr/sbin/nginx: terms", std::nullopt,
              "usual | nice 19");
    const auto changes = scene.attributed({nginx_common()});
    EXPECT_EQ(find(changes, "root /usr/sbin/nginx: terms")->attribution.package(), "nginx-common");
    EXPECT_FALSE(find(changes, "root /usr/sbin/nginx: terms")->sensitive);
    EXPECT_TRUE(find(changes, "root /usr/sbin/sshd: terms")->attribution.is_unexplained());
    EXPECT_TRUE(find(changes, "www-data /usr/sbin/nginx: terms")->attribution.is_unexplained());
}

bool matters(const std::string& before, const std::string& after) {
    Scene scene;
    scene.fact(ChangeClass::process, "www-data /usr/sbin/nginx: terms", before, after);
    return find(scene.attributed({nginx()}), "www-data /usr/sbin/nginx: terms")->sensitive;
}

TEST(ProcessTerms, matter_when_an_exploit_of_the_service_reaches_further) {
    EXPECT_TRUE(matters("capabilities at most 400", "capabilities at most 20400"));
    EXPECT_TRUE(matters("nice 5", "nice 5, capabilities handed on 2"));
    EXPECT_TRUE(matters("groups ssl-cert", "groups shadow ssl-cert"));
    EXPECT_TRUE(matters("namespaces mnt net", "namespaces mnt"));
    EXPECT_TRUE(matters("no new privileges", "usual | no new privileges"));
    EXPECT_FALSE(matters("namespaces mnt", "namespaces mnt net"));
    EXPECT_FALSE(matters("groups shadow ssl-cert", "groups ssl-cert"));
    EXPECT_FALSE(matters("nice 5", "scheduled by batch, frozen"));
}

TEST(ServiceVariables, are_the_units_and_matter_when_they_decide_what_runs) {
    Scene scene;
    scene.fact(ChangeClass::unit, "nginx.service", "enabled/active", "enabled/active")
        .fact(ChangeClass::process, "nginx.service: environment TZ", std::nullopt, "sha256:1")
        .fact(ChangeClass::process, "nginx.service: environment LD_PRELOAD", std::nullopt,
              "sha256:1")
        .fact(ChangeClass::process, "ssh.service: environment TZ", std::nullopt, "sha256:1");
    const auto changes = scene.attributed({nginx()});
    EXPECT_EQ(find(changes, "nginx.service: environment TZ")->attribution.package(), "nginx");
    EXPECT_FALSE(find(changes, "nginx.service: environment TZ")->sensitive);
    EXPECT_TRUE(find(changes, "nginx.service: environment LD_PRELOAD")->sensitive);
    EXPECT_TRUE(find(changes, "ssh.service: environment TZ")->attribution.is_unexplained());
}

TEST(Sockets, of_one_family_that_are_gone_matter_though_the_other_still_answers) {
    Scene scene;
    scene.fact(ChangeClass::port, "tcp/80", "nginx", "nginx")
        .fact(ChangeClass::port, "tcp/[::]:80", "nginx", std::nullopt);
    const auto changes = scene.attributed({nginx()});
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].subject, "tcp/[::]:80");
    EXPECT_TRUE(changes[0].sensitive);
}

TEST(Sockets, with_a_name_matter_when_they_are_gone_or_opened_to_others_not_when_they_are_new) {
    Scene scene;
    scene.fact(ChangeClass::port, "unix/run/new.sock", std::nullopt, "nginx; 0660 root:adm")
        .fact(ChangeClass::port, "unix/run/gone.sock", "nginx; 0660 root:adm", std::nullopt)
        .fact(ChangeClass::port, "unix/run/open.sock", "nginx; 0660 root:adm",
              "nginx; 0666 root:adm")
        .fact(ChangeClass::port, "unix/run/other.sock", std::nullopt, "nc; 0660 root:adm");
    const auto changes = scene.attributed({nginx()});
    EXPECT_FALSE(find(changes, "unix/run/new.sock")->sensitive);
    EXPECT_EQ(find(changes, "unix/run/new.sock")->attribution.package(), "nginx");
    EXPECT_TRUE(find(changes, "unix/run/gone.sock")->sensitive);
    EXPECT_TRUE(find(changes, "unix/run/open.sock")->sensitive);
    EXPECT_TRUE(find(changes, "unix/run/other.sock")->attribution.is_unexplained());
}

TEST(Sockets, that_systemd_holds_are_those_of_the_socket_unit) {
    PatchedPackage package = nginx();
    package.files.emplace_back("/lib/systemd/system/nginx.socket");
    Scene scene;
    scene.fact(ChangeClass::port, "unix/run/nginx.sock", std::nullopt,
               "systemd in nginx.socket; 0660 root:adm");
    EXPECT_EQ(scene.attributed({package})[0].attribution.package(), "nginx");
}

TEST(Devices, matter_when_they_are_new_or_others_may_use_them) {
    Scene scene;
    scene
        .fact(ChangeClass::device, "/dev/sda: device", "block 0660 root:disk 8:0",
              "block 0666 root:disk 8:0")
        .fact(ChangeClass::device, "/dev/x: device", std::nullopt, "character 0600 root:root 1:1");
    for (const Change& change : scene.attributed({nginx()})) {
        EXPECT_TRUE(change.sensitive) << change.subject;
        EXPECT_TRUE(change.attribution.is_unexplained()) << change.subject;
    }
}

TEST(RunningKernel, matters_when_something_was_put_into_it) {
    Scene scene;
    scene.fact(ChangeClass::kernel, "program: kind 2, sniff", std::nullopt, "loaded")
        .fact(ChangeClass::kernel, "taint: module not signed", std::nullopt, "present")
        .fact(ChangeClass::kernel, "binary format: python3.11", std::nullopt, "enabled")
        .fact(ChangeClass::kernel, "probe: p:kprobes/x do_exit", std::nullopt, "present");
    PatchedPackage package = nginx();
    package.files.emplace_back("/usr/lib/binfmt.d/python3.11.conf");
    const auto changes = scene.attributed({package});
    for (const Change& change : changes) EXPECT_TRUE(change.sensitive) << change.subject;
    EXPECT_EQ(find(changes, "binary format: python3.11")->attribution.package(), "nginx");
}

}  // namespace
}  // namespace patchlab::snapshots
