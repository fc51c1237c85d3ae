// SPDX-License-Identifier: Apache-2.0
#include "platform/disk/overlay/guestfs.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include "platform/core/digest.hpp"
#include "platform/disk/ext4/compare.hpp"
#include "platform/disk/image/appliance.hpp"
#include "platform/disk/overlay/block_difference.hpp"

namespace patchlab::disk {

namespace {

constexpr std::size_t most_files = 4U << 20;
constexpr std::uint64_t longest_piece =
    2U << 20;  // of a file's content; the appliance's protocol ends at 4 MiB

/// What the kernel says of a file without reading it. Whoever writes to a file moves its ctime,
/// which no program can set.
struct Seen {
    FileState state;
    std::int64_t inode = 0;
    std::int64_t changed = 0;
    std::int64_t changed_ns = 0;
    std::string device;
    bool untouched_since(const Seen& other) const {
        return inode == other.inode && changed == other.changed && changed_ns == other.changed_ns &&
               device == other.device && same_file(state, other.state);
    }
};
using Listing = std::map<std::string, Seen>;

char letter(std::int64_t mode) {
    constexpr std::string_view letters = "?pc?d?b?f?l?s???";
    return letters[static_cast<std::size_t>(mode >> 12) & 15];
}

std::string device_number(std::int64_t number) {
    const auto n = static_cast<std::uint64_t>(number);
    return std::to_string((n >> 8 & 0xfff) | (n >> 32 & ~0xfffULL)) + ":" +
           std::to_string((n & 0xff) | (n >> 12 & ~0xffULL));
}

Seen seen(const struct guestfs_statns& stat) {
    Seen file;
    file.state.type = letter(stat.st_mode);
    file.state.mode = static_cast<std::uint32_t>(stat.st_mode & 07777);
    file.state.uid = static_cast<std::uint32_t>(stat.st_uid);
    file.state.gid = static_cast<std::uint32_t>(stat.st_gid);
    file.state.mtime = stat.st_mtime_sec;
    if (file.state.type != 'd') file.state.links = static_cast<std::uint32_t>(stat.st_nlink);
    if (file.state.type == 'f' || file.state.type == 'l')
        file.state.size = static_cast<std::uint64_t>(stat.st_size);
    if (file.state.type == 'c' || file.state.type == 'b') file.device = device_number(stat.st_rdev);
    file.inode = stat.st_ino;
    file.changed = stat.st_ctime_sec;
    file.changed_ns = stat.st_ctime_nsec;
    return file;
}

void list_folder(guestfs_h* g, const std::string& folder, Listing& listing,
                 std::vector<std::string>& folders) {
    char** raw_names = guestfs_ls(g, folder.c_str());
    if (!raw_names) throw_guestfs(g, ErrorCode::lab, "list " + printable_path(folder));
    std::vector<std::string> names = take_strings(raw_names);
    std::vector<char*> pointers;
    for (std::string& name : names) pointers.push_back(name.data());
    pointers.push_back(nullptr);
    if (listing.size() + names.size() > most_files)
        throw Error(ErrorCode::lab, "the filesystem has too many files to compare");
    const std::unique_ptr<struct guestfs_statns_list, decltype(&guestfs_free_statns_list)> stats(
        guestfs_lstatnslist(g, folder.c_str(), pointers.data()), guestfs_free_statns_list);
    if (!stats || stats->len != names.size())
        throw_guestfs(g, ErrorCode::lab, "read " + printable_path(folder));
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string path = (folder == "/" ? "/" : folder + "/") + names[i];
        if (stats->val[i].st_ino == -1)
            throw Error(ErrorCode::lab, "cannot read " + printable_path(path));
        const Seen file = seen(stats->val[i]);
        listing.emplace(path, file);
        if (file.state.type == 'd') folders.push_back(path);
    }
}

Listing list_mounted(guestfs_h* g) {
    Listing listing;
    std::vector<std::string> folders{"/"};
    while (!folders.empty()) {
        const std::string folder = std::move(folders.back());
        folders.pop_back();
        list_folder(g, folder, listing, folders);
    }
    return listing;
}

/// Adds what only reading tells.
FileState whole(guestfs_h* g, const std::string& path, const Seen& file) {
    FileState state = file.state;
    const auto take = [&](char* text, const char* what) {
        const GuestfsText owned(text);
        if (!owned)
            throw_guestfs(g, ErrorCode::lab,
                          std::string("read the ") + what + " of " + printable_path(path));
        return std::string(owned.get());
    };
    state.content = file.device;
    if (state.type == 'f')
        state.content = take(guestfs_checksum(g, "sha256", path.c_str()), "content");
    if (state.type == 'l') state.content = take(guestfs_readlink(g, path.c_str()), "target");
    const std::unique_ptr<struct guestfs_xattr_list, decltype(&guestfs_free_xattr_list)> xattrs(
        guestfs_lgetxattrs(g, path.c_str()), guestfs_free_xattr_list);
    if (!xattrs) return state;  // not every filesystem has any
    for (std::size_t i = 0; i < xattrs->len; ++i) {
        const struct guestfs_xattr& one = xattrs->val[i];
        std::string& hex = state.xattrs[one.attrname];
        for (std::size_t k = 0; k < one.attrval_len; ++k) {
            constexpr char digits[] = "0123456789abcdef";
            hex += {digits[static_cast<unsigned char>(one.attrval[k]) >> 4],
                    digits[static_cast<unsigned char>(one.attrval[k]) & 15]};
        }
    }
    return state;
}

/// FileChange::rewritten
bool is_rewritten(guestfs_h* g, const std::string& path, const FileState& before,
                  const FileState& after) {
    if (before.type != 'f' || after.type != 'f' || before.content == after.content) return false;
    if (after.size <= before.size) return true;
    Sha256 hash;
    for (std::uint64_t at = 0; at < before.size;) {
        std::size_t got = 0;
        const GuestfsText piece(guestfs_pread(
            g, path.c_str(), static_cast<int>(std::min(longest_piece, before.size - at)),
            static_cast<std::int64_t>(at), &got));
        if (!piece || got == 0)
            throw_guestfs(g, ErrorCode::lab, "read the beginning of " + printable_path(path));
        hash.update({piece.get(), got});
        at += got;
    }
    return hash.finish() != before.content;
}

std::optional<FileChange> compare_one(guestfs_h* old_g, guestfs_h* new_g, const std::string& path,
                                      const Seen* before, const Seen* after) {
    if (before && after && before->untouched_since(*after)) return std::nullopt;
    FileChange change;
    try {
        if (before) change.before = whole(old_g, path, *before);
        if (after) change.after = whole(new_g, path, *after);
        if (before && after && same_file(*change.before, *change.after)) return std::nullopt;
        change.rewritten =
            before && after && is_rewritten(new_g, path, *change.before, *change.after);
        change.kind = kind_of(before, after);
    } catch (const Error& error) {
        change = {"", FileChangeKind::unreadable, std::nullopt, std::nullopt, error.what()};
    }
    return change;
}

class Comparison {
  public:
    Comparison(guestfs_h* before, guestfs_h* after, const std::vector<std::string>& keep,
               OverlayComparison& result)
        : before_(before), after_(after), texts_{keep}, result_(result) {}

