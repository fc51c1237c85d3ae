// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "tests/unit/platform/disk/overlay/volumes.hpp"

namespace patchlab::disk::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(overlay_areas, says_nothing_about_a_disk_that_nobody_wrote) {
    const Volumes volumes;
    EXPECT_THAT(volumes.touched(), IsEmpty());
    EXPECT_THAT(volumes.everything(), IsEmpty());
}

TEST(overlay_areas, does_not_list_a_file_whose_times_alone_differ) {
    Volumes volumes;
    volumes.change({"sif /etc/passwd mtime 20200101000000", "sif /etc mtime 20200101000000"});
    EXPECT_THAT(volumes.touched(), IsEmpty());
    EXPECT_THAT(volumes.everything(), IsEmpty());
}

TEST(overlay_areas, finds_new_content_behind_equal_size_and_times) {
    Volumes volumes;
    volumes.poke(volumes.first_byte_of("/var/log/messages") + 5000, "evil");
    std::string content(20000, 'm');
    content.replace(5000, 4, "evil");
    const auto changes = volumes.touched();
    ASSERT_THAT(brief(changes), ElementsAre("changed /var/log/messages"));
    EXPECT_EQ(changes[0].before->content, sha256_hex(std::string(20000, 'm')));
    EXPECT_EQ(changes[0].after->content, sha256_hex(content));
    EXPECT_EQ(changes[0].before->mtime, changes[0].after->mtime);
}

TEST(overlay_areas, reports_every_name_of_a_hard_linked_file) {
    Volumes volumes;
    volumes.change({"sif /bin/tool mode 0104755"});
    const auto changes = volumes.touched();
    ASSERT_THAT(brief(changes), ElementsAre("changed /bin/same-tool", "changed /bin/tool"));
    EXPECT_EQ(changes[0].after->mode, 04755U);
}

TEST(overlay_areas, sees_that_a_file_was_made_immutable) {
    Volumes volumes;
    volumes.change({"sif /bin/tool flags 0x80030"});  // in extents, immutable, append-only
    const auto changes = volumes.touched();
    ASSERT_THAT(brief(changes), ElementsAre("changed /bin/same-tool", "changed /bin/tool"));
    EXPECT_EQ(changes[0].before->flags, "");
    EXPECT_EQ(changes[0].after->flags, "immutable,append-only");
}

TEST(overlay_areas, reports_what_lies_below_a_renamed_directory) {
    Volumes volumes;
    volumes.change({"ln /var/lib/deep /srv", "unlink /var/lib/deep"});
    EXPECT_THAT(
        brief(volumes.touched()),
        ElementsAre("added /srv", "added /srv/er", "added /srv/er/file", "removed /var/lib/deep",
                    "removed /var/lib/deep/er", "removed /var/lib/deep/er/file"));
}

TEST(overlay_areas, keeps_the_text_of_small_files_where_it_is_wanted) {
    Volumes volumes;
    const auto motd = volumes.host_file("motd", "welcome\n");
    const auto binary = volumes.host_file("binary", std::string("a\0b", 3));
    const auto large = volumes.host_file("large", std::string(70000, 'x'));
    volumes.change({"write " + motd.string() + " /etc/motd", "write " + binary.string() + " /etc/b",
                    "write " + large.string() + " /etc/large",
                    "write " + motd.string() + " /srv.conf"});
    TextWanted texts{{"/etc/*"}};
    FileReader before(volumes.before()), after(volumes.after());
    std::map<std::string, std::optional<std::string>> found;
    compare_touched_areas(
        {before, after, {{0, after.size()}}, &texts},
        [&](const FileChange& change) { found[change.path] = change.text_after; });
    EXPECT_EQ(found.at("/etc/motd"), "welcome\n");
    EXPECT_EQ(found.at("/etc/b"), std::nullopt) << "no text";
    EXPECT_EQ(found.at("/etc/large"), std::nullopt);
    EXPECT_EQ(found.at("/srv.conf"), std::nullopt) << "nobody asked";
}

