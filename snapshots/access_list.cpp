// SPDX-License-Identifier: Apache-2.0
//
// POSIX access lists as extended attributes hold them.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "snapshots/state.hpp"

namespace patchlab::snapshots {
namespace {

// fs/ext4/acl.h: a version, then entries of a tag and rights, those of named users and groups with
// an id; numbers are little-endian.
constexpr std::size_t version_digits = 8, field_digits = 4, id_digits = 8;
constexpr unsigned version = 1, named_user = 0x02, owning_group = 0x04, named_group = 0x08,
                   mask = 0x10;

struct Entry {
    unsigned tag = 0, rights = 0;
    std::string id{};
};

std::optional<unsigned> number(const std::string& hex, std::size_t at, std::size_t digits) {
    unsigned value = 0;
    if (at + digits > hex.size()) return std::nullopt;
    for (std::size_t i = 0; i < digits; ++i) {
        const std::size_t digit = std::string_view("0123456789abcdef").find(hex[at + (i ^ 1U)]);
        if (digit == std::string_view::npos) return std::nullopt;
        value |= static_cast<unsigned>(digit) << (4 * i);
    }
    return value;
}

std::optional<std::vector<Entry>> entries_of(const std::string& hex) {
    if (number(hex, 0, version_digits) != version) return std::nullopt;
    std::vector<Entry> entries;
    for (std::size_t at = version_digits; at < hex.size();) {
        const auto tag = number(hex, at, field_digits);
        const auto rights = number(hex, at + field_digits, field_digits);
        if (!tag || !rights) return std::nullopt;
        at += 2 * field_digits;
        entries.push_back({*tag, *rights});
        if (*tag != named_user && *tag != named_group) continue;
        if (at + id_digits > hex.size()) return std::nullopt;
        entries.back().id = hex.substr(at, id_digits);
        at += id_digits;
    }
    return entries;
}

}  // namespace

std::string effective_access(const std::string& hex) {
    const auto entries = entries_of(hex);
    if (!entries) return hex;
    unsigned kept = 0xffff;
    for (const Entry& entry : *entries)
        if (entry.tag == mask) kept = entry.rights;
    std::string text;
    for (const Entry& entry : *entries) {
        const bool is_masked =
            entry.tag == named_user || entry.tag == named_group || entry.tag == owning_group;
        text += std::to_string(entry.tag) + ":" + entry.id + ":" +
                std::to_string(is_masked ? entry.rights & kept : entry.rights) + " ";
    }
    return text;
}

}  // namespace patchlab::snapshots
