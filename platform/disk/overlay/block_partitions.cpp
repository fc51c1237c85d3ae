// SPDX-License-Identifier: Apache-2.0
#include "platform/disk/overlay/block_partitions.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <optional>

#include "platform/core/error.hpp"
#include "platform/disk/fat/volume.hpp"

namespace patchlab::disk {

namespace {

using Bytes = std::vector<unsigned char>;

constexpr std::uint64_t sector = 512;
constexpr std::size_t most_partitions = 256;
/// Where GRUB puts its core image on a GPT disk: a partition without a filesystem
/// ("Hah!IdontNeedEFI").
constexpr char bios_boot_type[] = "21686148-6449-6e6f-744e-656564454649";

std::uint64_t little(const Bytes& bytes, std::size_t at, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = count; i-- > 0;) value = value << 8 | bytes.at(at + i);
    return value;
}

[[noreturn]] void damaged(const std::string& why) {
    throw Error(ErrorCode::lab, "the partition table is damaged: " + why);
}

ByteRange checked(std::uint64_t first, std::uint64_t sectors, std::uint64_t disk_bytes) {
    const std::uint64_t all = disk_bytes / sector;
    if (sectors == 0 || first >= all || sectors > all - first)
        damaged("a partition lies outside of the disk");
    return {first * sector, (first + sectors) * sector};
}

std::string guid(const Bytes& bytes, std::size_t at) {
    char text[37];
    const unsigned char* g = bytes.data() + at;
    std::snprintf(text, sizeof text,
                  "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", g[3],
                  g[2], g[1], g[0], g[5], g[4], g[7], g[6], g[8], g[9], g[10], g[11], g[12], g[13],
                  g[14], g[15]);
    return text;
}

Area partition(ByteRange range, int number, std::string partuuid) {
    Area area;
    area.range = range;
    area.number = number;
    area.name = "<partition " + std::to_string(number) + ">";
    area.partuuid = std::move(partuuid);
    return area;
}

std::vector<Area> gpt_partitions(BlockReader& disk) {
    const Bytes header = disk.read_bytes(sector, sector);
    if (std::memcmp(header.data(), "EFI PART", 8) != 0) damaged("a protective MBR without a GPT");
    const std::uint64_t table = little(header, 72, 8);
    const std::uint64_t count = little(header, 80, 4);
    const std::uint64_t entry_bytes = little(header, 84, 4);
    if (entry_bytes < 128 || entry_bytes > 4096 || count > most_partitions ||
        table > disk.size() / sector)
        damaged("the GPT's sizes are absurd");
    const Bytes entries =
        disk.read_bytes(table * sector, static_cast<std::size_t>(count * entry_bytes));
    std::vector<Area> found;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t at = i * static_cast<std::size_t>(entry_bytes);
        if (std::all_of(entries.begin() + static_cast<std::ptrdiff_t>(at),
                        entries.begin() + static_cast<std::ptrdiff_t>(at + 16),
                        [](auto b) { return b == 0; }))
            continue;
        const std::uint64_t first = little(entries, at + 32, 8);
        const std::uint64_t last = little(entries, at + 40, 8);
        if (last < first || last == UINT64_MAX) damaged("a partition ends before it begins");
        found.push_back(partition(checked(first, last - first + 1, disk.size()),
                                  static_cast<int>(i) + 1, guid(entries, at + 16)));
        if (guid(entries, at) == bios_boot_type) found.back().name = "<boot loader partition>";
    }
    return found;
}

bool is_extended(std::uint64_t type) { return type == 0x05 || type == 0x0f || type == 0x85; }

std::string mbr_uuid(std::uint64_t disk_id, int number) {
    char text[32];
    std::snprintf(text, sizeof text, "%08x-%02x", static_cast<unsigned>(disk_id),
                  static_cast<unsigned>(number));
    return text;
}

