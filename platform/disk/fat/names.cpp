// SPDX-License-Identifier: Apache-2.0
#include "platform/disk/fat/names.hpp"

#include <array>
#include <cctype>

namespace patchlab::disk {

namespace {

constexpr unsigned last_part = 0x40, most_parts = 20;
constexpr std::array<std::size_t, 13> unit_places{1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};

unsigned char check_of(const unsigned char* name) {
    unsigned sum = 0;
    for (int i = 0; i < 11; ++i) sum = (((sum & 1) << 7) + (sum >> 1) + name[i]) & 0xff;
    return static_cast<unsigned char>(sum);
}

void append(std::string& text, std::uint32_t character) {
    const auto byte = [&](std::uint32_t value) { text += static_cast<char>(value); };
    if (character < 0x80) return byte(character);
    if (character < 0x800) {
        byte(0xc0 | character >> 6);
        return byte(0x80 | (character & 63));
    }
    if (character < 0x10000) {
        byte(0xe0 | character >> 12);
    } else {
        byte(0xf0 | character >> 18);
        byte(0x80 | (character >> 12 & 63));
    }
    byte(0x80 | (character >> 6 & 63));
    byte(0x80 | (character & 63));
}

std::string utf8_of(const std::vector<std::uint16_t>& units) {
    std::string text;
    for (std::size_t i = 0; i < units.size() && units[i] != 0; ++i) {
        std::uint32_t character = units[i];
        const bool pair = character >= 0xd800 && character < 0xdc00 && i + 1 < units.size() &&
                          units[i + 1] >= 0xdc00 && units[i + 1] < 0xe000;
        if (pair) character = 0x10000 + ((character - 0xd800) << 10) + (units[++i] - 0xdc00U);
        append(text, character == '/' ? '?' : character);
    }
    return text;
}

/// Eight characters and three, filled with blanks; bits of the entry say which half is in small
/// letters.
std::string short_name(const unsigned char* entry) {
    constexpr unsigned small_base = 0x08, small_ending = 0x10;
    const auto part = [&](int from, int to, bool small) {
        std::string text;
        for (int i = from; i < to; ++i) {
            const int c = i == 0 && entry[0] == 0x05 ? 0xe5 : entry[i];
            const int shown = c == '/' ? '?' : c;
            text += static_cast<char>(small && shown < 0x80 ? std::tolower(shown) : shown);
        }
        while (!text.empty() && text.back() == ' ') text.pop_back();
        return text;
    };
    const std::string base = part(0, 8, (entry[12] & small_base) != 0);
    const std::string ending = part(8, 11, (entry[12] & small_ending) != 0);
    return ending.empty() ? base : base + "." + ending;
}

}  // namespace

std::uint64_t fat_number(const std::vector<unsigned char>& bytes, std::size_t at,
                         std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = count; i-- > 0;) value = value << 8 | bytes.at(at + i);
    return value;
}

void LongName::add(const unsigned char* entry) {
    unsigned part = entry[0];
    if ((part & last_part) != 0) {
        part &= last_part - 1;
        units_.clear();
        check_ = entry[13];
        wanted_ = part;
    }
    whole_ = false;
    if (part == 0 || part > most_parts || part != wanted_ || entry[13] != check_) {
        wanted_ = 0;
        return;
    }
    std::vector<std::uint16_t> units;
    for (const std::size_t at : unit_places)
        units.push_back(static_cast<std::uint16_t>(entry[at] | entry[at + 1] << 8));
    units_.insert(units_.begin(), units.begin(), units.end());
    whole_ = --wanted_ == 0;
}

std::string LongName::take(const unsigned char* entry) {
    const bool belongs = whole_ && check_ == check_of(entry);
    std::string name = belongs ? utf8_of(units_) : std::string();
    if (name.empty()) name = short_name(entry);
    units_.clear();
    wanted_ = 0;
    whole_ = false;
    return name;
}

}  // namespace patchlab::disk
