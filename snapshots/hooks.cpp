// SPDX-License-Identifier: Apache-2.0
//
// written_by_hook(): hooks of the package manager that the owner of a machine installed run around
// every installation. What they write is the machine's own, whatever was installed. Only of hooks
// that were registered before the patch; and only data: a hook's file that becomes a program, or
// another's, is somebody's doing.
#include <algorithm>

#include "snapshots/attribute_parts.hpp"
#include "snapshots/fingerprint.hpp"
#include "snapshots/paths.hpp"

namespace patchlab::snapshots {
namespace {

/// A record that is rewritten may be executable, as long as it was so before.
bool keeps_its_attributes(const Change& change) {
    const FileState* before = change.file_before();
    const FileState* after = change.file_after();
    return change.kind == ChangeKind::changed && before != nullptr && after != nullptr &&
           same_attributes(*before, *after);
}

bool is_one_of_ends(std::string_view text, std::initializer_list<std::string_view> ends) {
    return std::any_of(ends.begin(), ends.end(),
                       [&](std::string_view end) { return text.ends_with(end); });
}

/// A path that the text of a hook says it writes: "ls > /var/backups/packages". Where data
/// changes anyway, a name for it is enough: "LIST=/var/backups/packages".
bool is_output_in(std::string_view text, std::string_view path, bool named_is_enough) {
    for (std::size_t at = text.find(path); at != std::string_view::npos;
         at = text.find(path, at + 1)) {
        const std::size_t end = at + path.size();
        const bool ends = end == text.size() ||
                          std::string_view(" \"';)/").find(text[end]) != std::string_view::npos;
        std::string_view left = text.substr(0, at);
        while (is_one_of_ends(left, {" ", "\"", "'", "\\"})) left.remove_suffix(1);
        const bool written = is_one_of_ends(left, {">", " tee", " -a", " touch", " -o"}) ||
                             (named_is_enough && left.ends_with('='));
        if (ends && written) return true;
    }
    return false;
}

/// The file itself, or a folder of several levels that it lies in ("/var/backups/lists").
bool is_output(std::string_view text, std::string_view path) {
    const bool changes_anyway = is_volatile_place(path);
    if (is_output_in(text, path, changes_anyway)) return true;
    const std::string_view folder = folder_of(path);
    return changes_anyway && std::count(folder.begin(), folder.end(), '/') >= 3 &&
           is_output_in(text, folder, true);
}

}  // namespace

std::string written_by_hook(const Change& change, const PackageIndex& packages) {
    if (!change.is_of_file() || change.kind == ChangeKind::unreadable) return {};
    const std::string& path = change.subject;
    if (packages.ships_at(path) != nullptr) return {};
    for (const auto& [file, text] : packages.registries().all_before("hook")) {
        for (const HookRule& rule : packages.rules().hooks)
            if (matches(rule.glob, path) && names_word(text, rule.hook) &&
                (only_data(change) || keeps_its_attributes(change)))
                return rule.hook +
                       " writes it around each installation; the owner of the machine "
                       "had it in " +
                       file;
        if (change.kind != ChangeKind::removed && only_data(change) && !is_wiped_log(change) &&
            is_output(text, path))
            return "a hook that the owner of the machine had in " + file +
                   " writes it around each installation";
    }
    return {};
}

}  // namespace patchlab::snapshots
