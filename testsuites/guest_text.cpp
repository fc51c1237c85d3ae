// SPDX-License-Identifier: Apache-2.0
#include "testsuites/guest_text.hpp"

#include "platform/core/text.hpp"

namespace patchlab::testsuites {

namespace {

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
        const auto character = character_at(bytes, 0);
        const std::string_view sequence =
            character ? bytes.substr(0, character->bytes) : std::string_view("\xef\xbf\xbd");
        bytes.remove_prefix(character ? character->bytes : 1);
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
