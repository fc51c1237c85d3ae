// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/api/url.hpp"

#include <algorithm>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/text.hpp"

namespace patchlab::service::api {

namespace {

std::optional<int> hex_digit(char c) {
    if (is_digit(c)) return c - '0';
    const char letter = small(c);
    if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
    return std::nullopt;
}

bool is_unreserved(char c) {
    return is_digit(c) || (small(c) >= 'a' && small(c) <= 'z') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_blank) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_blank) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            if (i + 2 >= text.size()) return std::nullopt;
            const auto high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
            if (!high || !low) return std::nullopt;
            out += static_cast<char>(*high * 16 + *low);
            i += 2;
        }
    }
    if (out.find('\0') != std::string::npos || !is_utf8(out)) return std::nullopt;
    return out;
}

std::string percent_encoded(std::string_view text) {
    static constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        if (is_unreserved(c)) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

std::optional<Parameters> parameters_in(std::string_view text, std::size_t most) {
    Parameters found;
    while (!text.empty()) {
        const std::string_view one = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(one.size() + 1, text.size()));
        if (one.empty()) continue;
        if (found.size() == most) return std::nullopt;
        const auto equals = one.find('=');
        auto name = percent_decoded(one.substr(0, equals), true);
        auto value = equals == std::string_view::npos
                         ? std::optional<std::string>("")
                         : percent_decoded(one.substr(equals + 1), true);
        if (!name || !value) return std::nullopt;
        found.emplace_back(std::move(*name), std::move(*value));
    }
    return found;
}

std::optional<std::string> from_base64url(std::string_view text) {
    std::string standard(text);
    std::replace(standard.begin(), standard.end(), '-', '+');
    std::replace(standard.begin(), standard.end(), '_', '/');
    while (standard.size() % 4 != 0) standard += '=';
    try {
        return base64_decode(standard);
    } catch (const Error&) {
        return std::nullopt;
    }
}

}  // namespace patchlab::service::api
