// SPDX-License-Identifier: Apache-2.0
#include "platform/disk/fat/volume.hpp"

#include <algorithm>
#include <cstdio>
#include <set>

#include "platform/core/digest.hpp"
#include "platform/disk/fat/names.hpp"

namespace patchlab::disk {

namespace {

constexpr std::size_t fat_sector = 512;
constexpr std::uint64_t longest_table = 32U << 20;
constexpr std::size_t longest_folder = 2U << 20;  // 65536 entries, as Linux has it
constexpr std::size_t most_paths = 100'000;
constexpr std::size_t read_at_once = 1U << 20;
constexpr std::uint32_t first_data_cluster = 2;
constexpr std::uint32_t largest_fat12 = 0xff4, largest_fat16 = 0xfff4, largest_fat32 = 0xffffff6;

constexpr unsigned char is_volume_name = 0x08, is_folder = 0x10, is_long_name = 0x0f;

bool power_of_two(std::uint64_t value) { return value != 0 && (value & (value - 1)) == 0; }

/// Sizes as the first sector states them.
struct Sizes {
    explicit Sizes(const std::vector<unsigned char>& boot)
        : sector_bytes(fat_number(boot, 11, 2)),
          cluster_sectors(fat_number(boot, 13, 1)),
          reserved(fat_number(boot, 14, 2)),
          tables(fat_number(boot, 16, 1)),
          root_entries(fat_number(boot, 17, 2)),
          sectors(fat_number(boot, 19, 2)),
          short_table(fat_number(boot, 22, 2)),
          table(short_table != 0 ? short_table : fat_number(boot, 36, 4)) {
        if (sectors == 0) sectors = fat_number(boot, 32, 4);
    }
    bool sound() const {
        return power_of_two(sector_bytes) && sector_bytes >= 512 && sector_bytes <= 4096 &&
               power_of_two(cluster_sectors) && reserved > 0 && tables > 0 && tables <= 4 &&
               table > 0 && before_data() < sectors;
    }
    std::uint64_t root_sectors() const {
        return (root_entries * 32 + sector_bytes - 1) / sector_bytes;
    }
    std::uint64_t before_data() const { return reserved + tables * table + root_sectors(); }
    bool wide() const { return short_table == 0; }

