// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "platform/core/error.hpp"
#include "platform/process/command.hpp"
#include "tests/unit/platform/disk/overlay/volumes.hpp"

namespace patchlab::disk::testing {
namespace {

using ::testing::ElementsAre;
namespace fs = std::filesystem;

constexpr std::uint64_t mib = 1U << 20;

class PartitionedDisk {
  public:
    /// `layout`: sfdisk's words. A /boot volume goes to 1 MiB, a root volume to 17 MiB.
    explicit PartitionedDisk(const std::string& layout) {
        boot.change({"rm /etc/fstab"});
        std::ofstream(file(), std::ios::binary);
        fs::resize_file(file(), 40 * mib);
        process::SystemCommandRunner runner;
        process::CommandSpec spec;
        spec.program = "sfdisk";
        spec.args = {"--quiet", "--no-reread", "--no-tell-kernel", file().string()};
        spec.input = layout;
        spec.purpose = "making a partition table";
        runner.require(spec);
        put(mib, read_file(boot.after()));
        put(17 * mib, read_file(root.after()));
    }
    fs::path file() const { return boot.folder() / "disk.raw"; }
    void put(std::uint64_t offset, const std::string& bytes) const {
        std::fstream disk(file(), std::ios::binary | std::ios::in | std::ios::out);
        disk.seekp(static_cast<std::streamoff>(offset));
        disk << bytes;
    }
    std::vector<Area> areas() const {
        FileReader reader(file());
        return areas_of(reader);
    }

    Volumes boot;
    Volumes root;
};

const std::string mbr =
    "label: dos\nlabel-id: 0xabcd1234\nstart=1MiB, size=16MiB, type=83\nstart=17MiB, size=16MiB, "
    "type=83\nstart=34MiB, size=2MiB, "
    "type=82\n";

std::vector<std::string> compare(const fs::path& before, const fs::path& after, bool everything) {
    FileReader base(before);
    FileReader overlay(after);
    std::vector<FileChange> changes;
    const ChangeSink sink = [&](FileChange change) { changes.push_back(std::move(change)); };
    const DiskPair disks{base, overlay, {{0, overlay.size()}}};
    everything ? compare_all_areas(disks, sink) : compare_touched_areas(disks, sink);
    auto lines = brief(changes);
    std::sort(lines.begin(), lines.end());
    return lines;
}

TEST(overlay_partitions, covers_the_whole_disk_with_areas) {
    const PartitionedDisk disk(mbr);
    const auto areas = disk.areas();
    ASSERT_EQ(areas.size(), 7U);
    EXPECT_EQ(areas[0].name, "<boot sector>");
    EXPECT_EQ(areas[1].name, "<boot loader gap>");
    EXPECT_EQ(areas[2].contents, Contents::ext4);
    EXPECT_EQ(areas[3].partuuid, "abcd1234-02");
    EXPECT_EQ(areas.back().range.last, 40 * mib);
    for (std::size_t i = 1; i < areas.size(); ++i)
        EXPECT_EQ(areas[i].range.first, areas[i - 1].range.last);
}

TEST(overlay_partitions, names_files_as_the_guest_mounts_them) {
    const PartitionedDisk disk(mbr);
    const auto after = disk.boot.folder() / "changed.raw";
    fs::copy_file(disk.file(), after);
    Volumes boot;
    for (auto [volume, offset] :
         {std::pair<const Volumes*, std::uint64_t>{&disk.boot, mib}, {&disk.root, 17 * mib}}) {
        Volumes::settle(volume->after(), boot.after());
        boot.change({"sif /empty mode 0100600"});
        std::fstream file(after, std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(static_cast<std::streamoff>(offset));
        file << read_file(boot.after());
        file.seekp(100);
        file << "boot code";
        file.seekp(5000);
        file << "second stage";
    }
    const auto expected = ElementsAre("changed /boot/empty", "changed /empty",
                                      "changed <boot loader gap>", "changed <boot sector>");
    EXPECT_THAT(compare(disk.file(), after, false), expected);
    EXPECT_THAT(compare(disk.file(), after, true), expected);
}

TEST(overlay_partitions, reads_a_gpt) {
    const PartitionedDisk disk(
        "label: gpt\nstart=1MiB, size=16MiB, type=linux\nstart=17MiB, size=16MiB, type=linux, "
        "uuid=0E0E0E0E-1111-2222-3333-444444444444\n"
        "start=34MiB, size=1MiB, type=21686148-6449-6E6F-744E-656564454649\n");
    const auto areas = disk.areas();
    ASSERT_EQ(areas.size(), 7U);
    EXPECT_EQ(areas[3].partuuid, "0e0e0e0e-1111-2222-3333-444444444444");
    EXPECT_EQ(areas[5].name, "<boot loader partition>");
}

TEST(overlay_partitions, reports_a_partition_that_was_deleted) {
    const PartitionedDisk disk(mbr);
    const auto after = disk.boot.folder() / "changed.raw";
    fs::copy_file(disk.file(), after);
    std::fstream(after, std::ios::binary | std::ios::in | std::ios::out)
        .seekp(446)
        .write(std::string(16, '\0').data(), 16);
    EXPECT_THAT(compare(disk.file(), after, false),
                ElementsAre("changed <boot sector>", "changed <partition table>",
                            "unreadable <partition 1>"));
}

TEST(overlay_partitions, refuses_a_table_that_points_outside_of_the_disk) {
    const PartitionedDisk disk(mbr);
    disk.put(446 + 12, std::string("\xff\xff\xff\x7f", 4));
    EXPECT_THROW(disk.areas(), Error);
}

}  // namespace
}  // namespace patchlab::disk::testing
