// SPDX-License-Identifier: Apache-2.0
//
// Which area of a disk is mounted where, so that a file of the /boot partition is reported as
// /boot/…
#include <algorithm>
#include <cctype>
#include <sstream>

#include "platform/core/error.hpp"
#include "platform/disk/fat/volume.hpp"
#include "platform/disk/overlay/areas.hpp"

namespace patchlab::disk {

namespace {

std::string lower_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

struct Candidate {
    std::string uuid;
    std::string label;
    std::optional<std::string> fstab;  ///< set when this looks like a root filesystem
};

Candidate look_into(BlockReader& disk, const Area& area) {
    Candidate found;
    try {
        if (area.contents == Contents::fat) {
            const FatVolume volume(disk, area.range);
            found.uuid = lower_case(volume.uuid());
            found.label = volume.label();
            return found;
        }
        Ext4Volume volume(disk, area.range);
        found.uuid = volume.uuid();
        found.label = volume.label();
        if (const InodeNumber number = volume.find("/etc/fstab")) {
            found.fstab = volume.bytes_of(volume.inode(number), 64U << 10);
        } else if (volume.find("/etc/os-release") || volume.find("/usr/lib/os-release")) {
            found.fstab = "";
        }
    } catch (const Unreadable&) {
    } catch (const Error&) {
        // an untouched volume that cannot be opened is nobody's root; a touched one is opened again
        // and then fails
    }
    return found;
}

std::string unquoted(std::string text) {
    std::erase(text, '"');
    return text;
}

/// "/dev/vda2" → 2, "/dev/nvme0n1p3" → 3; 0 when it names no partition.
int partition_number(const std::string& device) {
    if (device.rfind("/dev/", 0) != 0 || device.find("/mapper/") != device.npos) return 0;
    std::size_t digits = device.size();
    while (digits > 0 && std::isdigit(static_cast<unsigned char>(device[digits - 1]))) --digits;
    if (digits == device.size() || device.size() - digits > 3) return 0;
    return std::stoi(device.substr(digits));
}

bool names(const std::string& spec, const Area& area, const Candidate& candidate) {
    const std::size_t equal = spec.find('=');
    if (equal == spec.npos) return area.number > 0 && partition_number(spec) == area.number;
    const std::string key = spec.substr(0, equal);
    std::string value = unquoted(spec.substr(equal + 1));
    if (key == "LABEL") return !value.empty() && value == candidate.label;
    value = lower_case(value);
    if (key == "UUID") return !value.empty() && value == candidate.uuid;
    return key == "PARTUUID" && !value.empty() && value == area.partuuid;
}

}  // namespace

std::vector<std::string> mount_points(BlockReader& disk, const std::vector<Area>& areas) {
    std::vector<std::string> points;
    std::vector<Candidate> candidates;
    std::optional<std::size_t> root;
    std::size_t volumes = 0;
    for (std::size_t i = 0; i < areas.size(); ++i) {
        points.push_back(areas[i].name);
        const bool known =
            areas[i].contents == Contents::ext4 || areas[i].contents == Contents::fat;
        candidates.push_back(known ? look_into(disk, areas[i]) : Candidate{});
        volumes += areas[i].number >= 0;
        if (candidates.back().fstab && !root) root = i;
    }
    // a disk that is nothing but one filesystem has no other names to confuse it with
    for (std::size_t i = 0; i < areas.size() && !root && volumes == 1; ++i)
        if (areas[i].contents == Contents::ext4) root = i;
    if (!root) return points;
    std::istringstream lines(candidates[*root].fstab.value_or(""));
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string spec;
        std::string point;
        if (!(words >> spec >> point) || spec[0] == '#' || point[0] != '/' || point == "/")
            continue;
        while (point.size() > 1 && point.back() == '/') point.pop_back();
        for (std::size_t i = 0; i < areas.size(); ++i)
            if (i != *root && areas[i].number >= 0 && names(spec, areas[i], candidates[i]))
                points[i] = printable_path(point);
    }
    points[*root] = "";
    return points;
}

}  // namespace patchlab::disk