    void run(const std::vector<ChildAnswer::OtherArea>& areas) {
        const auto old_types = filesystems(before_);
        const auto new_types = filesystems(after_);
        const auto mounts = mount_points();
        std::set<std::string> covered;
        for (const auto& [device, type] : old_types) {
            const std::string area = area_of(device, areas);
            if (area.empty() || type == "swap") continue;
            if (!new_types.contains(device) || new_types.at(device) != type || type == "unknown")
                continue;
            const auto mount = mounts.find(device);
            std::string prefix = mount == mounts.end() ? "<" + device + ">" : mount->second;
            if (prefix == "/") prefix.clear();
            compare_filesystem(device, prefix);
            covered.insert(area);
        }
        // an area in which nothing could be compared must not look like one in which nothing
        // changed
        for (const auto& area : areas)
            if (!covered.contains(area.name) && !covered.contains("*"))
                unreadable(area.name, "no filesystem that can be read on both sides");
    }

  private:
    static std::map<std::string, std::string> filesystems(guestfs_h* g) {
        char** list = guestfs_list_filesystems(g);
        if (!list) throw_guestfs(g, ErrorCode::lab, "list the filesystems");
        std::map<std::string, std::string> found;
        for (auto& [device, type] : take_pairs(list)) found[device] = type;
        return found;
    }

