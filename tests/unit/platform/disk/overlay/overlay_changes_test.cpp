// SPDX-License-Identifier: Apache-2.0
//
// The whole way: qcow2 images, the block server, the unprivileged child and its answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "platform/core/error.hpp"
#include "platform/core/json.hpp"
#include "tests/unit/platform/disk/overlay/volumes.hpp"

namespace patchlab::disk::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(overlay_changes, compares_a_qcow2_overlay_with_its_base) {
    Volumes volumes;
    volumes.change({"rm /etc/passwd", "symlink /etc/\xff there", "rm \"/bytes\xff\xfe\""});
    const OverlayQuery query{volumes.before(), volumes.overlay()};
    std::filesystem::permissions(query.base, std::filesystem::perms::owner_read);
    std::filesystem::permissions(query.overlay, std::filesystem::perms::owner_read);
    const auto fast = compare_overlay(query);
    EXPECT_THAT(brief(fast.changes),
                ElementsAre("removed /bytes\\xff\\xfe", "added /etc/\\xff", "removed /etc/passwd"));
    EXPECT_EQ(fast.method, "ext4-extents");
    EXPECT_GT(fast.overlay_bytes, 0U);
    EXPECT_LT(fast.overlay_bytes, 2U << 20);
    const auto slow = compare_by_walk(query);
    EXPECT_EQ(slow.method, "ext4-walk");
    EXPECT_EQ(whole(fast.changes), whole(slow.changes));
}

TEST(overlay_changes, brings_the_text_of_files_that_is_wanted_through_the_process_without_rights) {
    Volumes volumes;
    const auto host = volumes.host_file("motd", "welcome \u20ac\n");
    volumes.change({"write " + host.string() + " /etc/motd", "rm /etc/passwd"});
    OverlayQuery query{volumes.before(), volumes.overlay()};
    EXPECT_EQ(compare_overlay(query).changes.front().text_after, std::nullopt);
    query.keep = {"/etc/*"};
    const auto changes = compare_overlay(query).changes;
    ASSERT_THAT(brief(changes), ElementsAre("added /etc/motd", "removed /etc/passwd"));
    EXPECT_EQ(changes[0].text_after, "welcome \u20ac\n");
    EXPECT_EQ(changes[0].text_before, std::nullopt);
    EXPECT_TRUE(changes[1].text_before.has_value());
}

TEST(overlay_changes, tells_a_file_that_was_added_to_from_one_that_was_written_anew) {
    for (const std::vector<std::string>& features :
         {std::vector<std::string>{"-t", "ext4"}, {"-t", "ext4", "-O", "inline_data"}}) {
        Volumes volumes(features);
        const auto put = [&](const std::string& path, const std::string& bytes) {
            const auto file = volumes.host_file("file" + std::to_string(bytes.size()), bytes);
            volumes.change({"rm " + path, "write " + file.string() + " " + path});
        };
        put("/var/log/messages", std::string(20000, 'm') + std::string(3000000, 'n'));
        put("/etc/passwd", "toor:x:0:0::/root:/bin/sh\n and more");
        put("/etc/fstab", "short");
        put("/bin/tool", std::string(9000, 'u'));
        put("/empty", "no longer");
        put("/var/lib/deep/er/file", "deeper");
        put("/new", "new");
        std::vector<std::string> rewritten;
        const auto changes = volumes.touched();
        for (const FileChange& change : changes)
            if (change.rewritten) rewritten.push_back(change.path);
        EXPECT_THAT(rewritten,
                    ::testing::UnorderedElementsAre("/etc/passwd", "/etc/fstab", "/bin/tool"));
        EXPECT_EQ(whole(changes), whole(volumes.everything()));
    }
}

TEST(overlay_changes, counts_what_every_layer_above_the_base_holds) {
    Volumes volumes;
    volumes.change({"rm /etc/passwd"});
    const auto middle = volumes.folder() / "middle.qcow2";
    std::filesystem::rename(volumes.overlay(), middle);
    const auto top = volumes.folder() / "top.qcow2";
    run("qemu-img", {"create", "-f", "qcow2", "-b", middle.string(), "-F", "qcow2", top.string()});
    EXPECT_THAT(brief(compare_overlay({volumes.before(), top}).changes),
                ElementsAre("removed /etc/passwd"));
    EXPECT_THAT(compare_overlay({middle, top}).changes, IsEmpty());
}

TEST(overlay_changes, refuses_an_overlay_of_something_else) {
    Volumes volumes;
    Volumes stranger;
    EXPECT_THROW(compare_overlay({stranger.before(), volumes.overlay()}), Error);
}

TEST(overlay_changes, refuses_to_guess_the_format_of_a_backing_file) {
    Volumes volumes;
    const auto overlay = volumes.overlay();
    std::string bytes = read_file(overlay);
    bytes[bytes.find("\xe2\x79\x2a\xca")] =
        '\x11';  // qemu ignores header extensions it does not know
    std::ofstream(overlay, std::ios::binary) << bytes;
    EXPECT_THROW(compare_overlay({volumes.before(), overlay}), Error);
}

TEST(overlay_changes, says_that_a_filesystem_is_not_clean) {
    Volumes volumes;
    volumes.change({"feature needs_recovery"});
    try {
        compare_overlay({volumes.before(), volumes.overlay()});
        FAIL() << "it was compared";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::lab);
        EXPECT_THAT(error.what(), HasSubstr("not clean"));
    }
}

TEST(overlay_changes, survives_the_way_through_json) {
    FileChange change{"/bin/su", FileChangeKind::changed, FileState{}, FileState{}, ""};
    change.before->type = 'f';
    change.after->type = 'l';
    change.after->content = "target";
    change.after->xattrs = {{"security.capability", "01"}};
    change.after->mtime = -5;
    change.after->flags = "append-only";
    change.rewritten = true;
    EXPECT_EQ(to_json(file_change_from_json(to_json(change))), to_json(change));
    EXPECT_EQ(file_change_from_json(to_json(change)).after->flags, "append-only");
    EXPECT_TRUE(file_change_from_json(to_json(change)).rewritten);
}

}  // namespace
}  // namespace patchlab::disk::testing