void add_logical(BlockReader& disk, ByteRange extended, std::uint64_t disk_id,
                 std::vector<Area>& found) {
    std::uint64_t at = extended.first;
    for (int number = 5; number < 5 + 60; ++number) {
        const Bytes record = disk.read_bytes(at, sector);
        if (little(record, 510, 2) != 0xaa55) return;
        if (little(record, 446 + 4, 1) != 0)
            found.push_back(partition(checked(at / sector + little(record, 446 + 8, 4),
                                              little(record, 446 + 12, 4), disk.size()),
                                      number, mbr_uuid(disk_id, number)));
        if (!is_extended(little(record, 462 + 4, 1))) return;
        const std::uint64_t next = extended.first + little(record, 462 + 8, 4) * sector;
        if (next <= at || next >= extended.last) damaged("the chain of logical partitions loops");
        at = next;
    }
    damaged("too many logical partitions");
}

std::vector<Area> mbr_partitions(BlockReader& disk, const Bytes& mbr) {
    std::vector<Area> found;
    const std::uint64_t disk_id = little(mbr, 440, 4);
    for (int i = 0; i < 4; ++i) {
        const std::size_t at = 446 + 16 * static_cast<std::size_t>(i);
        const std::uint64_t type = little(mbr, at + 4, 1);
        if (type == 0) continue;
        const ByteRange range =
            checked(little(mbr, at + 8, 4), little(mbr, at + 12, 4), disk.size());
        if (is_extended(type)) {
            add_logical(disk, range, disk_id, found);
        } else {
            found.push_back(partition(range, i + 1, mbr_uuid(disk_id, i + 1)));
        }
    }
    return found;
}

bool starts_with_ext(BlockReader& disk, const ByteRange& range) {
    if (range.last - range.first < 4096) return false;
    const Bytes super = disk.read_bytes(range.first + 1024, 1024);
    return little(super, 56, 2) == 0xef53;
}

Contents contents_of(BlockReader& disk, const Area& area) {
    if (starts_with_ext(disk, area.range)) return Contents::ext4;
    if (area.name == "<boot loader partition>") return Contents::raw;
    if (FatVolume::begins(disk, area.range)) return Contents::fat;
    const std::size_t count = static_cast<std::size_t>(
        std::min<std::uint64_t>(area.range.last - area.range.first, 128U << 10));
    const Bytes head = disk.read_bytes(area.range.first, count);
    if (count >= 4096 && std::memcmp(head.data() + 4086, "SWAPSPACE2", 10) == 0)
        return Contents::swap;
    return std::all_of(head.begin(), head.end(), [](auto b) { return b == 0; }) ? Contents::empty
                                                                                : Contents::other;
}

Area gap(ByteRange range, bool before_all) {
    Area area;
    area.range = range;
    area.name = before_all
                    ? "<boot loader gap>"
                    : "<space outside of partitions at byte " + std::to_string(range.first) + ">";
    return area;
}

}  // namespace

std::vector<Area> areas_of(BlockReader& disk) {
    const ByteRange whole{0, disk.size()};
    if (disk.size() < 2 * sector)
        throw Error(ErrorCode::lab, "the disk is too small to hold anything");
    const Bytes mbr = disk.read_bytes(0, sector);
    const bool table = little(mbr, 510, 2) == 0xaa55 && !starts_with_ext(disk, whole);
    if (!table) {
        Area area;
        area.range = whole;
        area.number = 0;
        area.name = "<disk>";
        area.contents = contents_of(disk, area);
        return {area};
    }
    bool protective = false;
    for (std::size_t i = 0; i < 4; ++i)
        protective = protective || little(mbr, 446 + 16 * i + 4, 1) == 0xee;
    std::vector<Area> partitions = protective ? gpt_partitions(disk) : mbr_partitions(disk, mbr);
    std::sort(partitions.begin(), partitions.end(),
              [](const Area& a, const Area& b) { return a.range.first < b.range.first; });
    Area boot;
    boot.range = {0, sector};
    boot.name = "<boot sector>";
    std::vector<Area> areas{boot};
    for (Area& area : partitions) {
        const std::uint64_t end = areas.back().range.last;
        if (area.range.first < end) damaged("two partitions overlap");
        if (area.range.first > end)
            areas.push_back(gap({end, area.range.first}, areas.size() == 1));
        area.contents = contents_of(disk, area);
        areas.push_back(area);
    }
    if (areas.back().range.last < disk.size())
        areas.push_back(gap({areas.back().range.last, disk.size()}, false));
    return areas;
}

}  // namespace patchlab::disk