    std::map<std::string, std::string> mount_points() {
        std::map<std::string, std::string> points;
        char** roots = guestfs_inspect_os(before_);
        if (!roots) return points;  // no operating system on it; then devices are named instead
        for (const std::string& root : take_strings(roots)) {
            char** mounts = guestfs_inspect_get_mountpoints(before_, root.c_str());
            if (!mounts) continue;
            for (const auto& [point, device] : take_pairs(mounts)) points.emplace(device, point);
        }
        return points;
    }

    /// The area that a device lies on; "*" for one made of several or of part of one (LVM, MD); ""
    /// for one that nobody asked about.
    static std::string area_of(const std::string& device,
                               const std::vector<ChildAnswer::OtherArea>& areas) {
        const std::size_t at = device.find("/dev/sda");
        if (at == device.npos) return "*";
        std::size_t end = at + 8;
        while (end < device.size() && std::isdigit(static_cast<unsigned char>(device[end]))) ++end;
        const std::string number = device.substr(at + 8, std::min<std::size_t>(end - at - 8, 4));
        for (const auto& area : areas)
            if (area.number == (number.empty() ? 0 : std::stoi(number))) return area.name;
        return "";
    }

    void compare_filesystem(const std::string& device, const std::string& prefix) {
        try {
            const auto list = [&](guestfs_h* g) {
                if (guestfs_mount_ro(g, device.c_str(), "/") != 0)
                    throw_guestfs(g, ErrorCode::lab, "mount " + device);
                return list_mounted(g);
            };
            const Listing before = list(before_);
            const Listing after = list(after_);
            result_.inodes_examined += before.size() + after.size();
            for (const auto& [path, file] : before) {
                const auto twin = after.find(path);
                take(compare_one(before_, after_, path, &file,
                                 twin == after.end() ? nullptr : &twin->second),
                     path, prefix);
            }
            for (const auto& [path, file] : after)
                if (!before.contains(path))
                    take(compare_one(before_, after_, path, nullptr, &file), path, prefix);
        } catch (const Error& error) {
            unreadable(prefix.empty() ? "/" : prefix, error.what());
        }
        guestfs_umount_all(before_);
        guestfs_umount_all(after_);
    }

    void take(std::optional<FileChange> change, const std::string& inside,
              const std::string& prefix) {
        if (!change) return;
        change->path = printable_path(prefix + inside);
        if (texts_.wants(*change)) {
            change->text_before = text_of(before_, inside, change->before);
            change->text_after = text_of(after_, inside, change->after);
        }
        result_.changes.push_back(std::move(*change));
    }

    std::optional<std::string> text_of(guestfs_h* g, const std::string& path,
                                       const std::optional<FileState>& state) {
        if (!TextWanted::fits(state)) return std::nullopt;
        size_t size = 0;
        const GuestfsText bytes(guestfs_read_file(g, path.c_str(), &size));
        if (!bytes) return std::nullopt;  // its digest was read, and that is what counts
        return texts_.take(std::string(bytes.get(), size));
    }

    void unreadable(const std::string& path, const std::string& why) {
        result_.changes.push_back(
            {path, FileChangeKind::unreadable, std::nullopt, std::nullopt, why});
    }

    guestfs_h* before_;
    guestfs_h* after_;
    TextWanted texts_;
    OverlayComparison& result_;
};

}  // namespace

void compare_with_guestfs(const OverlayQuery& query,
                          const std::vector<ChildAnswer::OtherArea>& areas,
                          OverlayComparison& result) {
    const auto chain = chain_between(query.overlay, query.base);
    LibguestfsOptions options;
    options.acceleration = query.acceleration;
    options.deadline = Seconds(1800);
    // one appliance a side: two disks with the same volume group or the same btrfs cannot be told
    // apart in one
    const Appliance before(chain.back().file, chain.back().format, options);
    const Appliance after(chain.front().file, chain.front().format, options);
    after.within_deadline([&](guestfs_h* new_g) {
        Comparison(before.handle(), new_g, query.keep, result).run(areas);
    });
}

}  // namespace patchlab::disk
