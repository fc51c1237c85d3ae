// SPDX-License-Identifier: Apache-2.0
//
// A change in words: what differs, and what happened.
#include <algorithm>

#include "platform/core/text.hpp"
#include "platform/core/text_units.hpp"
#include "snapshots/change.hpp"

namespace patchlab::snapshots {
namespace {

constexpr const char* arrow = " → ";

std::string bytes_text(std::uint64_t bytes) { return count_text(bytes, "byte"); }

std::string owner_text(const FileState& state) {
    return std::to_string(state.uid) + ":" + std::to_string(state.gid);
}

const char* type_text(FileType type) {
    switch (type) {
        case FileType::file: return "file";
        case FileType::directory: return "directory";
        case FileType::symlink: return "link";
        case FileType::character_device: return "character device";
        case FileType::block_device: return "block device";
        case FileType::fifo: return "fifo";
        case FileType::socket: return "socket";
        case FileType::unknown: return "file of an unknown type";
    }
    return "file";
}

/// The digits of an attribute's value are bytes; a few tell it from another.
std::string attribute_text(const std::string& name, const std::string& value) {
    constexpr std::size_t most = 40;
    return name + "=" + (value.size() > most ? value.substr(0, most) + "…" : value);
}

std::string described(const FileState& state) {
    std::string text = std::string("a ") + type_text(state.type);
    if (state.type == FileType::file) text += " of " + bytes_text(state.size);
    if (!state.leads_to.empty())
        text += (state.type == FileType::symlink ? " to " : " ") + state.leads_to;
    if (state.type != FileType::symlink) text += ", mode " + mode_text(state.mode);
    if (state.uid != 0 || state.gid != 0) text += ", owner " + owner_text(state);
    if (!state.flags.empty()) text += ", " + state.flags;
    for (const auto& [name, value] : state.xattrs) text += ", " + attribute_text(name, value);
    return text;
}

/// "mode 0666 (0644 before)"
std::string now_and_before(const std::string& what, const std::string& now,
                           const std::string& before) {
    return what + " " + (now.empty() ? "none" : now) + " (" + (before.empty() ? "none" : before) +
           " before)";
}

std::string content_difference(const FileState& before, const FileState& after) {
    if (before.size == after.size) return "content, " + bytes_text(after.size) + " as before";
    return now_and_before("content,", bytes_text(after.size), number_text(before.size));
}

void add_attributes(std::vector<std::string>& parts, const FileState& before,
                    const FileState& after) {
    for (const auto& [name, value] : after.xattrs) {
        const auto old = before.xattrs.find(name);
        if (old == before.xattrs.end()) parts.push_back(attribute_text(name, value) + " (new)");
        else if (old->second != value)
            parts.push_back(now_and_before(name, attribute_text("", value), old->second));
    }
    for (const auto& [name, value] : before.xattrs)
        if (!after.xattrs.contains(name)) parts.push_back(attribute_text(name, value) + " (gone)");
}

std::string file_difference(const FileState& before, const FileState& after) {
    if (before.type != after.type) return described(before) + arrow + described(after);
    std::vector<std::string> parts;
    if (before.sha256 != after.sha256 || before.size != after.size)
        parts.push_back(content_difference(before, after));
    if (before.leads_to != after.leads_to)
        parts.push_back("leads to " + after.leads_to + " (" + before.leads_to + " before)");
    if (before.mode != after.mode)
        parts.push_back(now_and_before("mode", mode_text(after.mode), mode_text(before.mode)));
    if (before.uid != after.uid || before.gid != after.gid)
        parts.push_back(now_and_before("owner", owner_text(after), owner_text(before)));
    if (before.flags != after.flags)
        parts.push_back(now_and_before("flags", after.flags, before.flags));
    add_attributes(parts, before, after);
    return parts.empty() ? described(after) : joined(parts);
}

std::string package_difference(const PackageState& before, const PackageState& after) {
    PackageState same = before;
    same.version = after.version;
    if (same == after && before.version != after.version)
        return before.version + arrow + after.version;
    return to_text(before) + arrow + to_text(after);
}

using SettingList = std::vector<std::pair<std::string, std::string>>;

const std::string* setting(const SettingList& settings, const std::string& key) {
    const auto found = std::find_if(settings.begin(), settings.end(),
                                    [&](const auto& one) { return one.first == key; });
    return found == settings.end() ? nullptr : &found->second;
}

/// Only the settings that differ.
std::string settings_difference(const UnitSettings& before, const UnitSettings& after) {
    std::vector<std::string> parts;
    for (const auto& [key, value] : after.settings) {
        const std::string* old = setting(before.settings, key);
        if (!old) parts.push_back(key + "=" + value + " (new)");
        else if (*old != value) parts.push_back(key + "=" + value + " (" + *old + " before)");
    }
    for (const auto& [key, value] : before.settings)
        if (!setting(after.settings, key)) parts.push_back(key + "=" + value + " (gone)");
    return parts.empty() ? to_text(after) : joined(parts);
}

std::string one_side(const State& state) {
    const auto* file = std::get_if<FileState>(&state);
    return file ? described(*file) : to_text(state);
}

template <typename Kind>
bool both(const Change& change) {
    return state_as<Kind>(change.before) && state_as<Kind>(change.after);
}

/// "file /etc/x", "port tcp/80", "cron file /etc/cron.d/x"
std::string thing(const Change& change) {
    const FileState* file = change.is_of_file() ? change.file() : nullptr;
    if (!file) return std::string(name(change.cls)) + " " + change.subject;
    const std::string cls =
        change.cls == ChangeClass::file ? "" : std::string(name(change.cls)) + " ";
    return cls + type_text(file->type) + " " + change.subject;
}

std::string happened(const Change& change) {
    switch (change.kind) {
        case ChangeKind::unreadable: return thing(change) + " cannot be read";
        case ChangeKind::removed: return thing(change) + " is gone";
        case ChangeKind::changed:
            return thing(change) + " changed (" + difference_text(change) + ")";
        case ChangeKind::added: break;
    }
    const FileState* file = change.file_after();
    std::string text = "new " + thing(change);
    if (file && file->type == FileType::file) return text + " (" + bytes_text(file->size) + ")";
    if (file) return text + (file->leads_to.empty() ? "" : " to " + file->leads_to);
    return text + (change.after ? " (" + to_text(*change.after) + ")" : "");
}

}  // namespace

std::string difference_text(const Change& change) {
    if (change.kind == ChangeKind::unreadable) return change.why;
    if (!change.before && !change.after) return "";
    if (!change.before) return one_side(*change.after);
    if (!change.after) return one_side(*change.before);
    if (both<FileState>(change))
        return file_difference(*change.file_before(), *change.file_after());
    if (both<PackageState>(change))
        return package_difference(*state_as<PackageState>(change.before),
                                  *state_as<PackageState>(change.after));
    if (both<UnitSettings>(change))
        return settings_difference(*state_as<UnitSettings>(change.before),
                                   *state_as<UnitSettings>(change.after));
    return one_side(*change.before) + arrow + one_side(*change.after);
}

std::string event_text(const Change& change) {
    std::string text = happened(change);
    if (!change.attribution.package().empty()) text += ", from " + change.attribution.package();
    if (!change.concern.empty()) text += ": " + change.concern;
    return text;
}

}  // namespace patchlab::snapshots
