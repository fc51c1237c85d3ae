// SPDX-License-Identifier: Apache-2.0
#include "snapshots/fingerprint.hpp"

#include <algorithm>
#include <array>

#include "platform/core/text.hpp"

namespace patchlab::snapshots {
namespace {

bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_word(char c) { return is_digit(c) || is_alpha(c) || c == '_'; }

/// What one word (a run of letters, digits and underscores) looks like once its variable part is
/// gone.
std::string word_fingerprint(std::string_view word) {
    const auto digits = static_cast<std::size_t>(std::count_if(word.begin(), word.end(), is_digit));
    if (digits == 0) return std::string(word);
    const bool prefixed = word.size() > 2 && word[0] == '0' && (word[1] == 'x' || word[1] == 'X');
    const std::string_view body = prefixed ? word.substr(2) : word;
    const bool all_hex = std::all_of(body.begin(), body.end(), is_hex);
    if (all_hex && (prefixed || (digits < body.size() && body.size() >= 6))) return "%";
    std::string out;
    for (const char c : word) {
        if (!is_digit(c)) {
            out += c;
        } else if (out.empty() || out.back() != '#') {
            out += '#';
        }
    }
    return out;
}

constexpr std::string_view uuid_form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

bool starts_with_uuid(std::string_view text) {
    if (text.size() < uuid_form.size() ||
        (text.size() > uuid_form.size() && is_word(text[uuid_form.size()])))
        return false;
    for (std::size_t i = 0; i < uuid_form.size(); ++i) {
        if (uuid_form[i] == 'x' ? !is_hex(text[i]) : text[i] != '-') return false;
    }
    return true;
}

std::string fingerprint_of_words(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        while (end < text.size() && is_word(text[end])) ++end;
        if (end > at && starts_with_uuid(text.substr(at))) {
            out += '%';
            at += uuid_form.size();
        } else if (end == at) {
            out += text[at++];
        } else {
            out += word_fingerprint(text.substr(at, end - at));
            at = end;
        }
    }
    return out;
}

/// Joins what only together varies: "#.#", "#:#:#", "%-%-%" are one number, time, address or uuid.
std::string join_numbers(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        const bool joins = (c == '.' || c == ':' || c == '-' || c == '+') && !out.empty() &&
                           (out.back() == '#' || out.back() == '%') && at + 1 < text.size() &&
                           (text[at + 1] == '#' || text[at + 1] == '%');
        if (joins) {
            if (text[at + 1] == '%') out.back() = '%';
            ++at;
        } else {
            out += c;
        }
    }
    return out;
}

bool random_suffix(std::string_view text) {
    return text.size() >= 6 && text.size() <= 10 &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return is_digit(c) || is_alpha(c); }) &&
           std::any_of(text.begin(), text.end(),
                       [](char c) { return is_digit(c) || (c >= 'A' && c <= 'Z'); });
}

/// One component of a path: as words, with a random tail such as mkstemp's ("unit-a1B2c3",
/// "file.Xy12Zq") taken out.
std::string component_fingerprint(std::string_view component) {
    if (component.starts_with("systemd-private-"))
        return join_numbers(fingerprint_of_words(component.substr(0, component.rfind('-')))) + "-?";
    const std::size_t cut = component.find_last_of("-.");
    if (cut != std::string_view::npos && cut > 0 && random_suffix(component.substr(cut + 1))) {
        return join_numbers(fingerprint_of_words(component.substr(0, cut))) + component[cut] + "?";
    }
    return join_numbers(fingerprint_of_words(component));
}

constexpr std::array volatile_places = {
    std::string_view("/var/log/"),     std::string_view("/var/lib/"),
    std::string_view("/var/cache/"),   std::string_view("/var/spool/"),
    std::string_view("/var/tmp/"),     std::string_view("/var/mail/"),
    std::string_view("/var/backups/"), std::string_view("/tmp/"),
    std::string_view("/run/"),         std::string_view("/var/run/")};

}  // namespace

std::string fingerprint(std::string_view text) { return join_numbers(fingerprint_of_words(text)); }

bool is_volatile_place(std::string_view path) {
    return std::any_of(volatile_places.begin(), volatile_places.end(),
                       [&](std::string_view place) { return path.starts_with(place); });
}

std::string path_fingerprint(std::string_view path) {
    if (!is_volatile_place(path)) return std::string(path);
    std::string out;
    for (std::size_t at = 0; at < path.size();) {
        if (path[at] == '/') {
            out += '/';
            ++at;
            continue;
        }
        const std::size_t end = std::min(path.find('/', at), path.size());
        out += component_fingerprint(path.substr(at, end - at));
        at = end;
    }
    return out;
}

}  // namespace patchlab::snapshots
