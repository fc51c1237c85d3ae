// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/deb/family.hpp"

#include <algorithm>

#include "platform/core/error.hpp"
#include "platform/core/text.hpp"

namespace patchlab::families::deb {

namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_alpha(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }

// deb-version(7): '~' sorts before the end of the text, letters before everything else.
int order_of(char c) {
    if (c == '~') return -1;
    if (is_alpha(c)) return c;
    return static_cast<unsigned char>(c) + 256;
}

int compare_numbers(std::string_view& a, std::string_view& b) {
    const auto take = [](std::string_view& text) {
        while (!text.empty() && text[0] == '0') text.remove_prefix(1);
        std::size_t digits = 0;
        while (digits < text.size() && is_digit(text[digits])) ++digits;
        const std::string_view number = text.substr(0, digits);
        text.remove_prefix(digits);
        return number;
    };
    const std::string_view x = take(a);
    const std::string_view y = take(b);
    if (x.size() != y.size()) return x.size() < y.size() ? -1 : 1;
    return x.compare(y);
}

// Upstream versions and revisions alike: runs of non-digits and of digits in turn.
int compare_parts(std::string_view a, std::string_view b) {
    while (!a.empty() || !b.empty()) {
        while ((!a.empty() && !is_digit(a[0])) || (!b.empty() && !is_digit(b[0]))) {
            const int x = a.empty() || is_digit(a[0]) ? 0 : order_of(a[0]);
            const int y = b.empty() || is_digit(b[0]) ? 0 : order_of(b[0]);
            if (x != y) return x - y;
            a.remove_prefix(1);  // equal and not both 0, so both hold a non-digit
            b.remove_prefix(1);
        }
        if (const int difference = compare_numbers(a, b)) return difference;
    }
    return 0;
}

struct Parts {
    std::string_view epoch;
    std::string_view upstream;
    std::string_view revision;
};

// A missing epoch or revision counts as 0, and an empty text compares as 0.
Parts split(std::string_view version) {
    Parts parts;
    if (const auto colon = version.find(':'); colon != std::string_view::npos) {
        parts.epoch = version.substr(0, colon);
        version.remove_prefix(colon + 1);
    }
    if (const auto dash = version.rfind('-'); dash != std::string_view::npos) {
        parts.revision = version.substr(dash + 1);
        version = version.substr(0, dash);
    }
    parts.upstream = version;
    return parts;
}

}  // namespace

int compare_versions(std::string_view a, std::string_view b) {
    const Parts x = split(a);
    const Parts y = split(b);
    if (const int epoch = compare_parts(x.epoch, y.epoch)) return epoch;
    if (const int upstream = compare_parts(x.upstream, y.upstream)) return upstream;
    return compare_parts(x.revision, y.revision);
}

bool valid_package_name(std::string_view text) {
    if (text.size() < 2 || text.size() > 200 || !(is_lower(text[0]) || is_digit(text[0])))
        return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        return is_lower(c) || is_digit(c) || c == '+' || c == '.' || c == '-';
    });
}

bool valid_version(std::string_view text) {
    if (text.empty() || text.size() > 200) return false;
    if (const auto colon = text.find(':'); colon != std::string_view::npos) {
        const auto epoch = text.substr(0, colon);
        if (epoch.empty() || epoch.size() > 9 || !std::all_of(epoch.begin(), epoch.end(), is_digit))
            return false;
        text.remove_prefix(colon + 1);
    }
    if (text.empty() || !is_digit(text[0]) || text.back() == '-') return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        return is_alpha(c) || is_digit(c) || c == '.' || c == '+' || c == '-' || c == '~' ||
               c == ':';
    });
}

bool valid_architecture(std::string_view text) {
    if (text.empty() || text.size() > 40 || !is_lower(text[0]) || text == "any" || text == "source")
        return false;
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

namespace {

/// The digits that `text` begins with.
std::string leading_digits(std::string_view text) {
    const auto end = std::find_if_not(text.begin(), text.end(), [](char c) { return is_digit(c); });
    return {text.begin(), end};
}

}  // namespace

std::string release_named_in(std::string_view version) {
    std::string release;
    std::size_t last = 0;
    for (const std::string_view mark : {"+deb", "~deb", "~bpo"}) {
        const std::size_t at = version.rfind(mark);
        if (at == std::string_view::npos || (at < last && !release.empty())) continue;
        const std::string digits = leading_digits(version.substr(at + mark.size()));
        if (digits.empty()) continue;
        release = digits;
        last = at;
    }
    return release;
}

std::string release_of_base_files(std::string_view version) {
    const std::string release = leading_digits(version);
    const std::string_view rest = version.substr(release.size());
    const bool plain = rest.empty() || rest[0] == '.' || rest[0] == '+' || rest[0] == '~';
    return plain ? release : std::string();
}

std::string deb_file_name(std::string_view name, std::string_view version,
                          std::string_view architecture) {
    if (!valid_package_name(name) || !valid_version(version) || !valid_architecture(architecture))
        throw Error(ErrorCode::invalid, "'" + std::string(name) + "' '" + std::string(version) +
                                            "' '" + std::string(architecture) +
                                            "' is no package name, version and architecture");
    if (const auto colon = version.find(':'); colon != std::string_view::npos)
        version.remove_prefix(colon + 1);
    std::string file =
        std::string(name) + "_" + std::string(version) + "_" + std::string(architecture) + ".deb";
    std::replace(file.begin(), file.end(), ':', '-');
    return file;
}

}  // namespace patchlab::families::deb
