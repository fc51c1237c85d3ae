// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "snapshots/change.hpp"

namespace patchlab::snapshots {
namespace {

FileState file(std::uint64_t size, char content, std::uint32_t mode = 0644) {
    FileState state;
    state.mode = mode;
    state.size = size;
    state.sha256 = std::string(64, content);
    return state;
}

Change change(std::optional<State> before, std::optional<State> after) {
    Change one;
    one.machine = "web";
    one.subject = "/etc/acme.conf";
    one.about = DiskFile{};
    one.kind = ChangeKind::changed;
    if (!before) one.kind = ChangeKind::added;
    if (!after) one.kind = ChangeKind::removed;
    one.before = std::move(before);
    one.after = std::move(after);
    return one;
}

TEST(Difference, of_a_file_names_what_differs_and_no_more) {
    EXPECT_EQ(difference_text(change(file(25, 'a'), file(25, 'b'))), "content, 25 bytes as before");
    EXPECT_EQ(difference_text(change(file(25, 'a'), file(1, 'b', 0666))),
              "content, 1 byte (25 before), mode 0666 (0644 before)");
    FileState locked = file(25, 'a');
    locked.flags = "immutable";
    locked.uid = 33;
    EXPECT_EQ(difference_text(change(file(25, 'a'), locked)),
              "owner 33:0 (0:0 before), flags immutable (none before)");
    EXPECT_EQ(difference_text(change({}, file(25, 'a'))), "a file of 25 bytes, mode 0644");
    FileState link;
    link.type = FileType::symlink;
    link.leads_to = "/dev/null";
    EXPECT_EQ(difference_text(change(file(25, 'a'), link)),
              "a file of 25 bytes, mode 0644 → a link to /dev/null");
}

TEST(Difference, of_a_fact_shows_both_values_and_of_a_unit_the_settings_that_differ) {
    Change package = change(PackageState{"1.0"}, PackageState{"1.1"});
    package.cls = ChangeClass::package;
    EXPECT_EQ(difference_text(package), "1.0 → 1.1");
    Change unit = change(UnitSettings{{{"User", "www"}, {"Nice", "5"}}},
                         UnitSettings{{{"User", "root"}, {"Nice", "5"}, {"Restart", "no"}}});
    EXPECT_EQ(difference_text(unit), "User=root (www before), Restart=no (new)");
}

TEST(Difference, an_event_names_the_thing_where_it_comes_from_and_why_it_matters) {
    Change added = change({}, file(25, 'a'));
    added.attribution = Attribution::by("libssl3");
    EXPECT_EQ(event_text(added), "new file /etc/acme.conf (25 bytes), from libssl3");
    Change port = change(std::nullopt, PlainState{"nc"});
    port.cls = ChangeClass::port;
    port.about = PlainSubject{};
    port.subject = "tcp/4444";
    port.concern = "for everybody";
    EXPECT_EQ(event_text(port), "new port tcp/4444 (nc): for everybody");
    EXPECT_EQ(event_text(change(file(25, 'a'), {})), "file /etc/acme.conf is gone");
}

}  // namespace
}  // namespace patchlab::snapshots
