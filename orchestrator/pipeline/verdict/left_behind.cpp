// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/verdict/left_behind.hpp"

#include <algorithm>

#include "snapshots/paths.hpp"

namespace patchlab::pipeline {

namespace {

using snapshots::Change;
using snapshots::ChangeClass;
using snapshots::ChangeKind;

/// A package that the patch brought and that is removed again: its configuration may be remembered
/// until somebody purges it. A purge would be worse as a way back, it may delete data that the new
/// package took over.
bool is_remembered_package(const Change& change) {
    const auto* after = snapshots::state_as<snapshots::PackageState>(change.after);
    return !change.before && after != nullptr &&
           after->status == snapshots::PackageStatus::config_files && !after->hold &&
           after->error.empty();
}

/// Accounts that a package made stay when it goes, so that no other gets their numbers. The files
/// say what the facts about accounts say.
bool is_remembered_account(const Change& change) {
    return (change.cls == ChangeClass::user || change.cls == ChangeClass::group) &&
           (change.kind == ChangeKind::added || change.is_of_file());
}

/// How many processes of a program run differs by itself.
bool is_a_number_of_processes(const Change& change) {
    return change.kind == ChangeKind::changed &&
           snapshots::state_as<snapshots::ProcessCount>(change.after) != nullptr;
}

bool is_folder(const Change& change) {
    const auto* file = change.file_after();
    return file != nullptr && file->type == snapshots::FileType::directory;
}

class Remembered {
  public:
    Remembered(const std::vector<snapshots::PatchedPackage>& packages,
               const std::set<std::string>& removed, const snapshots::AttributionRules& rules)
        : removed_(removed), rules_(rules) {
        for (const snapshots::PatchedPackage& package : packages)
            conffiles_.insert(package.conffiles.begin(), package.conffiles.end());
    }

    /// The package manager, or the policy of packages, leaves this file on purpose.
    bool holds(const Change& change) const {
        if (!change.is_of_file() || change.kind != ChangeKind::added) return false;
        const bool gone = removed_.contains(change.attribution.package());
        if (conffiles_.contains(change.subject)) return gone || !is_read_by_others(change);
        if (!gone || !is_plain(change.cls)) return false;
        // a package that does not own its folders; rpm takes away what is owned, and nothing else
        if (is_folder(change)) return !change.sensitive;
        return snapshots::is_below(change.subject, "/etc") ||
               snapshots::is_below(change.subject, "/var");
    }

  private:
    static bool is_plain(ChangeClass cls) {
        return cls == ChangeClass::file || cls == ChangeClass::unit || cls == ChangeClass::timer;
    }
    /// It configures a program that is still there, as nothing names it but its place.
    bool is_read_by_others(const Change& change) const {
        return !is_plain(change.cls) ||
               snapshots::is_read_by_place(rules_.search_paths, change.subject);
    }

    const std::set<std::string>& removed_;
    const snapshots::AttributionRules& rules_;
    std::set<std::string> conffiles_;
};

bool counts(const Change& change, const Remembered& remembered) {
    if (change.attribution.is_noise() || is_remembered_package(change)) return false;
    if (change.attribution.is_unexplained()) return true;
    return change.lasting && !is_remembered_account(change) && !is_a_number_of_processes(change) &&
           !remembered.holds(change);
}

/// A new folder that holds something which stays on purpose.
bool is_folder_of(const Change& folder, const std::vector<Change>& stays) {
    return folder.kind == ChangeKind::added && is_folder(folder) &&
           std::any_of(stays.begin(), stays.end(), [&](const Change& change) {
               return snapshots::is_below(change.subject, folder.subject);
           });
}

}  // namespace

std::vector<Change> left_behind(const std::vector<Change>& changes,
                                const std::vector<snapshots::PatchedPackage>& packages,
                                const std::set<std::string>& removed,
                                const snapshots::AttributionRules& rules) {
    const Remembered remembered(packages, removed, rules);
    std::vector<Change> left, stays;
    for (const Change& change : changes)
        (counts(change, remembered) ? left : stays).push_back(change);
    std::erase_if(left, [&](const Change& change) {
        return !change.attribution.is_unexplained() && is_folder_of(change, stays);
    });
    return left;
}

}  // namespace patchlab::pipeline
