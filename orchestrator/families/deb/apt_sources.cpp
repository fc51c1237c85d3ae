// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/deb/apt_sources.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <sstream>
#include <utility>

#include "orchestrator/families/deb/control.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/text.hpp"

namespace patchlab::families::deb {

namespace {

constexpr std::size_t max_sources_bytes = 4U << 20;

[[noreturn]] void fail(const std::string& file, int line, const std::string& why) {
    throw Error(ErrorCode::invalid, file + ":" + std::to_string(line) + ": " + why);
}

std::vector<std::string> words(std::string_view text) {
    std::istringstream stream{std::string(text)};
    std::vector<std::string> result;
    for (std::string word; stream >> word;) result.push_back(word);
    return result;
}

std::string joined(const std::vector<std::string>& list, char separator = ' ') {
    std::string result;
    for (const auto& item : list) {
        if (!result.empty()) result += separator;
        result += item;
    }
    return result;
}

bool is_no(std::string_view text) {
    const std::string value = in_small_letters(text);
    return value == "no" || value == "false" || value == "without" || value == "off" ||
           value == "disable" || value == "0";
}

/// The deb822 name of an option of the one-line format: "arch" → "Architectures", "by-hash" →
/// "By-Hash".
std::string field_name(const std::string& option) {
    if (option == "arch") return "Architectures";
    if (option == "lang") return "Languages";
    if (option == "target") return "Targets";
    std::string result = option;
    bool start = true;
    for (char& c : result) {
        if (start) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        start = c == '-';
    }
    return result;
}

/// "arch=amd64,i386" into `source`; lists are separated by commas there, by spaces in deb822.
void take_option(AptSource& source, const std::string& text, const std::string& file, int line) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
        fail(file, line, "option '" + text + "' is not NAME=VALUE");
    std::string option = in_small_letters(text.substr(0, equals));
    if (option.ends_with('+') || option.ends_with('-')) option.pop_back();
    std::string value = text.substr(equals + 1);
    std::replace(value.begin(), value.end(), ',', ' ');
    if (option == "signed-by") {
        source.signed_by = value;
    } else {
        source.options[field_name(option)] = value;
    }
}

AptSource parse_line(const std::string& line, const std::string& file, int number) {
    AptSource source;
    source.file = file;
    const auto type_end = line.find_first_of(" \t[");
    source.types = {line.substr(0, type_end)};
    if (source.types[0] != "deb" && source.types[0] != "deb-src")
        fail(file, number, "unknown type '" + source.types[0] + "'");
    std::string rest = type_end == std::string::npos
                           ? ""
                           : std::string(trimmed(std::string_view(line).substr(type_end)));
    if (rest.starts_with('[')) {
        const auto close = rest.find(']');
        if (close == std::string::npos) fail(file, number, "'[' without ']'");
        for (const auto& option : words(rest.substr(1, close - 1)))
            take_option(source, option, file, number);
        rest = rest.substr(close + 1);
    }
    const auto parts = words(rest);
    if (parts.size() < 2) fail(file, number, "URI or suite is missing");
    source.uris = {parts[0]};
    source.suites = {parts[1]};
    source.components.assign(parts.begin() + 2, parts.end());
    if (source.components.empty() && !source.suites[0].ends_with('/'))
        fail(file, number, "component is missing");
    return source;
}

struct SourceStanza {
    std::map<std::string, std::string> fields;  ///< by lower-case name
    std::map<std::string, std::string> names;   ///< lower-case name → as written
    int line = 0;
};

void take_stanza(std::vector<AptSource>& sources, SourceStanza& stanza, const std::string& file) {
    if (stanza.fields.empty()) return;
    const SourceStanza taken = std::exchange(stanza, {});
    if (const auto enabled = taken.fields.find("enabled");
        enabled != taken.fields.end() && is_no(enabled->second))
        return;
    AptSource source;
    source.file = file;
    for (const auto& [name, value] : taken.fields) {
        if (name == "types") source.types = words(value);
        else if (name == "uris") source.uris = words(value);
        else if (name == "suites") source.suites = words(value);
        else if (name == "components") source.components = words(value);
        else if (name == "signed-by") source.signed_by = value;
        else if (name != "enabled" && !name.starts_with("x-repolib"))
            source.options[taken.names.at(name)] = joined(words(value));
    }
    if (source.types.empty()) fail(file, taken.line, "the stanza has no Types");
    if (source.uris.empty()) fail(file, taken.line, "the stanza has no URIs");
    if (source.suites.empty()) fail(file, taken.line, "the stanza has no Suites");
    sources.push_back(std::move(source));
}

void append(std::vector<AptSource>& to, std::vector<AptSource> from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

std::vector<AptSource> parse_source_list(std::string_view text, const std::string& file) {
    std::vector<AptSource> sources;
    std::istringstream stream{std::string(text)};
    int number = 0;
    for (std::string line; std::getline(stream, line);) {
        ++number;
        line = std::string(trimmed(line.substr(0, line.find('#'))));
        if (!line.empty()) sources.push_back(parse_line(line, file, number));
    }
    return sources;
}

std::vector<AptSource> parse_deb822_sources(std::string_view text, const std::string& file) {
    std::vector<AptSource> sources;
    std::istringstream stream{std::string(text)};
    SourceStanza stanza;
    std::string field;
    int number = 0;
    for (std::string line; std::getline(stream, line);) {
        ++number;
        if (line.starts_with('#')) continue;
        if (trimmed(line).empty()) {
            take_stanza(sources, stanza, file);
            field.clear();
        } else if (line[0] == ' ' || line[0] == '\t') {
            if (field.empty()) fail(file, number, "a continuation line without a field");
            stanza.fields[field] += "\n" + std::string(trimmed(line));
        } else {
            const auto colon = line.find(':');
            if (colon == std::string::npos || colon == 0) fail(file, number, "not 'Field: value'");
            if (stanza.fields.empty()) stanza.line = number;
            field = in_small_letters(trimmed(line.substr(0, colon)));
            stanza.names[field] = trimmed(line.substr(0, colon));
            stanza.fields[field] = trimmed(line.substr(colon + 1));
        }
    }
    take_stanza(sources, stanza, file);
    return sources;
}

std::vector<AptSource> host_apt_sources(const std::filesystem::path& etc_apt) {
    std::vector<AptSource> sources;
    if (const auto text = read_file_if_any(etc_apt / "sources.list", max_sources_bytes))
        append(sources, parse_source_list(*text, (etc_apt / "sources.list").string()));

    std::vector<fs::path> files;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(etc_apt / "sources.list.d", none))
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
        const std::string extension = file.extension().string();
        if (extension != ".list" && extension != ".sources") continue;
        const std::string text = read_file(file, max_sources_bytes);
        append(sources, extension == ".list" ? parse_source_list(text, file.string())
                                             : parse_deb822_sources(text, file.string()));
    }
    return sources;
}

