// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/deb/own_sources.hpp"

#include <sstream>

#include "orchestrator/families/deb/control.hpp"
#include "orchestrator/families/openpgp_armour.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/text.hpp"

namespace patchlab::families::deb {

namespace {

constexpr std::size_t most_keyring = 4U << 20;

/// The first packet of a keyring is a public key (RFC 4880, 4.2: tag 6 in either form).
bool begins_with_a_key(std::string_view content) {
    if (content.empty()) return false;
    const auto first = static_cast<unsigned char>(content[0]);
    const bool is_new_form = (first & 0xC0U) == 0xC0U;
    return (first & 0x80U) != 0 && (is_new_form ? first & 0x3FU : first >> 2U & 0x0FU) == 6;
}

bool is_deb822(std::string_view text, const std::string& file) {
    if (file.ends_with(".sources")) return true;
    if (file.ends_with(".list")) return false;
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
        const std::string_view word = trimmed(line);
        if (!word.empty() && word[0] != '#') return !word.starts_with("deb");
    }
    return true;
}

[[noreturn]] void refuse_source(const AptSource& source, const std::string& why,
                                const std::string& advice) {
    throw Error(ErrorCode::invalid,
                source.file + ": the source of " + source.suites.front() + " " + why, advice);
}

void refuse_unsafe(const AptSource& source) {
    for (const std::string& uri : source.uris) {
        const std::size_t host = uri.find("://");
        if (host == std::string::npos) continue;
        if (uri.substr(host + 3, uri.find('/', host + 3) - host - 3).find('@') != uri.npos)
            refuse_source(source, "has a password in its address",
                          "put it into /etc/apt/auth.conf.d of the lab host");
    }
    for (const std::string_view option : blind_trust)
        for (const auto& [name, value] : source.options)
            if (same_field(name, option) && value != "no")
                refuse_source(source, "is marked '" + name + ": " + value + "'",
                              "name the key that signs it with Signed-By");
}

std::string key_of(const AptSource& source, const std::optional<std::filesystem::path>& keyring) {
    if (source.signed_by.find(armour_begin) != std::string::npos) return source.signed_by;
    const bool is_path = source.signed_by.starts_with('/');
    if (!is_path && !source.signed_by.empty())
        refuse_source(source,
                      "names a key that is not in a file: '" + source.signed_by.substr(0, 80) + "'",
                      "name its keyring file with Signed-By or --keyring");
    if (!is_path && !keyring)
        refuse_source(source, "names no key",
                      "name its keyring with Signed-By in the file, or with --keyring");
    const std::filesystem::path file = is_path ? fs::path(source.signed_by) : *keyring;
    return armoured_keyring(read_file(file, most_keyring), file.string());
}

}  // namespace

std::string armoured_keyring(std::string_view content, const std::string& file) {
    if (const std::size_t begin = content.find(armour_begin); begin != std::string_view::npos) {
        const std::size_t end = content.rfind(armour_end);
        if (end == std::string_view::npos || end < begin)
            throw Error(ErrorCode::invalid, file + ": the armoured key has no end");
        std::string text;
        std::istringstream lines{
            std::string(content.substr(begin, end + armour_end.size() - begin))};
        for (std::string line; std::getline(lines, line);) {
            const std::string_view word = trimmed(line);
            text += std::string(word.empty() ? "." : word) + "\n";
        }
        return text;
    }
    if (!begins_with_a_key(content))
        throw Error(ErrorCode::invalid, file + ": is not a keyring",
                    "a keyring is what `gpg --export KEY` writes");
    return std::string(armour_begin) + "\n.\n" + armour_body(content);
}

std::vector<AptSource> self_contained_sources(std::string_view text, const std::string& file,
                                              const std::optional<std::filesystem::path>& keyring) {
    std::vector<AptSource> sources =
        is_deb822(text, file) ? parse_deb822_sources(text, file) : parse_source_list(text, file);
    sources = restrict_to_suites(sources, suites_of(sources));
    if (sources.empty())
        throw Error(ErrorCode::invalid, file + ": holds no source of binary packages",
                    "for example: deb https://deb.example.org/debian trixie main");
    for (AptSource& source : sources) {
        refuse_unsafe(source);
        source.signed_by = key_of(source, keyring);
    }
    return sources;
}

}  // namespace patchlab::families::deb
