// SPDX-License-Identifier: Apache-2.0
//
// One event in the world, one line in the report: a file change that a fact tells better is named
// in the fact's why and dropped. Only when both got the same attribution, the file's mode and owner
// are as they were, and nothing sensitive would be lost.
#include <algorithm>
#include <array>
#include <set>

#include "snapshots/attribute_parts.hpp"
#include "snapshots/file_text.hpp"

namespace patchlab::snapshots {
namespace {

constexpr std::array account_files = {
    std::string_view("/etc/passwd"), std::string_view("/etc/shadow"),
    std::string_view("/etc/group"),  std::string_view("/etc/gshadow"),
    std::string_view("/etc/subuid"), std::string_view("/etc/subgid")};

bool is_account_file(std::string_view path) {
    if (path.ends_with('-')) path.remove_suffix(1);
    return std::find(account_files.begin(), account_files.end(), path) != account_files.end();
}

bool is_account_fact(const Change& change) {
    return !is_file_change(change) && !change.attribution.is_noise() &&
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
        if (!is_file_change(change) || !is_account_file(change.subject) ||
            change.attribution.is_noise())
            continue;
        if (change.kind != ChangeKind::changed || meaning(*change.before) != meaning(*change.after))
            continue;
        change.attribution = attribution;
        change.why = why;
    }
}

/// Whether the fact says what happened to the file.
bool speaks_of(const Change& fact, const Change& file) {
    const std::string_view subject = fact.subject;
    const std::string_view path = file.subject;
    if (fact.cls == ChangeClass::user || fact.cls == ChangeClass::group)
        return is_account_file(path);
    if (fact.cls == ChangeClass::unit || fact.cls == ChangeClass::timer) {
        return file.cls == fact.cls && file_name(path) == subject &&
               (fact.kind == file.kind || (file.after && file.after->starts_with("symlink ")));
    }
    if (fact.cls == ChangeClass::alternative && path.starts_with("/var/lib/dpkg/alternatives/")) {
        return subject == "/etc/alternatives/" + std::string(file_name(path)) + ": alternative";
    }
    return subject.size() > path.size() + 1 && subject.starts_with(path) &&
           subject[path.size()] == ':';
}

bool foldable(const Change& file) {
    if (!is_file_change(file) || file.attribution.is_noise() || file.kind == ChangeKind::unreadable)
        return false;
    if (file.after && (is_world_writable(*file.after) ||
                       (is_executable(*file.after) && file.cls != ChangeClass::cron)))
        return false;
    const bool links = file.before && file.after && file.before->starts_with("symlink ") &&
                       file.after->starts_with("symlink ");
    return file.kind != ChangeKind::changed || links ||
           meaning(*file.before) == meaning(*file.after);
}

}  // namespace

void fold_files_into_facts(std::vector<Change>& changes) {
    explain_account_files(changes);
    std::vector<std::size_t> facts;
    for (std::size_t i = 0; i < changes.size(); ++i) {
        if (!is_file_change(changes[i]) && !changes[i].attribution.is_noise() &&
            changes[i].kind != ChangeKind::unreadable)
            facts.push_back(i);
    }
    std::set<std::size_t> dropped;
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const Change& file = changes[i];
        if (!foldable(file)) continue;
        const auto fact = std::find_if(facts.begin(), facts.end(), [&](std::size_t at) {
            const Change& candidate = changes[at];
            return candidate.machine == file.machine && candidate.attribution == file.attribution &&
                   (candidate.sensitive || !file.sensitive) && speaks_of(candidate, file);
        });
        if (fact == facts.end()) continue;
        changes[*fact].why +=
            (changes[*fact].why.find("; with it ") == std::string::npos ? "; with it " : ", ") +
            file.subject;
        dropped.insert(i);
    }
    std::size_t at = 0;
    std::erase_if(changes, [&](const Change&) { return dropped.contains(at++); });
}

}  // namespace patchlab::snapshots
