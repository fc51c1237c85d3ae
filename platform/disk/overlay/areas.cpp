// SPDX-License-Identifier: Apache-2.0
#include "platform/disk/overlay/areas.hpp"

#include <algorithm>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/disk/fat/compare.hpp"

namespace patchlab::disk {

namespace {

FileChange raw_change(const std::string& path, std::optional<FileState> before,
                      std::optional<FileState> after) {
    return {path, FileChangeKind::changed, std::move(before), std::move(after),
            "bytes outside of any file"};
}

/// Bytes that belong to no file: `content` is the digest of the sectors that differ, `size` how
/// many bytes that are.
void report_bytes(const std::string& name, const DiskPair& disks, const BlockDifference& difference,
                  ByteRange area, const ChangeSink& sink) {
    Sha256 before;
    Sha256 after;
    FileState old_state;
    for (const ByteRange& range : difference.ranges()) {
        const std::uint64_t first = std::max(range.first, area.first);
        const std::uint64_t last = std::min(range.last, area.last);
        for (std::uint64_t at = first; at < last;) {
            const std::size_t count =
                static_cast<std::size_t>(std::min<std::uint64_t>(1U << 20, last - at));
            const std::string place =
                std::to_string(at - area.first) + "+" + std::to_string(count) + ":";
            const auto hash = [&](Sha256& into, BlockReader& disk) {
                into.update(place);
                if (at + count > disk.size()) return;
                const auto bytes = disk.read_bytes(at, count);
                into.update({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
            };
            hash(before, disks.base);
            hash(after, disks.overlay);
            old_state.size += count;
            at += count;
        }
    }
    if (old_state.size == 0) return;
    FileState new_state = old_state;
    old_state.content = before.finish();
    new_state.content = after.finish();
    sink(raw_change(name, std::move(old_state), std::move(new_state)));
}

void report_text(const std::string& name, const std::string& before, const std::string& after,
                 const ChangeSink& sink) {
    if (before == after) return;
    FileState old_state;
    FileState new_state;
    old_state.size = before.size();
    new_state.size = after.size();
    old_state.content = sha256_hex(before);
    new_state.content = sha256_hex(after);
    sink(raw_change(name, std::move(old_state), std::move(new_state)));
}

std::string table_text(const std::vector<Area>& areas) {
    std::string text;
    // a disk without a table, and the free space at its end, are as long as the disk: that is the
    // host's doing
    for (const Area& area : areas)
        if (area.number > 0)
            text += area.name + " " + std::to_string(area.range.first) + "-" +
                    std::to_string(area.range.last) + " " + area.partuuid + "\n";
    return text;
}

/// The same partition on the other side; it may have grown.
const Area* find_twin(const std::vector<Area>& areas, const Area& area) {
    const auto twin = std::find_if(areas.begin(), areas.end(), [&](const Area& other) {
        return other.range.first == area.range.first && other.number == area.number;
    });
    return twin == areas.end() ? nullptr : &*twin;
}

class DiskComparison {
  public:
    DiskComparison(const DiskPair& disks, const BlockDifference& difference, bool everything,
                   const ChangeSink& sink)
        : disks_(disks),
          difference_(difference),
          everything_(everything),
          sink_(sink),
          base_(disks.base, cached_chunks),
          after_(disks.overlay, cached_chunks),
          seen_through_(base_, after_, disks.held) {}

    AreaReport run() {
        const auto before = areas_of(base_);
        const auto after = areas_of(overlay());
        report_text("<partition table>", table_text(before), table_text(after), sink_);
        const auto mounts = mount_points(base_, before);
        for (std::size_t i = 0; i < before.size(); ++i) {
            const Area& area = before[i];
            const Area* twin = find_twin(after, area);
            const bool same = twin && *twin == area;
            if (!everything_ && same && !difference_.touches(area.range.first, area.range.last))
                continue;
            if (twin) {
                during("comparing " + area.name, [&] { compare(area, *twin, mounts[i]); });
            } else if (area.number >= 0) {
                unreadable(area.name, "the partition is gone or was moved");
            }
        }
        for (const Area& area : after)
            if (area.number >= 0 && !find_twin(before, area))
                unreadable(area.name, "the partition is new or was moved");
        return std::move(report_);
    }

  private:
    static constexpr std::size_t cached_chunks = 384;  ///< 12 MiB a side

    /// A full walk trusts no map of what the overlay holds.
    BlockReader& overlay() {
        return everything_ ? static_cast<BlockReader&>(after_) : seen_through_;
    }
    void unreadable(const std::string& path, const std::string& why) {
        sink_({path, FileChangeKind::unreadable, std::nullopt, std::nullopt, why});
    }

    void compare(const Area& before, const Area& after, const std::string& mount) {
        if (before.number < 0 ||
            (before.contents == Contents::raw && after.contents == Contents::raw))
            return report_bytes(before.name, disks_, difference_, before.range, sink_);
        if (before.contents == Contents::ext4 && after.contents == Contents::ext4)
            return compare_volumes(before, after.range, mount);
        if (before.contents == Contents::fat && after.contents == Contents::fat &&
            compare_fats(before, after.range, mount))
            return;
        if (before.contents == Contents::swap && after.contents == Contents::swap)
            return;  // memory of the guest, not files
        if (before.contents == Contents::empty && after.contents == Contents::empty &&
            !difference_.touches(before.range.first, before.range.last))
            return;
        if (before.contents != Contents::ext4 && after.contents != Contents::ext4) {
            report_.others.push_back(before);
            return;
        }
        unreadable(before.name, "the filesystem was replaced by another");
    }

    /// False when this reader does not read them, or cannot tell where they belong (the root is
    /// none of ext4): then another one does.
    bool compare_fats(const Area& area, ByteRange grown, const std::string& mount) try {
        if (mount.starts_with('<')) return false;
        FatVolume before(base_, area.range);
        FatVolume after(overlay(), grown);
        std::vector<FileChange> changes;
        const FatPair pair{before, after, mount, everything_ ? nullptr : &difference_,
                           disks_.texts};
        const std::uint64_t seen =
            compare_fat(pair, [&](FileChange change) { changes.push_back(std::move(change)); });
        report_text(area.name + "/<filesystem settings>", before.identity(), after.identity(),
                    sink_);
        for (FileChange& change : changes) sink_(std::move(change));
        report_.inodes += seen;
        return true;
    } catch (const Unreadable&) {
        return false;
    }

    void compare_volumes(const Area& area, ByteRange grown, const std::string& mount) {
        Ext4Volume before(base_, area.range);
        Ext4Volume after(overlay(), grown);
        // the first KiB of a volume belongs to a boot loader
        report_bytes(area.name + "/<boot block>", disks_, difference_,
                     {area.range.first, area.range.first + 1024}, sink_);
        report_text(area.name + "/<filesystem settings>", before.identity(), after.identity(),
                    sink_);
        const VolumePair pair{before,
                              after,
                              base_,
                              overlay(),
                              {area.range.first, std::max(area.range.last, grown.last)},
                              mount,
                              disks_.texts};
        report_.inodes += everything_ ? compare_everything(pair, sink_)
                                      : compare_touched(pair, difference_, sink_);
        before.rethrow_disk_failure();
        after.rethrow_disk_failure();
    }

    const DiskPair& disks_;
    const BlockDifference& difference_;
    bool everything_;
    const ChangeSink& sink_;
    CachedReader base_;
    CachedReader after_;
    OverlaidReader seen_through_;
    AreaReport report_;
};

}  // namespace

AreaReport compare_touched_areas(const DiskPair& disks, const ChangeSink& sink) {
    const BlockDifference difference(disks.base, disks.overlay, disks.held);
    return DiskComparison(disks, difference, false, sink).run();
}

AreaReport compare_all_areas(const DiskPair& disks, const ChangeSink& sink) {
    // sector by sector only what holds no files; files are compared as files
    std::vector<ByteRange> bytes;
    for (const Area& area : areas_of(disks.base)) {
        const bool files = area.contents == Contents::ext4 || area.contents == Contents::fat ||
                           area.contents == Contents::other || area.contents == Contents::swap;
        const std::uint64_t last = files ? area.range.first + 1024 : area.range.last;
        if (last > area.range.first)
            bytes.push_back({area.range.first, std::min(last, disks.overlay.size())});
    }
    const BlockDifference difference(disks.base, disks.overlay, bytes);
    return DiskComparison(disks, difference, true, sink).run();
}

}  // namespace patchlab::disk
