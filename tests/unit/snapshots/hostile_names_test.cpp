// SPDX-License-Identifier: Apache-2.0
//
// A guest chooses the names of its files, attributes, programs and units. None of them may pass for
// something that patchlab says.
#include <gtest/gtest.h>

#include "tests/unit/snapshots/changes.hpp"

namespace patchlab::snapshots {
namespace {

using namespace testing;

disk::FileState with_attribute(disk::FileState state, const std::string& name) {
    state.xattrs[name] = "00";
    return state;
}

Change only_change(const Scene& scene, const PatchedPackage& package) {
    const auto changes = scene.attributed({package});
    EXPECT_EQ(changes.size(), 1U);
    return changes.empty() ? Change() : changes.front();
}

TEST(HostileNames, an_attribute_named_like_an_owner_does_not_make_a_program_roots) {
    PatchedPackage package = nginx();
    package.files.push_back("/usr/sbin/nginx-helper");
    const disk::FileState program = file(0755, std::string(64, 'a'), 1000);
    for (const char* name : {"user.x", "user.x owner=0:", "user.x mode=0644 owner=0:0"}) {
        const Change change = only_change(
            Scene().disk(added("/usr/sbin/nginx-helper", with_attribute(program, name))), package);
        EXPECT_TRUE(change.sensitive) << name;
    }
}

TEST(HostileNames, an_attribute_named_like_flags_does_not_hide_that_a_file_is_locked) {
    const disk::FileState before = with_attribute(file(0755), "user.x flags=none");
    disk::FileState after = before;
    after.flags = "immutable";
    EXPECT_TRUE(only_change(Scene().disk({"/usr/sbin/nginx", disk::FileChangeKind::changed, before,
                                          after, ""}),
                            nginx())
                    .sensitive);
}

TEST(HostileNames, attributes_that_read_alike_are_not_the_same) {
    disk::FileState before = file(0755);
    before.xattrs = {{"user.a", "1"}, {"user.b", "2"}};
    disk::FileState after = file(0755);
    after.xattrs = {{"user.a=1 user.b", "2"}};
    EXPECT_EQ(Scene()
                  .disk({"/usr/sbin/nginx", disk::FileChangeKind::changed, before, after, ""})
                  .changes()
                  .size(),
              1U);
}

TEST(HostileNames, a_target_named_like_an_owner_does_not_make_a_fact_a_file) {
    PatchedPackage acme = nginx();
    acme.maintainer_scripts = "update-alternatives --install /usr/bin/awk awk /opt/x 99\n";
    EXPECT_TRUE(
        only_change(Scene().fact(ChangeClass::alternative, "/etc/alternatives/awk: alternative",
                                 "auto -> /usr/bin/mawk", "auto -> /opt/x owner=0:0"),
                    acme)
            .sensitive);
}

TEST(HostileNames, a_program_named_like_terms_is_still_a_program_that_root_took_over) {
    Scene scene;
    scene.fact(ChangeClass::process, "www-data /usr/sbin/nginx: terms", "2", std::nullopt)
        .fact(ChangeClass::process, "root /usr/sbin/nginx: terms", "1", "2");
    const auto changes = scene.attributed({nginx()});
    const Change* master = find(changes, "root /usr/sbin/nginx: terms");
    ASSERT_NE(master, nullptr);
    EXPECT_TRUE(master->sensitive);
    EXPECT_TRUE(master->attribution.is_unexplained()) << "it is not the program of nginx";
}

TEST(HostileNames, a_program_named_like_one_of_a_unit_is_not_that_units) {
    const Change change = only_change(
        Scene().fact(ChangeClass::process, "root /tmp/nc in nginx.service", std::nullopt, "1"),
        nginx());
    EXPECT_TRUE(change.attribution.is_unexplained());
    const Change interpreter =
        only_change(Scene().fact(ChangeClass::process, "root /usr/bin/python3.11 in nginx.service",
                                 std::nullopt, "1"),
                    nginx());
    EXPECT_EQ(interpreter.attribution.package(), "nginx");
}

TEST(HostileNames, a_file_named_like_a_fact_about_another_is_not_that_other) {
    const Change change =
        only_change(Scene().fact(ChangeClass::alternative, "/usr/sbin/nginx: x: program",
                                 std::nullopt, "before /usr/bin/nginx: x"),
                    nginx());
    EXPECT_TRUE(change.attribution.is_unexplained());
}

TEST(HostileNames, a_timer_that_hides_behind_another_of_its_description_is_sensitive) {
    EXPECT_TRUE(only_change(Scene().fact(ChangeClass::timer, "once, later: /bin/x", std::nullopt,
                                         "transient/active | transient/inactive"),
                            nginx())
                    .sensitive);
}

}  // namespace
}  // namespace patchlab::snapshots
