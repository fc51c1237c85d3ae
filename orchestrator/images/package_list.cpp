// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/images/package_list.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>

#include "platform/core/diagnostics.hpp"
#include "platform/core/error.hpp"

namespace patchlab::images {

namespace {

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

std::vector<std::string> words(const std::string& line) {
    std::istringstream stream(line);
    std::vector<std::string> result;
    for (std::string word; stream >> word;) result.push_back(word);
    return result;
}

/// The state column of `dpkg -l`: three letters of fixed meanings, the third mostly a space ("ii",
/// "rc", "hi", "iHR").
bool is_dpkg_state(const std::string& word) {
    return word.size() >= 2 && word.size() <= 3 &&
           std::string_view("uihrp").find(word[0]) != std::string_view::npos &&
           std::string_view("ncHUFWti").find(word[1]) != std::string_view::npos &&
           (word.size() == 2 || word[2] == 'R');
}

bool is_dpkg_table_head(const std::string& line) {
    return line.starts_with("Desired=") || line.starts_with("| Status=") ||
           line.starts_with("|/ Err?=") || line.starts_with("||/ Name") || line.starts_with("+++-");
}

std::optional<ListedPackage> package_from(std::string name, const std::string& version,
                                          const std::string& architecture) {
    ListedPackage package{"", version, architecture};
    if (const auto colon = name.find(':'); colon != std::string::npos) {
        package.architecture = name.substr(colon + 1);
        name.resize(colon);
    }
    package.name = name;
    if (!is_package_name(name) || (!version.empty() && !is_package_version(version)))
        return std::nullopt;
    return package;
}

/// nullopt: the line is none of the forms. An empty name: a line to be left out.
std::optional<ListedPackage> parse_line(const std::string& line) {
    const auto parts = words(line);
    // "hi nginx 1.0 amd64 …": a package named "hi" would have a version next, which starts with a
    // digit.
    if (parts.size() >= 4 && is_dpkg_state(parts[0]) && is_package_version(parts[2])) {
        if (parts[0][1] != 'i') return ListedPackage{};
        return package_from(parts[1], parts[2], parts[3]);
    }
    if (parts.size() == 1) {
        const auto equals = parts[0].find('=');
        if (equals == std::string::npos) return package_from(parts[0], "", "");
        return equals + 1 == parts[0].size()
                   ? std::nullopt
                   : package_from(parts[0].substr(0, equals), parts[0].substr(equals + 1), "");
    }
    if (parts.size() == 2) return package_from(parts[0], parts[1], "");
    if (parts.size() == 3) return package_from(parts[0], parts[1], parts[2]);
    return std::nullopt;
}

}  // namespace

bool is_package_name(std::string_view text) {
    return text.size() >= 2 && text.size() <= 128 && is_lower_or_digit(text[0]) &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return is_lower_or_digit(c) || c == '+' || c == '-' || c == '.';
           });
}

bool is_package_version(std::string_view text) {
    return !text.empty() && text.size() <= 256 && text[0] >= '0' && text[0] <= '9' &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') ||
                      std::string_view("+-.:~").find(c) != std::string_view::npos;
           });
}

std::vector<ListedPackage> parse_package_list(std::string_view text, const std::string& file) {
    std::map<std::string, ListedPackage> found;
    Diagnostics mistakes;
    std::istringstream stream{std::string(text)};
    int number = 0;
    for (std::string line; std::getline(stream, line);) {
        ++number;
        line.resize(std::min(line.find('#'), line.size()));
        if (words(line).empty() || is_dpkg_table_head(line)) continue;
        const auto package = parse_line(line);
        if (!package)
            mistakes.add(file, number, "",
                         "not a package and a version: '" + line.substr(0, 80) + "'");
        else if (!package->name.empty())
            found[package->name + ":" + package->architecture] = *package;
    }
    mistakes.throw_if_any("the list of packages " + file);
    if (found.empty())
        throw Error(ErrorCode::invalid, file + " lists no package",
                    "`dpkg-query -W > FILE` on the host writes such a list");
    std::vector<ListedPackage> result;
    for (auto& [key, package] : found) result.push_back(std::move(package));
    return result;
}

std::vector<disk::InstalledPackage> installed_packages(const families::PackageFamily& family,
                                                       const families::InstalledSystem& system) {
    std::vector<disk::InstalledPackage> result;
    for (const families::InstalledPackage& package : family.installed(system))
        result.push_back({package.name, package.version, package.architecture});
    return result;
}

}  // namespace patchlab::images
