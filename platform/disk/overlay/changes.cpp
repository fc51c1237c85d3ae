// SPDX-License-Identifier: Apache-2.0
#include "platform/disk/overlay/changes.hpp"

#include <algorithm>
#include <array>

#include "platform/core/clock.hpp"
#include "platform/core/error.hpp"
#include "platform/core/json.hpp"
#include "platform/core/text.hpp"
#include "platform/disk/ext4/compare.hpp"
#include "platform/disk/overlay/child.hpp"
#include "platform/disk/overlay/guestfs.hpp"

namespace patchlab::disk {

namespace {

constexpr std::array kinds{std::pair{FileChangeKind::added, "added"},
                           std::pair{FileChangeKind::removed, "removed"},
                           std::pair{FileChangeKind::changed, "changed"},
                           std::pair{FileChangeKind::unreadable, "unreadable"}};

const char* word(FileChangeKind kind) {
    for (const auto& [value, text] : kinds)
        if (value == kind) return text;
    return "unreadable";
}

Json state_to_json(const FileState& state) {
    Json json = {{"type", std::string(1, state.type)},
                 {"mode", state.mode},
                 {"uid", state.uid},
                 {"gid", state.gid},
                 {"size", state.size},
                 {"mtime", state.mtime},
                 {"content", printable_path(state.content)},
                 {"links", state.links}};
    if (!state.flags.empty()) json["flags"] = state.flags;
    if (!state.xattrs.empty()) json["xattrs"] = Json::object();
    for (const auto& [name, value] : state.xattrs) json["xattrs"][printable_path(name)] = value;
    return json;
}

std::uint32_t small(const JsonReader& reader, std::string_view key) {
    const std::int64_t value = reader.integer(key);
    if (value < 0 || value > UINT32_MAX) reader.fail(key, "out of range");
    return static_cast<std::uint32_t>(value);
}

FileState state_from_json(const JsonReader& reader) {
    FileState state;
    const std::string type = reader.string("type");
    if (type.size() != 1) reader.fail("type", "must be one letter");
    state.type = type[0];
    state.mode = small(reader, "mode");
    state.uid = small(reader, "uid");
    state.gid = small(reader, "gid");
    state.size = static_cast<std::uint64_t>(reader.integer("size"));
    state.mtime = reader.integer("mtime");
    state.content = reader.string("content");
    state.links = small(reader, "links");
    state.flags = reader.string_or("flags", "");
    if (reader.has("xattrs")) {
        const JsonReader xattrs = reader.object("xattrs");
        for (const auto& [name, value] : xattrs.raw().items())
            state.xattrs[name] = xattrs.string(name);
    }
    return state;
}

OverlayComparison compare(const OverlayQuery& query, bool everything) {
    const Stopwatch watch;
    ChildAnswer answer = ask_compare_child(query, everything);
    OverlayComparison& result = answer.comparison;
    result.method = everything ? "ext4-walk" : "ext4-extents";
    if (!answer.others.empty()) {
        compare_with_guestfs(query, answer.others, result);
        result.method = "libguestfs";
    }
    std::sort(result.changes.begin(), result.changes.end(),
              [](const FileChange& a, const FileChange& b) { return a.path < b.path; });
    result.seconds = watch.seconds();
    return std::move(result);
}

}  // namespace

bool TextWanted::covers(std::string_view path) const {
    return std::any_of(patterns.begin(), patterns.end(), [&](std::string_view pattern) {
        const std::size_t star = pattern.find('*');
        if (star == std::string_view::npos) return path == pattern;
        const std::string_view begin = pattern.substr(0, star), end = pattern.substr(star + 1);
        return path.size() >= begin.size() + end.size() && path.starts_with(begin) &&
               path.ends_with(end);
    });
}

bool TextWanted::wants(const FileChange& change) const {
    const bool same =
        change.before && change.after && change.before->content == change.after->content;
    return !same && covers(change.path);
}

bool TextWanted::fits(const std::optional<FileState>& state) {
    return state && state->type == 'f' && state->size <= longest;
}

std::optional<std::string> TextWanted::take(std::string bytes) {
    const bool is_text = bytes.find('\0') == std::string::npos && is_utf8(bytes);
    if (!is_text || bytes.size() > longest || bytes.size() > left) return std::nullopt;
    left -= bytes.size();
    return bytes;
}

OverlayComparison compare_overlay(const OverlayQuery& query) { return compare(query, false); }
OverlayComparison compare_by_walk(const OverlayQuery& query) { return compare(query, true); }

Json to_json(const FileChange& change) {
    Json json = {{"path", change.path}, {"kind", word(change.kind)}};
    if (change.before) json["before"] = state_to_json(*change.before);
    if (change.after) json["after"] = state_to_json(*change.after);
    if (change.rewritten) json["rewritten"] = true;
    if (!change.note.empty()) json["note"] = change.note;
    return json;
}

FileChange file_change_from_json(const Json& json) {
    const JsonReader reader(json, "file change");
    FileChange change;
    change.path = reader.string("path");
    const std::string kind = reader.string("kind");
    const auto known = std::find_if(kinds.begin(), kinds.end(),
                                    [&](const auto& entry) { return kind == entry.second; });
    if (known == kinds.end()) reader.fail("kind", "unknown kind of change");
    change.kind = known->first;
    if (reader.has("before")) change.before = state_from_json(reader.object("before"));
    if (reader.has("after")) change.after = state_from_json(reader.object("after"));
    change.rewritten = reader.boolean_or("rewritten", false);
    change.note = reader.string_or("note", "");
    return change;
}

}  // namespace patchlab::disk
