// SPDX-License-Identifier: Apache-2.0
//
// FAT filesystems as mkfs.vfat and mtools write them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/disk/fat/compare.hpp"
#include "tests/unit/platform/disk/overlay/volumes.hpp"

namespace patchlab::disk {
namespace {

using testing::brief;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::run;
using ::testing::UnorderedElementsAre;

constexpr std::uint64_t mib = 1U << 20;

/// Two disks that start equal: a partition of FAT, and one of ext4 whose fstab mounts it.
class FatDisks : public ::testing::TestWithParam<int> {
  protected:
    void SetUp() override {
        const std::string bits = std::to_string(GetParam());
        const fs::path fat = make("fat.raw", fat_bytes());
        run("mkfs.vfat", {"-F", bits, "-i", "1234abcd", "-n", "EFI", fat.string()});
        run("mmd", {"-i", fat.string(), "::EFI", "::EFI/BOOT"});
        put(fat, "::EFI/BOOT/BOOTX64.EFI", loader_);
        put(fat, "::EFI/BOOT/a longer name than eight and three.conf", "set timeout=5\n");
        make_disk(fat);
        fs::copy_file(before(), after());
    }

    fs::path before() const { return folder_.path() / "before.raw"; }
    fs::path after() const { return folder_.path() / "after.raw"; }
    std::uint64_t fat_bytes() const {
        return GetParam() == 12 ? 2 * mib : (GetParam() == 16 ? 16 * mib : 40 * mib);
    }
    fs::path make(const std::string& name, std::uint64_t bytes) {
        const fs::path path = folder_.path() / name;
        write_file_atomic(path, "");
        fs::resize_file(path, bytes);
        return path;
    }
    void put(const fs::path& disk, const std::string& path, const std::string& bytes,
             bool in_partition = false) {
        const fs::path from = folder_.path() / "from";
        write_file_atomic(from, bytes);
        run("mcopy",
            {"-o", "-i", disk.string() + (in_partition ? "@@1M" : ""), from.string(), path});
    }
    void make_disk(const fs::path& fat) {
        const fs::path disk = make("before.raw", fat_bytes() + 12 * mib);
        const fs::path table = folder_.path() / "table";
        const std::uint64_t root = 2048 + fat_bytes() / 512;
        run("sh",
            {"-c", "printf 'label: gpt\\nstart=2048, size=" + std::to_string(fat_bytes() / 512) +
                       ", type=U\\nstart=" + std::to_string(root) +
                       ", size=16384, type=L\\n' | sfdisk -q " + disk.string()});
        make_folder(folder_.path() / "root/etc");
        write_file_atomic(folder_.path() / "root/etc/fstab", "UUID=1234-ABCD /boot/efi vfat\n");
        run("mke2fs", {"-q", "-F", "-t", "ext4", "-d", (folder_.path() / "root").string(), "-E",
                       "offset=" + std::to_string(root * 512), disk.string(), "8M"});
        run("dd", {"if=" + fat.string(), "of=" + disk.string(), "bs=1M", "seek=1", "conv=notrunc",
                   "status=none"});
    }
    void poke(std::uint64_t offset, const std::string& bytes) {
        std::string all = read_file(after(), 256 * mib);
        all.replace(static_cast<std::size_t>(mib + offset), bytes.size(), bytes);
        write_file_atomic(after(), all);
    }

    struct Compared {
        std::vector<FileChange> changes;
        std::vector<Area> others;
    };
    Compared compare(bool everything = false) const {
        FileReader base(before()), overlay(after());
        TextWanted texts{{"/boot/efi/*.conf"}};
        const DiskPair disks{base, overlay, {{0, overlay.size()}}, &texts};
        Compared result;
        const ChangeSink sink = [&](FileChange change) { result.changes.push_back(change); };
        result.others =
            (everything ? compare_all_areas(disks, sink) : compare_touched_areas(disks, sink))
                .others;
        return result;
    }
    std::vector<std::string> changed() const {
        const Compared quick = compare();
        EXPECT_EQ(brief(quick.changes), brief(compare(true).changes));
        EXPECT_THAT(quick.others, IsEmpty()) << "nobody else need read it";
        return brief(quick.changes);
    }

