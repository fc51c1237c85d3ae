// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/backup/contents.hpp"

#include <algorithm>
#include <array>

#include "platform/core/files.hpp"

namespace patchlab::backup {

namespace {

using Parts = std::vector<std::string>;

Parts parts_of(const fs::path& path) {
    Parts parts;
    for (const fs::path& part : path) parts.push_back(part.string());
    return parts;
}

bool is_lock(const std::string& name) { return name == "lock" || name.ends_with(".lock"); }

/// Of an image what the store needs to list it, not its disk.
bool can_be_made_again(const Parts& parts) {
    static constexpr std::array whole{"prepared", "tmp", "host", "apt", "derived", "node-contents"};
    if (std::find(whole.begin(), whole.end(), parts[0]) != whole.end()) return true;
    return parts[0] == "images" && parts.size() == 2 && !parts[1].ends_with(".json") &&
           !parts[1].ends_with(".status");
}

bool is_of_a_process(const Parts& parts) {
    if (is_lock(parts.back()) || parts[0].starts_with("patchlab.db")) return true;
    if (parts[0] == "notify" && parts.size() == 2 && parts[1] == "scratch") return true;
    if (parts[0] == "catalog" && parts.size() == 2 && (parts[1] == "work" || parts[1] == "making"))
        return true;
    if (parts[0] != "runs") return false;
    return (parts.size() == 2 && parts[1].ends_with(".part")) ||
           (parts.size() == 3 && (parts[2] == "work" || parts[2].ends_with(".part")));
}

bool is_settled(const Parts& parts) {
    return parts[0] == "catalog" || parts[0] == "patches" ||
           (parts[0] == "runs" && parts.size() > 3 && parts[2] == "evidence");
}

}  // namespace

Contents contents_of(const fs::path& state) {
    Contents found;
    fs::recursive_directory_iterator walk(state), end;
    for (; walk != end; ++walk) {
        const fs::path path = walk->path().lexically_relative(state);
        const Parts parts = parts_of(path);
        if (can_be_made_again(parts) || is_of_a_process(parts)) {
            if (walk->is_directory() && !walk->is_symlink()) walk.disable_recursion_pending();
            continue;
        }
        const bool special =
            !walk->is_symlink() && !walk->is_directory() && !walk->is_regular_file();
        if (special) continue;  // a socket of a process
        if (parts[0] == "keys") {
            if (walk->is_regular_file() && !walk->is_symlink()) found.keys.push_back(path.string());
        } else {
            (is_settled(parts) ? found.settled : found.changing).push_back(path.string());
        }
    }
    for (auto* list : {&found.settled, &found.changing, &found.keys})
        std::sort(list->begin(), list->end());
    return found;
}

}  // namespace patchlab::backup
