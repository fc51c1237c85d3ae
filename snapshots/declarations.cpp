// SPDX-License-Identifier: Apache-2.0
#include "snapshots/declarations.hpp"

#include <optional>
#include <vector>

#include "platform/core/text.hpp"
#include "snapshots/entries.hpp"
#include "snapshots/paths.hpp"

namespace patchlab::snapshots {
namespace {

constexpr std::string_view tmpfiles_place = "/usr/lib/tmpfiles.d",
                           sysusers_place = "/usr/lib/sysusers.d";

/// Of lines that make something where nothing is; those that remove, move or only set a mode
/// explain nothing that is new.
std::optional<FileType> made_by(std::string_view type) {
    if (type.empty()) return std::nullopt;
    switch (type[0]) {
        case 'd':
        case 'D':
        case 'v':
        case 'q':
        case 'Q': return FileType::directory;
        case 'f':
        case 'F':
        case 'w':
        case 'C': return FileType::file;
        case 'L': return FileType::symlink;
        case 'p': return FileType::fifo;
        default: return std::nullopt;
    }
}

void read_path(const std::vector<std::string>& fields, Declarations& declared) {
    if (fields.size() < 2 || !fields[1].starts_with('/') ||
        fields[1].find('%') != std::string::npos)
        return;
    const auto type = made_by(fields[0]);
    if (!type) return;
    std::string path = fields[1];
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    if (path.starts_with("/var/run/")) path.erase(0, 4);
    declared.paths[merged_usr(path)] = {*type, fields.size() > 6 ? fields[6] : ""};
}

void read_account(const std::vector<std::string>& fields, Declarations& declared) {
    if (fields.size() < 2) return;
    if (fields[0].starts_with('u')) {
        declared.users.insert(fields[1]);
        declared.groups.insert(fields[1]);
    } else if (fields[0] == "g") {
        declared.groups.insert(fields[1]);
    } else if (fields[0] == "m" && fields.size() > 2) {
        declared.users.insert(fields[1]);
        declared.groups.insert(fields[2]);
    }
}

}  // namespace

Declarations Declarations::of(const std::map<std::string, std::string>& texts) {
    Declarations declared;
    for (const auto& [path, text] : texts) {
        const bool accounts = is_below(path, sysusers_place);
        if (!accounts && !is_below(path, tmpfiles_place)) continue;
        for (const std::string_view line : split_lines(text)) {
            const auto fields = quoted_words(line);
            if (fields.empty() || fields[0].starts_with('#')) continue;
            if (accounts) read_account(fields, declared);
            else read_path(fields, declared);
        }
    }
    return declared;
}

}  // namespace patchlab::snapshots
