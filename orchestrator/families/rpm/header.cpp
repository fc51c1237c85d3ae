// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/rpm/header.hpp"

#include <algorithm>

#include "orchestrator/families/archive.hpp"
#include "platform/core/digest.hpp"

namespace patchlab::families::rpm {

namespace {

constexpr std::string_view header_magic("\x8e\xad\xe8\x01", 4);
constexpr std::string_view lead_magic("\xed\xab\xee\xdb", 4);
constexpr std::size_t lead_size = 96, index_entry = 16, preamble = 16;
constexpr std::size_t most_entries = 0xffff, most_data = 256U << 20, most_items = 4'000'000;

enum FieldType : std::uint32_t {
    type_int8 = 2,
    type_int16 = 3,
    type_int32 = 4,
    type_int64 = 5,
    type_string = 6,
    type_binary = 7,
    type_string_array = 8,
    type_translated = 9,
    last_type = type_translated,
};

std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char c : bytes) value = value << 8U | static_cast<unsigned char>(c);
    return value;
}

std::uint32_t word_at(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint32_t>(big_endian(bytes.substr(at, 4)));
}

/// Bytes of one item of a fixed width; 0 for texts.
std::size_t width_of(std::uint32_t type) {
    switch (type) {
        case type_int16: return 2;
        case type_int32: return 4;
        case type_int64: return 8;
        case type_string:
        case type_string_array:
        case type_translated: return 0;
        default: return 1;
    }
}

}  // namespace

Header Header::take(std::string_view& bytes, std::string_view where) {
    if (bytes.size() < preamble || !bytes.starts_with(header_magic))
        refuse(where, "has no rpm header where one must be");
    const std::size_t entries = word_at(bytes, 8), data = word_at(bytes, 12);
    if (entries > most_entries || data > most_data) refuse(where, "its header is too large");
    const std::size_t whole = preamble + entries * index_entry + data;
    if (bytes.size() < whole) refuse(where, "is cut short in its header");
    Header header;
    header.where_ = where;
    header.bytes_ = bytes.substr(0, whole);
    header.data_ = header.bytes_.substr(preamble + entries * index_entry);
    for (std::size_t i = 0; i < entries; ++i) {
        const std::string_view row = bytes.substr(preamble + i * index_entry, index_entry);
        const Entry entry{word_at(row, 4), word_at(row, 8), word_at(row, 12)};
        if (entry.type > last_type || entry.offset > data || entry.count > most_items)
            refuse(where, "its header has a damaged entry");
        const std::size_t width = width_of(entry.type);
        if (width * entry.count > data - entry.offset)
            refuse(where, "its header has an entry beyond its end");
        // of a field that is there twice the first counts, as for rpm
        header.entries_.emplace(word_at(row, 0), entry);
    }
    bytes.remove_prefix(whole);
    return header;
}

const Header::Entry* Header::find(std::uint32_t tag) const {
    const auto found = entries_.find(tag);
    return found == entries_.end() ? nullptr : &found->second;
}

std::vector<std::string_view> Header::texts(std::uint32_t tag) const {
    std::vector<std::string_view> all;
    const Entry* entry = find(tag);
    if (!entry) return all;
    if (width_of(entry->type) != 0) refuse(where_, "a field of its header is no text");
    std::string_view rest = data_.substr(entry->offset);
    const std::uint32_t count = entry->type == type_string ? 1 : entry->count;
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto end = rest.find('\0');
        if (end == std::string_view::npos) refuse(where_, "a text of its header has no end");
        all.push_back(rest.substr(0, end));
        rest.remove_prefix(end + 1);
    }
    return all;
}

std::string_view Header::text(std::uint32_t tag) const {
    const auto all = texts(tag);
    return all.empty() ? std::string_view() : all.front();
}

std::vector<std::uint64_t> Header::numbers(std::uint32_t tag) const {
    std::vector<std::uint64_t> all;
    const Entry* entry = find(tag);
    if (!entry) return all;
    const std::size_t width = width_of(entry->type);
    if (width == 0) refuse(where_, "a field of its header is no number");
    for (std::size_t i = 0; i < entry->count; ++i)
        all.push_back(big_endian(data_.substr(entry->offset + i * width, width)));
    return all;
}

std::uint64_t Header::number_or(std::uint32_t tag, std::uint64_t otherwise) const {
    const auto all = numbers(tag);
    return all.empty() ? otherwise : all.front();
}

PackageParts split_package(std::string_view bytes, std::string_view where) {
    if (!bytes.starts_with(lead_magic)) refuse(where, "is not an rpm package");
    if (bytes.size() < lead_size) refuse(where, "is cut short in its lead");
    if (big_endian(bytes.substr(6, 2)) != 0)
        refuse(where, "is a source package, which installs nothing");
    std::string_view rest = bytes.substr(lead_size);
    const Header signature = Header::take(rest, where);
    const std::size_t padding = (8 - signature.bytes().size() % 8) % 8;
    if (rest.size() < padding) refuse(where, "is cut short behind its signature");
    rest.remove_prefix(padding);
    PackageParts parts;
    parts.before_header = bytes.substr(0, bytes.size() - rest.size());
    parts.header = Header::take(rest, where);
    parts.payload = rest;
    parts.head = bytes.substr(0, bytes.size() - rest.size());
    const std::string_view digest = signature.text(tag::signature_sha256);
    if (!digest.empty() && digest != sha256_hex(parts.header.bytes()))
        refuse(where, "its header has another sha256 than the package says");
    return parts;
}