    const std::string loader_ = std::string(70'000, 'L') + "end";
    const TempFolder folder_{fs::temp_directory_path(), "fat"};
};

INSTANTIATE_TEST_SUITE_P(Widths, FatDisks, ::testing::Values(12, 16, 32));

TEST_P(FatDisks, a_start_of_the_machine_changes_nothing) {
    poke(GetParam() == 32 ? 0x41 : 0x25, "\x01");  // as Linux marks a filesystem that is in use
    EXPECT_THAT(changed(), IsEmpty());
}

TEST_P(FatDisks, a_loader_that_was_exchanged_is_named_where_it_is_mounted) {
    put(after(), "::EFI/BOOT/BOOTX64.EFI", loader_.substr(0, 4096), true);
    EXPECT_THAT(changed(), ElementsAre("changed /boot/efi/EFI/BOOT/BOOTX64.EFI"));
    const Compared found = compare();
    ASSERT_EQ(found.changes.size(), 1U);
    EXPECT_EQ(found.changes[0].before->content, sha256_hex(loader_));
    EXPECT_EQ(found.changes[0].after->size, 4096U);
    EXPECT_TRUE(found.changes[0].rewritten);
}

TEST_P(FatDisks, files_folders_and_long_names_come_and_go) {
    run("mmd", {"-i", after().string() + "@@1M", "::EFI/other"});
    put(after(), "::EFI/other/größer als 8 Zeichen, das ist länger.efi", "new", true);
    run("mdel", {"-i", after().string() + "@@1M", "::EFI/BOOT/BOOTX64.EFI"});
    EXPECT_THAT(changed(), UnorderedElementsAre(
                               "added /boot/efi/EFI/other",
                               "added /boot/efi/EFI/other/größer als 8 Zeichen, das ist länger.efi",
                               "removed /boot/efi/EFI/BOOT/BOOTX64.EFI"));
}

TEST_P(FatDisks, text_that_is_asked_for_is_kept) {
    put(after(), "::EFI/BOOT/a longer name than eight and three.conf", "set timeout=0\n", true);
    const Compared found = compare();
    ASSERT_EQ(found.changes.size(), 1U);
    EXPECT_EQ(found.changes[0].text_before, "set timeout=5\n");
    EXPECT_EQ(found.changes[0].text_after, "set timeout=0\n");
}

TEST_P(FatDisks,
       the_code_that_starts_it_is_looked_at_and_sizes_that_make_no_sense_are_left_to_others) {
    poke(0x70, "code");
    EXPECT_THAT(changed(), ElementsAre("changed <partition 1>/<filesystem settings>"));
    poke(0x13, std::string(2, '\0'));  // more sectors than the partition has
    poke(0x20, std::string("\xff\xff\xff\x7f", 4));
    const Compared found = compare();
    ASSERT_EQ(found.others.size(), 1U);
    EXPECT_EQ(found.others[0].name, "<partition 1>");
}

TEST_P(FatDisks, a_file_whose_chain_is_cut_is_unreadable_and_the_others_are_read) {
    // every cluster is the last one of its file
    const std::string all = read_file(after(), 256 * mib);
    const auto reserved = static_cast<unsigned char>(all[mib + 14]) * 512U;
    const std::size_t head = GetParam() == 12 ? 3 : (GetParam() == 16 ? 4 : 12);
    poke(reserved + head, std::string(300, '\xff'));
    const Compared found = compare();
    for (const FileChange& change : found.changes) {
        if (change.kind == FileChangeKind::unreadable) {
            EXPECT_THAT(change.note, HasSubstr("cut off"));
        }
    }
    EXPECT_THAT(brief(found.changes),
                ::testing::Contains("unreadable /boot/efi/EFI/BOOT/BOOTX64.EFI"));
}

TEST(FatVolume, survives_whatever_stands_there) {
    const TempFolder folder(fs::temp_directory_path(), "fat");
    const fs::path file = folder.path() / "fat.raw";
    write_file_atomic(file, "");
    fs::resize_file(file, 2 * mib);
    run("mkfs.vfat", {"-F", "12", file.string()});
    run("mmd", {"-i", file.string(), "::one", "::one/two"});
    const std::string good = read_file(file);
    std::uint64_t seed = 7;
    for (int round = 0; round < 150; ++round) {
        std::string bytes = good;
        for (int i = 0; i < 40; ++i) {
            seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
            const std::size_t place = seed >> 33;
            bytes[place % (i < 20 ? 512 : 40'000)] = static_cast<char>(seed >> 24);
        }
        write_file_atomic(file, bytes);
        FileReader reader(file);
        try {
            FatVolume volume(reader, {0, reader.size()});
            for (const auto& [path, one] : volume.files())
                if (!one.directory) volume.content(one, nullptr);
        } catch (const Unreadable&) {
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::lab);
        }
    }
}

}  // namespace
}  // namespace patchlab::disk
