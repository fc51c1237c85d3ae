// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/rpm/repositories.hpp"

#include <algorithm>
#include <sstream>

#include <pugixml.hpp>

#include "orchestrator/families/rpm/family.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/text.hpp"

namespace patchlab::families::rpm {

namespace {

constexpr std::size_t most_sources = 1U << 20, most_repositories = 500;

std::vector<std::string> listed_words(const std::string& value) {
    std::string spaced = value;
    std::replace(spaced.begin(), spaced.end(), ',', ' ');
    std::istringstream in(spaced);
    std::vector<std::string> all;
    for (std::string word; in >> word;) all.push_back(word);
    return all;
}

bool is_yes(const std::string& value) {
    const std::string low = in_small_letters(value);
    return low == "1" || low == "yes" || low == "true" || low == "on";
}

bool is_repository_id(std::string_view text) {
    return !text.empty() && text.size() <= 200 && text[0] != '.' && text[0] != '-' &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return is_digit(c) || (small(c) >= 'a' && small(c) <= 'z') ||
                      std::string_view("-_.:").find(c) != std::string_view::npos;
           });
}

void take_setting(RepoSource& source, const std::string& key, const std::string& value) {
    if (key == "name") source.name = value;
    else if (key == "baseurl")
        for (std::string address : listed_words(value)) {
            while (address.ends_with('/')) address.pop_back();
            source.addresses.push_back(std::move(address));
        }
    else if (key == "mirrorlist" || key == "metalink") source.mirrors = value;
    else if (key == "gpgkey")
        for (std::string& one : listed_words(value)) source.keys.push_back(std::move(one));
    else if (key == "enabled") source.enabled = is_yes(value);
    else if (key == "gpgcheck" || key == "pkg_gpgcheck") source.check_packages = is_yes(value);
    else if (key == "repo_gpgcheck") source.check_index = is_yes(value);
    else if (key == "exclude" || key == "excludepkgs") source.excluded = listed_words(value);
}

bool goes_on_a_name(char c) {
    return is_digit(c) || (small(c) >= 'a' && small(c) <= 'z') || c == '_';
}

[[noreturn]] void bad_line(int line, const std::string& why) {
    throw Error(ErrorCode::invalid, "package sources: line " + std::to_string(line) + ": " + why);
}

}  // namespace

std::vector<RepoSource> parse_repositories(const std::string& text) {
    if (text.size() > most_sources)
        throw Error(ErrorCode::invalid, "the package sources are larger than 1 MiB");
    std::vector<RepoSource> all;
    std::string key;
    int number = 0;
    for (const std::string_view raw : split_lines(text)) {
        ++number;
        const std::string line(trimmed(raw));
        if (line.empty() || line[0] == '#' || line[0] == ';') continue;
        if (line[0] == '[') {
            const std::string id = line.substr(1, line.find(']') - 1);
            if (!line.ends_with(']') || !is_repository_id(id)) bad_line(number, "no repository id");
            if (all.size() >= most_repositories) bad_line(number, "too many repositories");
            all.emplace_back().id = id;
            key.clear();
            continue;
        }
        if (all.empty()) bad_line(number, "a setting before the first [repository]");
        if (raw[0] == ' ' || raw[0] == '\t') {
            // the value goes on
            if (key.empty()) bad_line(number, "continues nothing");
            take_setting(all.back(), key, line);
            continue;
        }
        const auto equals = line.find('=');
        if (equals == std::string::npos) bad_line(number, "neither a [repository] nor key=value");
        key = std::string(trimmed(line.substr(0, equals)));
        take_setting(all.back(), key, std::string(trimmed(line.substr(equals + 1))));
    }
    // [main] is the settings of dnf itself
    std::erase_if(all, [](const RepoSource& source) { return source.id == "main"; });
    return all;
}

std::string to_text(const std::vector<RepoSource>& sources) {
    const auto line = [](const char* key, const std::string& value) {
        return value.empty() ? std::string() : std::string(key) + "=" + value + "\n";
    };
    const auto list = [](const std::vector<std::string>& words) {
        std::string all;
        for (const std::string& word : words) all += (all.empty() ? "" : " ") + word;
        return all;
    };
    std::string text;
    for (const RepoSource& source : sources)
        text += (text.empty() ? "[" : "\n[") + source.id + "]\n" + line("name", source.name) +
                line("baseurl", list(source.addresses)) + line("mirrorlist", source.mirrors) +
                line("enabled", source.enabled ? "1" : "0") +
                line("gpgcheck", source.check_packages ? "1" : "0") +
                line("repo_gpgcheck", source.check_index ? "1" : "0") +
                line("gpgkey", list(source.keys)) + line("excludepkgs", list(source.excluded));
    return text;
}

std::string with_variables(std::string text, const std::map<std::string, std::string>& values) {
    for (const auto& [name, value] : values)
        for (const std::string& form : {"${" + name + "}", "$" + name})
            for (auto at = text.find(form); at != std::string::npos; at = text.find(form, at)) {
                const auto end = at + form.size();
                if (form.back() != '}' && end < text.size() && goes_on_a_name(text[end])) {
                    at = end;  // of a longer one
                    continue;
                }
                text.replace(at, form.size(), value);
                at += value.size();
            }
    return text;
}

std::vector<RepoSource> host_repositories(const fs::path& root) {
    std::vector<RepoSource> all;
    for (const char* folder : {"etc/yum.repos.d", "etc/zypp/repos.d"}) {
        std::vector<fs::path> files;
        std::error_code ignored;
        for (const auto& entry : fs::directory_iterator(root / folder, ignored))
            if (entry.path().extension() == ".repo") files.push_back(entry.path());
        std::sort(files.begin(), files.end());
        for (const fs::path& file : files)
            for (RepoSource& source : parse_repositories(read_file(file, most_sources)))
                if (source.enabled) all.push_back(std::move(source));
    }
    return all;
}

std::map<std::string, IndexFile> read_repomd(const std::string& text, const std::string& where) {
    pugi::xml_document document;
    if (const auto result = document.load_buffer(text.data(), text.size()); !result)
        throw Error(ErrorCode::invalid, where + " is no XML: " + result.description());
    std::map<std::string, IndexFile> files;
    for (const pugi::xml_node& data : document.child("repomd").children("data")) {
        IndexFile file;
        file.location = data.child("location").attribute("href").as_string();
        if (data.child("checksum").attribute("type").as_string() == std::string("sha256"))
            file.sha256 = data.child("checksum").text().as_string();
        file.bytes = data.child("size").text().as_ullong();
        if (file.location.empty() || file.location[0] == '/' ||
            file.location.find("..") != std::string::npos ||
            file.location.find("://") != std::string::npos)
            throw Error(ErrorCode::invalid, where + " names a file outside of the repository");
        files.emplace(data.attribute("type").as_string(), std::move(file));
    }
    if (!files.contains("primary"))
        throw Error(ErrorCode::invalid, where + " is no index of an rpm repository");
    return files;
}

}  // namespace patchlab::families::rpm