std::string version_of(const Header& header) {
    const std::uint64_t epoch = header.number_or(tag::epoch, 0);
    return (epoch == 0 ? std::string() : std::to_string(epoch) + ":") +
           std::string(header.text(tag::version)) + "-" + std::string(header.text(tag::release));
}

std::vector<Dependency> dependencies(const Header& header, std::uint32_t names, std::uint32_t flags,
                                     std::uint32_t versions, std::string_view where) {
    const auto all_names = header.texts(names), all_versions = header.texts(versions);
    const auto all_flags = header.numbers(flags);
    if ((!all_flags.empty() && all_flags.size() != all_names.size()) ||
        (!all_versions.empty() && all_versions.size() != all_names.size()))
        refuse(where, "its lists of dependencies do not fit each other");
    std::vector<Dependency> all;
    for (std::size_t i = 0; i < all_names.size(); ++i) {
        Dependency one;
        one.name = all_names[i];
        if (!all_flags.empty()) one.flags = all_flags[i];
        if (!all_versions.empty()) one.version = all_versions[i];
        if (one.name.empty()) refuse(where, "a dependency of it has no name");
        all.push_back(one);
    }
    return all;
}

namespace {

constexpr std::size_t most_path = 4096, most_files = 2'000'000;

void require_good_path(std::string_view path, std::string_view where) {
    const std::string shown(path.substr(0, 120));
    if (path.size() > most_path) refuse(where, "a file name is longer than 4096 bytes");
    if (!path.starts_with('/')) refuse(where, "holds a file name that is not absolute: " + shown);
    if (std::any_of(path.begin(), path.end(),
                    [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; }))
        refuse(where, "holds a file name with control characters");
    for (std::string_view rest = path; !rest.empty();) {
        rest.remove_prefix(1);
        const std::string_view part = rest.substr(0, rest.find('/'));
        if (part == "..") refuse(where, "holds a file name that climbs out of the root: " + shown);
        if ((part.empty() || part == ".") && path != "/")
            refuse(where, "holds a file name that is not plain: " + shown);
        rest.remove_prefix(part.size());
    }
}

std::vector<std::string> paths_of(const Header& header, std::string_view where) {
    std::vector<std::string> paths;
    for (const std::string_view path : header.texts(tag::old_file_names)) paths.emplace_back(path);
    const auto names = header.texts(tag::base_names), folders = header.texts(tag::dir_names);
    const auto indexes = header.numbers(tag::dir_indexes);
    if (indexes.size() != names.size()) refuse(where, "its lists of files do not fit each other");
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (indexes[i] >= folders.size()) refuse(where, "a file of it is in no folder");
        if (names[i].find('/') != std::string_view::npos)
            refuse(where, "a file of it has a name with a slash");
        paths.push_back(std::string(folders[indexes[i]]) + std::string(names[i]));
    }
    if (paths.size() > most_files) refuse(where, "has too many files");
    for (const std::string& path : paths) require_good_path(path, where);
    return paths;
}

/// The list, which has as many items as there are files, or none.
template <typename List>
List fitting(List list, std::size_t files, std::string_view where) {
    if (!list.empty() && list.size() != files)
        refuse(where, "its lists of files do not fit each other");
    return list;
}

}  // namespace

std::vector<HeaderFile> files_of(const Header& header, std::string_view where) {
    std::vector<std::string> paths = paths_of(header, where);
    const std::size_t count = paths.size();
    const auto numbers = [&](std::uint32_t tag) {
        return fitting(header.numbers(tag), count, where);
    };
    const auto texts = [&](std::uint32_t tag) { return fitting(header.texts(tag), count, where); };
    const auto modes = numbers(tag::file_modes), flags = numbers(tag::file_flags);
    const auto sizes =
        numbers(header.has(tag::long_file_sizes) ? tag::long_file_sizes : tag::file_sizes);
    const auto devices = numbers(tag::file_devices), inodes = numbers(tag::file_inodes);
    const auto targets = texts(tag::file_link_targets), digests = texts(tag::file_digests);
    std::vector<HeaderFile> files(count);
    for (std::size_t i = 0; i < count; ++i) {
        HeaderFile& file = files[i];
        file.path = std::move(paths[i]);
        if (!modes.empty()) file.mode = static_cast<unsigned>(modes[i]);
        if (!flags.empty()) file.flags = flags[i];
        if (!sizes.empty()) file.bytes = sizes[i];
        if (!devices.empty()) file.device = devices[i];
        if (!inodes.empty()) file.inode = inodes[i];
        if (!targets.empty()) file.target = targets[i];
        if (!digests.empty()) file.digest = digests[i];
    }
    return files;
}

}  // namespace patchlab::families::rpm
