// SPDX-License-Identifier: Apache-2.0
//
// reaches_beyond(): files that matter to others than the package that brought them, whoever
// explains them.
#include <algorithm>

#include "snapshots/attribute_parts.hpp"
#include "snapshots/paths.hpp"

namespace patchlab::snapshots {
namespace {

/// The owner of a program may replace it, and who starts it may be root.
bool is_anothers_program(const FileState* state, std::string_view path) {
    if (state == nullptr || state->type != FileType::file || state->uid == 0) return false;
    if (path.starts_with("/usr/lib")) return is_executable(*state) || matches("*.so*", path);
    const auto programs = {"/usr/bin/*", "/usr/sbin/*",   "/usr/local/*",
                           "/boot/*",    "/etc/init.d/*", "/etc/profile.d/*"};
    return std::any_of(programs.begin(), programs.end(),
                       [&](const char* place) { return matches(place, path); });
}

bool is_passing_place(std::string_view path) {
    return is_below(path, "/tmp") || is_below(path, "/var/tmp");
}

}  // namespace

bool reaches_beyond(const Change& change) {
    const FileState* before = change.file_before();
    const FileState* after = change.file_after();
    if (!change.is_of_file() || after == nullptr) return false;
    const auto newly = [&](bool (*is)(const FileState&)) {
        return is(*after) && (before == nullptr || !is(*before));
    };
    if (newly(is_world_writable) && !is_passing_place(change.subject)) return true;
    if (newly(is_locked)) return true;
    if (is_device(*after) && change.before != change.after) return true;
    const std::string path = merged_usr(change.subject);
    return is_anothers_program(after, path) && !is_anothers_program(before, path);
}

}  // namespace patchlab::snapshots
