// SPDX-License-Identifier: Apache-2.0
//
// The source tree as the tests of the house see it: every file that is ours, its lines, its
// includes, its module.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace patchlab::house {

struct SourceFile {
    std::string path;  ///< from the root, with '/'
    std::string text;

    bool is_code() const { return path.ends_with(".cpp") || path.ends_with(".hpp"); }
    bool is_test() const { return path.starts_with("tests/"); }
    std::vector<std::string> lines() const;
};

struct Include {
    std::string target;  ///< between the quotes or brackets
    bool quoted = false;
    int line = 0;
};

/// Everything below `root`, except build folders, hidden caches and what git keeps for itself.
std::vector<SourceFile> read_tree(const std::filesystem::path& root);

std::vector<Include> includes_of(const SourceFile& file);

/// "platform/core", "orchestrator/pipeline", "labdefs", … or empty for what belongs to no module.
std::string module_of(const std::string& path);

/// Folder of a module → folders of those it may use, directly or through others, from the DEPENDS
/// lists of the CMakeLists.txt.
std::map<std::string, std::set<std::string>> declared_dependencies(
    const std::vector<SourceFile>& files);

/// The host names in apt's configuration below `etc_apt`.
std::set<std::string> package_mirrors(const std::filesystem::path& etc_apt);

}  // namespace patchlab::house
