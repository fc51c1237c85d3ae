// SPDX-License-Identifier: Apache-2.0
#include "platform/core/text_short.hpp"

#include <algorithm>
#include <cmath>

#include "platform/core/text.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab {

std::string with_short_digests(std::string_view text) {
    constexpr std::size_t digest = 32, kept = 12;
    const auto is_hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); };
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        while (end < text.size() && is_hex(text[end])) ++end;
        const bool is_digest = end - at >= digest;
        out += text.substr(at, is_digest ? kept : std::max<std::size_t>(end - at, 1));
        if (is_digest) out += "…";
        at = std::max(end, at + 1);
    }
    return out;
}

std::string whole_duration_text(double seconds) {
    const double whole = std::floor(std::max(seconds, 0.0));
    return whole < 10 ? std::to_string(std::llround(whole)) + " s" : duration_text(whole);
}

}  // namespace patchlab
