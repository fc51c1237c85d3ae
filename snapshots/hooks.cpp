// SPDX-License-Identifier: Apache-2.0
//
// written_by_hook(): hooks of the package manager that the owner of a machine installed run around
// every installation. What they write is the machine's own, whatever was installed. Only of hooks
// that were registered before the patch; and only data: a hook's file that becomes a program, or
// another's, is somebody's doing.
#include "snapshots/attribute_parts.hpp"
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

/// A path that a hook's own line names: "dpkg -l > /var/backups/packages". A file of the hook that
/// is run is no output.
bool is_output_in(std::string_view text, std::string_view path) {
    for (std::size_t at = text.find(path); at != std::string_view::npos;
         at = text.find(path, at + 1)) {
        const std::size_t end = at + path.size();
        const bool ends = end == text.size() || text[end] == ' ' || text[end] == '"' ||
                          text[end] == ';' || text[end] == '\'' || text[end] == ')';
        std::string_view before = text.substr(0, at);
        while (before.ends_with(' ')) before.remove_suffix(1);
        const bool written = before.ends_with('>') || before.ends_with("tee") ||
                             before.ends_with("-a") || before.ends_with("touch") ||
                             before.ends_with("-o");
        if (ends && written) return true;
    }
    return false;
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
            is_output_in(text, path))
            return "a hook that the owner of the machine had in " + file +
                   " writes it around each installation";
    }
    return {};
}

}  // namespace patchlab::snapshots
