// SPDX-License-Identifier: Apache-2.0
#include "platform/disk/image/chain.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "platform/core/error.hpp"

namespace patchlab::disk {

namespace fs = std::filesystem;

namespace {

/// One file has one name in the plan, and a name qemu cannot take for a protocol ("nbd:…") or an
/// option.
fs::path plan_name(const fs::path& file) {
    if (!file.is_absolute())
        throw Error(ErrorCode::internal, "the disk " + file.string() + " is not an absolute path");
    return file.lexically_normal();
}

}  // namespace

std::vector<std::string> create_overlay_arguments(const fs::path& backing,
                                                  const std::string& backing_format,
                                                  const fs::path& overlay,
                                                  std::optional<std::uint64_t> virtual_bytes) {
    std::vector<std::string> arguments{"create", "-q",           "-f",
                                       "qcow2",  "-b",           plan_name(backing).string(),
                                       "-F",     backing_format, plan_name(overlay).string()};
    if (virtual_bytes) arguments.push_back(std::to_string(*virtual_bytes));
    return arguments;
}

void DiskPlan::add_base(const fs::path& file, const std::string& format) {
    const fs::path name = plan_name(file);
    if (!disks_.try_emplace(name, PlannedDisk{name, format, std::nullopt, true, {}}).second)
        throw Error(ErrorCode::conflict, "the disk " + name.string() + " is planned already");
}

std::vector<std::string> DiskPlan::add_overlay(const fs::path& overlay, const fs::path& backing) {
    const fs::path name = plan_name(overlay);
    const PlannedDisk& below = disk(backing);
    if (!below.read_only)
        throw Error(ErrorCode::conflict, "no overlay can stand on " + below.file.string() +
                                             " while it may still be written");
    if (has(name))
        throw Error(ErrorCode::conflict, "the disk " + name.string() + " is planned already");
    auto arguments = create_overlay_arguments(below.file, below.format, name);
    disks_.emplace(name, PlannedDisk{name, "qcow2", below.file, false, {}});
    return arguments;
}

void DiskPlan::freeze(const fs::path& file) { disk(file).read_only = true; }

void DiskPlan::add_user(const fs::path& file, const std::string& user) {
    disk(file).users.insert(user);
}

void DiskPlan::remove_user(const fs::path& file, const std::string& user) {
    disk(file).users.erase(user);
}

bool DiskPlan::writable(const fs::path& file) const {
    return has(file) && !disk(file).read_only && dependents(file).empty();
}

std::vector<fs::path> DiskPlan::chain(const fs::path& file) const {
    std::vector<fs::path> result;
    for (const PlannedDisk* at = &disk(file);; at = &disk(*at->backing)) {
        result.push_back(at->file);
        if (!at->backing) return result;
    }
}

std::vector<fs::path> DiskPlan::dependents(const fs::path& file) const {
    const fs::path name = plan_name(file);
    std::vector<fs::path> result;
    for (const auto& [other, planned] : disks_) {
        if (other == name) continue;
        const auto below = chain(other);
        if (std::find(below.begin(), below.end(), name) != below.end()) result.push_back(other);
    }
    return result;
}

void DiskPlan::remove(const fs::path& file) {
    const PlannedDisk& planned = disk(file);
    if (const auto above = dependents(file); !above.empty())
        throw Error(ErrorCode::conflict, planned.file.string() + " cannot be removed: " +
                                             above.front().string() + " stands on it");
    if (!planned.users.empty())
        throw Error(ErrorCode::conflict, planned.file.string() + " cannot be removed: " +
                                             *planned.users.begin() + " uses it");
    disks_.erase(plan_name(file));
}

std::vector<fs::path> DiskPlan::unused_overlays() const {
    std::vector<fs::path> result;
    // A user of an overlay needs everything below it too.
    std::set<fs::path> needed;
    for (const auto& [name, planned] : disks_) {
        if (planned.users.empty() && planned.backing) continue;
        for (const auto& below : chain(name)) needed.insert(below);
    }
    for (const auto& [name, planned] : disks_)
        if (!needed.contains(name)) result.push_back(name);
    std::stable_sort(result.begin(), result.end(), [this](const fs::path& a, const fs::path& b) {
        return chain(a).size() > chain(b).size();
    });
    return result;
}

const PlannedDisk& DiskPlan::disk(const fs::path& file) const {
    const auto found = disks_.find(plan_name(file));
    if (found == disks_.end())
        throw Error(ErrorCode::not_found, "the disk " + file.string() + " is not planned");
    return found->second;
}

PlannedDisk& DiskPlan::disk(const fs::path& file) {
    return const_cast<PlannedDisk&>(std::as_const(*this).disk(file));
}

bool DiskPlan::has(const fs::path& file) const { return disks_.contains(plan_name(file)); }

}  // namespace patchlab::disk
