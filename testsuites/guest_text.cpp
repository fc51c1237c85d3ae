// SPDX-License-Identifier: Apache-2.0
#include "testsuites/guest_text.hpp"

#include <cstdint>

namespace patchlab::testsuites {

namespace {

/// Bytes of the UTF-8 sequence at the front of `text`, or 0 when there is no valid one (overlong,
/// surrogate, cut short).
std::size_t sequence_length(std::string_view text) {
    const auto byte = [&](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i]));
    };
    const std::uint32_t first = byte(0);
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
    if (length == 0 || first > 0xf4 || text.size() < length) return 0;
    std::uint32_t code = first & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0U) != 0x80U) return 0;
        code = code << 6U | (byte(i) & 0x3fU);
    }
    if ((length == 3 && code < 0x800) || (length == 4 && (code < 0x10000 || code > 0x10ffff)))
        return 0;
    return code >= 0xd800 && code <= 0xdfff ? 0 : length;
}

bool is_control(std::string_view sequence) {
    const auto first = static_cast<unsigned char>(sequence[0]);
    if (sequence.size() == 1)
        return (first < 0x20 && first != '\n' && first != '\t') || first == 0x7f;
    return first == 0xc2 && static_cast<unsigned char>(sequence[1]) < 0xa0;  // C1
}

}  // namespace

std::string guest_text(std::string_view bytes, std::size_t max_bytes) {
    std::string out;
    while (!bytes.empty()) {
        const std::size_t length = sequence_length(bytes);
        const std::string_view sequence =
            length ? bytes.substr(0, length) : std::string_view("\xef\xbf\xbd");
        bytes.remove_prefix(length ? length : 1);
        if (is_control(sequence)) continue;
        if (out.size() + sequence.size() + 3 > max_bytes) return out + "…";
        out += sequence;
    }
    while (!out.empty() && (out.back() == '\n' || out.back() == ' ')) out.pop_back();
    return out;
}

std::vector<std::string> guest_lines(std::string_view bytes, std::size_t max_lines) {
    std::vector<std::string> lines;
    while (!bytes.empty() && lines.size() < max_lines) {
        const std::size_t end = bytes.find('\n');
        std::string line = guest_text(bytes.substr(0, end), 400);
        if (!line.empty()) lines.push_back(std::move(line));
        bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
    }
    return lines;
}

}  // namespace patchlab::testsuites