    std::uint64_t sector_bytes, cluster_sectors, reserved, tables, root_entries, sectors;
    std::uint64_t short_table, table;
};

/// Where FAT32 has what the others have elsewhere.
std::size_t extension_at(unsigned bits) { return bits == 32 ? 64 : 36; }

std::int64_t time_of(const unsigned char* entry) {
    const unsigned time = entry[22] | static_cast<unsigned>(entry[23]) << 8;
    const unsigned date = entry[24] | static_cast<unsigned>(entry[25]) << 8;
    const int year = 1980 + static_cast<int>(date >> 9);
    const unsigned month = std::clamp(date >> 5 & 15U, 1U, 12U), day = std::max(date & 31U, 1U);
    // days since 1970 by the civil calendar, which begins its year in March
    const int y = month <= 2 ? year - 1 : year;
    const unsigned shifted = month > 2 ? month - 3 : month + 9;
    const unsigned of_year = (153 * shifted + 2) / 5 + day - 1;
    const int era = y / 400, of_era = y % 400;
    const std::int64_t days = std::int64_t{era} * 146097 + of_era * 365 + of_era / 4 -
                              of_era / 100 + static_cast<int>(of_year) - 719468;
    return days * 86400 + (time >> 11) * 3600 + (time >> 5 & 63U) * 60 + (time & 31U) * 2;
}

}  // namespace

bool FatVolume::begins(BlockReader& disk, ByteRange area) {
    if (area.last - area.first < 64 * fat_sector) return false;
    const Bytes boot = disk.read_bytes(area.first, fat_sector);
    const bool jumps = boot[0] == 0xeb || boot[0] == 0xe9;
    const unsigned char media = boot[21];
    return jumps && fat_number(boot, 510, 2) == 0xaa55 && Sizes(boot).sound() &&
           (media == 0xf0 || media >= 0xf8);
}

FatVolume::FatVolume(BlockReader& disk, ByteRange area)
    : disk_(disk), area_(area), boot_(disk.read_bytes(area.first, fat_sector)) {
    const Sizes sizes(boot_);
    const std::uint64_t bytes = area.last - area.first;
    if (!sizes.sound() || sizes.sectors > bytes / sizes.sector_bytes)
        throw Unreadable("the sizes that the FAT filesystem states make no sense");
    cluster_bytes_ = sizes.cluster_sectors * sizes.sector_bytes;
    const std::uint64_t clusters = (sizes.sectors - sizes.before_data()) / sizes.cluster_sectors;
    bits_ = sizes.wide() ? 32 : (clusters > largest_fat12 ? 16 : 12);
    const std::uint64_t table = sizes.table * sizes.sector_bytes;
    const std::uint64_t needed = ((clusters + first_data_cluster) * bits_ + 7) / 8;
    if (clusters > largest_fat32 || (bits_ == 16 && clusters > largest_fat16) || needed > table ||
        needed > longest_table || (bits_ != 32 && sizes.root_entries == 0))
        throw Unreadable("the FAT filesystem is larger than its table");
    clusters_ = static_cast<std::uint32_t>(clusters);
    const std::uint64_t table_at = area.first + sizes.reserved * sizes.sector_bytes;
    table_ = disk.read_bytes(table_at, static_cast<std::size_t>(needed));
    root_at_ = table_at + sizes.tables * table;
    root_bytes_ = sizes.root_sectors() * sizes.sector_bytes;
    data_at_ = root_at_ + root_bytes_;
    if (bits_ == 32) root_cluster_ = static_cast<std::uint32_t>(fat_number(boot_, 44, 4));
}

std::string FatVolume::uuid() const {
    const std::uint64_t serial = fat_number(boot_, extension_at(bits_) + 3, 4);
    char text[16];
    std::snprintf(text, sizeof text, "%04X-%04X", static_cast<unsigned>(serial >> 16),
                  static_cast<unsigned>(serial & 0xffff));
    return text;
}

std::string FatVolume::label() const {
    const auto from = boot_.begin() + static_cast<std::ptrdiff_t>(extension_at(bits_) + 7);
    std::string text(from, from + 11);
    while (!text.empty() && text.back() == ' ') text.pop_back();
    return text;
}

std::string FatVolume::identity() const {
    std::string text(boot_.begin(), boot_.end());
    text[extension_at(bits_) + 1] = 0;  // in use, or not put away cleanly
    return text;
}

/// The cluster after this one; 0 at the end of a file, and where the table is damaged.
std::uint32_t FatVolume::next(std::uint32_t cluster) const {
    std::uint64_t value = 0;
    if (bits_ == 12) {
        value =
            fat_number(table_, cluster + cluster / 2, cluster * 3 / 2 + 1 < table_.size() ? 2 : 1);
        value = cluster % 2 == 0 ? value & 0xfff : value >> 4;
    } else {
        value = fat_number(table_, std::size_t{cluster} * bits_ / 8, bits_ / 8) & 0xfffffff;
    }
    const bool inside = value >= first_data_cluster && value < clusters_ + first_data_cluster;
    return inside ? static_cast<std::uint32_t>(value) : 0;
}

std::vector<std::uint32_t> FatVolume::chain(std::uint32_t first, std::size_t most) const {
    std::vector<std::uint32_t> found;
    const bool inside = first >= first_data_cluster && first < clusters_ + first_data_cluster;
    for (std::uint32_t at = inside ? first : 0; at != 0 && found.size() < most; at = next(at))
        found.push_back(at);
    return found;
}

std::uint64_t FatVolume::place_of(std::uint32_t cluster) const {
    return data_at_ + (cluster - first_data_cluster) * cluster_bytes_;
}

FatVolume::Bytes FatVolume::folder_bytes(const Folder& folder) {
    if (folder.cluster == 0)
        return disk_.read_bytes(root_at_, static_cast<std::size_t>(std::min<std::uint64_t>(
                                              root_bytes_, longest_folder)));
    Bytes bytes;
    const auto clusters = chain(folder.cluster, longest_folder / cluster_bytes_ + 1);
    if (clusters.empty()) throw Unreadable(folder.path + " is a folder without a place");
    for (const std::uint32_t cluster : clusters) {
        const Bytes piece =
            disk_.read_bytes(place_of(cluster), static_cast<std::size_t>(cluster_bytes_));
        bytes.insert(bytes.end(), piece.begin(), piece.end());
    }
    if (bytes.size() > longest_folder) throw Unreadable(folder.path + " is too long for a folder");
    return bytes;
}

void FatVolume::add_entries(const Folder& folder, std::map<std::string, FatFile>& files,
                            std::vector<Folder>& folders) {
    const Bytes bytes = folder_bytes(folder);
    LongName longer;
    for (std::size_t at = 0; at + 32 <= bytes.size(); at += 32) {
        const unsigned char* entry = bytes.data() + at;
        if (entry[0] == 0) break;
        if (entry[0] != 0xe5 && entry[11] == is_long_name) {
            longer.add(entry);
            continue;
        }
        const std::string name = longer.take(entry);
        if (entry[0] == 0xe5 || (entry[11] & is_volume_name) != 0 || entry[0] == '.') continue;
        FatFile file;
        file.directory = (entry[11] & is_folder) != 0;
        file.first_cluster = static_cast<std::uint32_t>(fat_number(bytes, at + 26, 2));
        if (bits_ == 32)
            file.first_cluster |= static_cast<std::uint32_t>(fat_number(bytes, at + 20, 2)) << 16;
        file.size = file.directory ? 0 : static_cast<std::uint32_t>(fat_number(bytes, at + 28, 4));
        file.mtime = time_of(entry);
        const std::string path = folder.path + "/" + name;
        if (files.size() >= most_paths) throw Unreadable("there are too many files");
        files[path] = file;
        if (file.directory) folders.push_back({path, file.first_cluster});
    }
}

std::map<std::string, FatFile> FatVolume::files() {
    std::map<std::string, FatFile> files;
    std::vector<Folder> folders{{"", root_cluster_}};
    std::set<std::uint32_t> seen;
    while (!folders.empty()) {
        const Folder folder = std::move(folders.back());
        folders.pop_back();
        if (!seen.insert(folder.cluster).second)
            throw Unreadable(folder.path + " is reached by two ways");
        add_entries(folder, files, folders);
    }
    return files;
}

std::vector<ByteRange> FatVolume::places(const FatFile& file) const {
    const std::size_t count =
        static_cast<std::size_t>((file.size + cluster_bytes_ - 1) / cluster_bytes_);
    if (count > clusters_) throw Unreadable("the file is larger than its filesystem");
    const auto clusters = chain(file.first_cluster, count);
    if (clusters.size() < count) throw Unreadable("the file is cut off: it has fewer clusters");
    std::vector<ByteRange> ranges;
    std::uint64_t left = file.size;
    for (const std::uint32_t cluster : clusters) {
        const std::uint64_t first = place_of(cluster), bytes = std::min(left, cluster_bytes_);
        const bool goes_on = !ranges.empty() && ranges.back().last == first &&
                             first - ranges.back().first < read_at_once;
        if (goes_on) ranges.back().last += bytes;
        else ranges.push_back({first, first + bytes});
        left -= bytes;
    }
    return ranges;
}

std::string FatVolume::content(const FatFile& file, Beginning* beginning) {
    // files that share their clusters would cost their writer nothing and their reader hours
    read_ += file.size;
    if (read_ > 4 * (area_.last - area_.first))
        throw Unreadable("the files hold more than there is room for");
    Sha256 hash, first;
    std::uint64_t done = 0;
    for (const ByteRange& range : places(file)) {
        const Bytes bytes =
            disk_.read_bytes(range.first, static_cast<std::size_t>(range.last - range.first));
        const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        hash.update(text);
        if (beginning && done < beginning->bytes)
            first.update(text.substr(0, static_cast<std::size_t>(beginning->bytes - done)));
        done += bytes.size();
    }
    if (beginning && file.size >= beginning->bytes) beginning->sha256 = first.finish();
    return hash.finish();
}

std::string FatVolume::bytes_of(const FatFile& file) {
    std::string text;
    for (const ByteRange& range : places(file)) {
        const Bytes bytes =
            disk_.read_bytes(range.first, static_cast<std::size_t>(range.last - range.first));
        text.append(bytes.begin(), bytes.end());
    }
    return text;
}

}  // namespace patchlab::disk