TEST(overlay_areas, tells_a_capability_from_an_ordinary_file) {
    Volumes volumes;
    const auto capability = volumes.host_file(
        "capability",
        std::string(
            "\x01\x00\x00\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
            20));
    volumes.change({"ea_set -f " + capability.string() + " /bin/tool security.capability"});
    const auto changes = volumes.touched();
    ASSERT_THAT(brief(changes), ElementsAre("changed /bin/same-tool", "changed /bin/tool"));
    EXPECT_EQ(changes[0].after->xattrs.at("security.capability"),
              "0100000200040000000000000000000000000000");
}

TEST(overlay_areas, finds_one_name_among_three_thousand) {
    Volumes volumes({"-t", "ext4"}, "64M");
    std::vector<std::string> lines{"mkdir /huge"};
    const auto data = volumes.host_file("data", "x");
    for (int i = 0; i < 3000; ++i)
        lines.push_back("write " + data.string() + " /huge/a-rather-long-file-name-" +
                        std::to_string(i));
    volumes.change(lines);
    run("e2fsck", {"-fyD", volumes.after().string()}, false);  // makes the directory a hash tree
    Volumes::settle(volumes.after(), volumes.before());
    volumes.change(
        {"rm /huge/a-rather-long-file-name-1234", "write " + data.string() + " /huge/another"});
    const auto changes = volumes.touched();
    EXPECT_THAT(brief(changes),
                ElementsAre("removed /huge/a-rather-long-file-name-1234", "added /huge/another"))
        << (changes.empty() ? "" : changes[0].note);
}

TEST(overlay_areas, calls_a_damaged_inode_unreadable_and_never_equal) {
    Volumes volumes;
    volumes.change({"sif /etc/passwd generation 77"});
    const std::string place = run("debugfs", {"-R", "imap /etc/passwd", volumes.after().string()});
    const auto block = std::stoull(place.substr(place.find("at block ") + 9));
    const auto offset = std::stoull(place.substr(place.find("offset ") + 7), nullptr, 16);
    volumes.poke(block * 4096 + offset + 0x64, "zzzz");  // the generation is part of the checksum
    EXPECT_THAT(brief(volumes.touched()), ElementsAre("unreadable /etc/passwd"));
    EXPECT_THAT(brief(volumes.everything()), ElementsAre("unreadable /etc/passwd"));
}

TEST(overlay_areas, calls_a_damaged_directory_unreadable) {
    Volumes volumes;
    volumes.poke(volumes.first_byte_of("/var/log") + 24 + 4,
                 std::string("\x03\x00", 2));  // a record that is too short
    EXPECT_THAT(brief(volumes.touched()), ElementsAre("unreadable /var/log"));
    EXPECT_THAT(brief(volumes.everything()), ElementsAre("unreadable /var/log"));
}

TEST(overlay_areas, refuses_a_filesystem_whose_journal_is_not_empty) {
    Volumes volumes;
    volumes.change({"feature needs_recovery"});
    EXPECT_THROW(volumes.touched(), Error);
    EXPECT_THROW(volumes.everything(), Error);
}

TEST(overlay_areas, reports_a_changed_label_and_boot_block) {
    Volumes volumes;
    run("tune2fs", {"-L", "pwned", volumes.after().string()});
    volumes.poke(10, "boot code");
    const std::vector<std::string> expected{"changed <disk>/<boot block>",
                                            "changed <disk>/<filesystem settings>"};
    EXPECT_EQ(brief(volumes.touched()), expected);
    EXPECT_EQ(brief(volumes.everything()), expected);
}

TEST(overlay_areas, keeps_a_resized_filesystem_comparable) {
    Volumes volumes({"-t", "ext4"}, "16M");
    std::filesystem::resize_file(volumes.after(), 160U << 20);
    Volumes::settle(volumes.after(), volumes.before());
    run("resize2fs", {"-f", volumes.after().string(), "150M"});
    volumes.change({"rm /empty"});
    EXPECT_THAT(brief(volumes.touched()), ElementsAre("removed /empty"));
}

}  // namespace
}  // namespace patchlab::disk::testing
