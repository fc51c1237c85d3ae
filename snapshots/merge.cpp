// SPDX-License-Identifier: Apache-2.0
//
// One event in the world, one line in the report: a file change that a fact tells better is named
// in the fact's why and dropped. Only when both got the same attribution, the file's mode and owner
// are as they were, and nothing sensitive would be lost.
#include <algorithm>
#include <array>
#include <set>

#include "snapshots/attribute_parts.hpp"
#include "snapshots/paths.hpp"

namespace patchlab::snapshots {
namespace {

constexpr std::array account_files = {
    std::string_view("/etc/passwd"), std::string_view("/etc/shadow"),
    std::string_view("/etc/group"),  std::string_view("/etc/gshadow"),
    std::string_view("/etc/subuid"), std::string_view("/etc/subgid")};

bool is_link(const FileState* state) {
    return state != nullptr && state->type == FileType::symlink;
}

/// Of a changed file: mode, owner and attributes are as they were.
bool only_content_changed(const Change& change) {
    const FileState* before = change.file_before();
    const FileState* after = change.file_after();
    return before != nullptr && after != nullptr && same_attributes(*before, *after);
}

bool is_account_file(std::string_view path) {
    if (path.ends_with('-')) path.remove_suffix(1);
    return std::find(account_files.begin(), account_files.end(), path) != account_files.end();
}

/// The link whose state the package manager keeps in this file.
std::string alternatives_link(std::string_view path) {
    return "/etc/alternatives/" + std::string(file_name(path));
}

bool is_account_fact(const Change& change) {
    return !change.is_of_file() && !change.attribution.is_noise() &&
           change.kind != ChangeKind::unreadable &&
           (change.cls == ChangeClass::user || change.cls == ChangeClass::group);
}

/// The account files say what the facts about accounts say, so they share their attribution:
/// unexplained if any of these is.
void explain_account_files(std::vector<Change>& changes) {
    const Change* fact = nullptr;
    for (const Change& change : changes) {
        if (is_account_fact(change) && (fact == nullptr || change.attribution.is_unexplained()))
            fact = &change;
    }
    if (fact == nullptr) return;
    const Attribution attribution = fact->attribution;
    const std::string why =
        "written when '" + fact->subject + "' was " + std::string(name(fact->kind));
    for (Change& change : changes) {
        if (!change.is_of_file() || !is_account_file(change.subject) ||
            change.attribution.is_noise() || change.kind != ChangeKind::changed ||
            !only_content_changed(change))
            continue;
        change.attribution = attribution;
        change.why = why;
    }
}

/// Whether the fact says what happened to the file.
bool speaks_of(const Change& fact, const Change& file, const AttributionRules& rules) {
    const std::string_view path = file.subject;
    if (fact.cls == ChangeClass::user || fact.cls == ChangeClass::group)
        return is_account_file(path);
    if (fact.cls == ChangeClass::unit || fact.cls == ChangeClass::timer) {
        return file.cls == fact.cls && file_name(path) == fact.subject &&
               (fact.kind == file.kind || is_link(file.file_after()));
    }
    const auto* line = std::get_if<FileFact>(&fact.about);
    if (line == nullptr) return false;
    if (fact.cls == ChangeClass::alternative && !rules.alternatives.empty() &&
        is_below(path, rules.alternatives))
        return line->line == "alternative" && line->path == alternatives_link(path);
    return line->path == path;
}

/// Whether a fact may stand for the file, too.
bool may_be_merged(const Change& file) {
    if (!file.is_of_file() || file.attribution.is_noise() || file.kind == ChangeKind::unreadable)
        return false;
    const FileState* after = file.file_after();
    if (after != nullptr &&
        (is_world_writable(*after) || (is_executable(*after) && file.cls != ChangeClass::cron)))
        return false;
    const bool links = is_link(file.file_before()) && is_link(after);
    return file.kind != ChangeKind::changed || links || only_content_changed(file);
}

}  // namespace

void merge_files_into_facts(std::vector<Change>& changes, const AttributionRules& rules) {
    explain_account_files(changes);
    std::vector<std::size_t> facts;
    for (std::size_t i = 0; i < changes.size(); ++i) {
        if (!changes[i].is_of_file() && !changes[i].attribution.is_noise() &&
            changes[i].kind != ChangeKind::unreadable)
            facts.push_back(i);
    }
    std::set<std::size_t> dropped;
    std::set<std::size_t> with_files;  ///< facts that name a file already
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const Change& file = changes[i];
        if (!may_be_merged(file)) continue;
        const auto fact = std::find_if(facts.begin(), facts.end(), [&](std::size_t at) {
            const Change& candidate = changes[at];
            return candidate.machine == file.machine && candidate.attribution == file.attribution &&
                   (candidate.sensitive || !file.sensitive) && speaks_of(candidate, file, rules);
        });
        if (fact == facts.end()) continue;
        const bool first = with_files.insert(*fact).second;
        changes[*fact].why += (first ? "; with it " : ", ") + file.subject;
        changes[*fact].merged.push_back(file.subject);
        if (changes[*fact].concern.empty()) changes[*fact].concern = file.concern;
        dropped.insert(i);
    }
    std::size_t at = 0;
    std::erase_if(changes, [&](const Change&) { return dropped.contains(at++); });
}

}  // namespace patchlab::snapshots
