// SPDX-License-Identifier: Apache-2.0
#include "platform/core/text_width.hpp"

#include <utf8proc.h>

#include <algorithm>

#include "platform/core/text.hpp"

namespace patchlab {

static std::size_t columns_of(const std::optional<Character>& character) {
    if (!character) return 1;
    return static_cast<std::size_t>(
        std::max(0, utf8proc_charwidth(static_cast<utf8proc_int32_t>(character->code))));
}

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto found = character_at(text, at);
        width += columns_of(found);
        at += found ? found->bytes : 1;
    }
    return width;
}

std::string cut_to_width(std::string_view text, std::size_t width) {
    if (display_width(text) <= width) return std::string(text);
    if (width == 0) return {};
    std::size_t used = 0;
    std::size_t end = 0;
    while (end < text.size()) {
        const auto found = character_at(text, end);
        used += columns_of(found);
        if (used + 1 > width) break;
        end += found ? found->bytes : 1;
    }
    return std::string(text.substr(0, end)) + "…";
}

std::string padded(std::string_view text, std::size_t width) {
    const std::size_t used = display_width(text);
    return std::string(text) + std::string(used < width ? width - used : 0, ' ');
}

}  // namespace patchlab
