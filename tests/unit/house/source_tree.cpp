// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/house/source_tree.hpp"

#include <functional>
#include <regex>
#include <sstream>

#include "platform/core/files.hpp"

namespace patchlab::house {

std::vector<std::string> SourceFile::lines() const {
    std::vector<std::string> out;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
}

std::vector<SourceFile> read_tree(const std::filesystem::path& root) {
    static const std::set<std::string> skipped{".git", "build", ".cache", "__pycache__"};
    std::vector<SourceFile> files;
    for (auto it = fs::recursive_directory_iterator(root); it != fs::recursive_directory_iterator();
         ++it) {
        if (it->is_directory() && !it->is_symlink() &&
            skipped.contains(it->path().filename().string()))
            it.disable_recursion_pending();
        if (!it->is_regular_file() || it->is_symlink() || it->file_size() > (4U << 20)) continue;
        files.push_back({fs::relative(it->path(), root).generic_string(), read_file(it->path())});
    }
    return files;
}

std::vector<Include> includes_of(const SourceFile& file) {
    static const std::regex pattern(R"re(^\s*#\s*include\s*([<"])([^>"]+)[>"])re");
    std::vector<Include> found;
    int number = 0;
    for (const std::string& line : file.lines()) {
        ++number;
        std::smatch match;
        if (line.find("include") != std::string::npos && std::regex_search(line, match, pattern))
            found.push_back({match[2], match[1] == "\"", number});
    }
    return found;
}

std::string module_of(const std::string& path) {
    static const std::set<std::string> single{"labdefs", "testsuites", "snapshots", "reports"};
    const fs::path parts(path);
    auto part = parts.begin();
    if (part == parts.end()) return {};
    const std::string top = part->string();
    if (single.contains(top)) return top;
    if ((top != "platform" && top != "orchestrator") || std::next(part, 2) == parts.end() ||
        ++part == parts.end())
        return {};
    return top + "/" + part->string();
}

std::map<std::string, std::set<std::string>> declared_dependencies(
    const std::vector<SourceFile>& files) {
    static const std::regex call(R"(patchlab_module\(([^)]*)\))");
    std::map<std::string, std::string> folder_of;             // "core" → "platform/core"
    std::map<std::string, std::vector<std::string>> depends;  // by name
    for (const SourceFile& file : files) {
        std::smatch match;
        if (!file.path.ends_with("/CMakeLists.txt") || file.is_test() ||
            !std::regex_search(file.text, match, call))
            continue;
        std::istringstream words(match[1]);
        std::string name;
        words >> name;
        folder_of[name] = file.path.substr(0, file.path.rfind('/'));
        bool in_depends = false;
        for (std::string word; words >> word;) {
            if (word == "DEPENDS" || word == "PRIVATE_LIBS" || word == "PUBLIC_LIBS")
                in_depends = word == "DEPENDS";
            else if (in_depends) depends[name].push_back(word);
        }
    }
    std::map<std::string, std::set<std::string>> closed;
    for (const auto& [name, folder] : folder_of) {
        std::set<std::string>& all = closed[folder];
        const std::function<void(const std::string&)> visit = [&](const std::string& from) {
            for (const std::string& to : depends[from])
                if (all.insert(folder_of[to]).second) visit(to);
        };
        visit(name);
    }
    return closed;
}

std::set<std::string> package_mirrors(const std::filesystem::path& etc_apt) {
    static const std::regex url(R"([a-z+]+://(?:[^/@\s"]*@)?([A-Za-z0-9.-]+))");
    std::set<std::string> hosts;
    std::error_code none;
    for (const auto& entry : fs::recursive_directory_iterator(
             etc_apt, fs::directory_options::skip_permission_denied, none)) {
        const std::string name = entry.path().string();
        const bool listed = name.ends_with(".list") || name.ends_with(".sources") ||
                            name.find("apt.conf") != std::string::npos;
        if (!listed || !entry.is_regular_file()) continue;
        std::istringstream in(read_file(entry.path()));
        for (std::string line; std::getline(in, line);) {
            if (line.starts_with("#") || line.starts_with("//")) continue;
            for (std::sregex_iterator it(line.begin(), line.end(), url), end; it != end; ++it)
                if (const std::string host = (*it)[1]; host.find('.') != std::string::npos)
                    hosts.insert(host);
        }
    }
    return hosts;
}

}  // namespace patchlab::house