std::vector<AptSource> restrict_to_suites(const std::vector<AptSource>& sources,
                                          const std::vector<std::string>& suites) {
    std::vector<AptSource> result;
    for (const auto& source : sources) {
        if (std::find(source.types.begin(), source.types.end(), "deb") == source.types.end())
            continue;
        AptSource kept = source;
        kept.types = {"deb"};
        std::erase_if(kept.suites, [&](const std::string& suite) {
            return std::find(suites.begin(), suites.end(), suite) == suites.end();
        });
        if (!kept.suites.empty()) result.push_back(std::move(kept));
    }
    return result;
}

std::vector<std::string> suites_of(const std::vector<AptSource>& sources) {
    std::vector<std::string> result;
    for (const auto& source : sources) {
        if (std::find(source.types.begin(), source.types.end(), "deb") == source.types.end())
            continue;
        for (const auto& suite : source.suites)
            if (std::find(result.begin(), result.end(), suite) == result.end())
                result.push_back(suite);
    }
    return result;
}

std::string to_deb822(const std::vector<AptSource>& sources) {
    std::string text;
    for (const auto& source : sources) {
        if (!text.empty()) text += '\n';
        text += "Types: " + joined(source.types) + "\nURIs: " + joined(source.uris) +
                "\nSuites: " + joined(source.suites) + '\n';
        if (!source.components.empty()) text += "Components: " + joined(source.components) + '\n';
        for (const auto& [name, value] : source.options) text += name + ": " + value + '\n';
        if (source.signed_by.empty()) continue;
        text += "Signed-By:";
        std::istringstream lines(source.signed_by);
        for (std::string line, start = " "; std::getline(lines, line); start = "\n ")
            if (!line.empty()) text += start + line;  // an armoured key starts below its field
        text += '\n';
    }
    return text;
}

std::string sources_for_release(const std::string& deb822, const std::string& codename) {
    static constexpr std::array<std::string_view, 9> releases = {
        "stretch", "buster", "bullseye", "bookworm",    "trixie",
        "forky",   "duke",   "sid",      "experimental"};
    const auto of_release = [](const std::string& suite, std::string_view release) {
        return suite.substr(0, release.size()) == release &&
               (suite.size() == release.size() || suite[release.size()] == '-' ||
                suite[release.size()] == '/');
    };
    const auto fits = [&](const std::string& suite) {
        if (codename.empty() || of_release(suite, codename)) return true;
        return std::none_of(releases.begin(), releases.end(),
                            [&](std::string_view release) { return of_release(suite, release); });
    };
    StanzaReader reader(deb822, "package sources");
    Stanza stanza;
    std::string out;
    while (reader.next(stanza)) {
        std::string suites;
        std::string rest(stanza.get("Suites"));
        std::replace(rest.begin(), rest.end(), '\n', ' ');
        for (std::size_t at = 0; at < rest.size();) {
            const auto end = std::min(rest.find(' ', at), rest.size());
            if (const std::string suite = rest.substr(at, end - at); !suite.empty() && fits(suite))
                suites += (suites.empty() ? "" : " ") + suite;
            at = end + 1;
        }
        if (suites.empty()) continue;
        if (!out.empty()) out += "\n";
        for (const auto& [name, value] : stanza.fields()) {
            const bool is_suites = name == "Suites" || name == "suites";
            out += std::string(name) + ": " + (is_suites ? suites : std::string(value)) + "\n";
        }
    }
    return out;
}

}  // namespace patchlab::families::deb
