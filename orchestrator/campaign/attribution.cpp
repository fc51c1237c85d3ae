// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/campaign/attribution.hpp"

#include <algorithm>

#include "orchestrator/pipeline/run/bisect.hpp"

namespace patchlab::campaign {

namespace {

bool holds_package(const intake::Patch& patch, const std::string& package, bool as_its_own) {
    return std::any_of(patch.packages.begin(), patch.packages.end(),
                       [&](const intake::PatchPackage& one) {
                           return one.name == package && !(as_its_own && one.prerequisite);
                       });
}

/// Whose package it is: the patch of its source, else those that bring it along.
PatchSet owners_of(const std::string& package, const std::vector<intake::Patch>& patches) {
    for (const bool as_its_own : {true, false}) {
        PatchSet owners;
        for (std::size_t i = 0; i < patches.size(); ++i)
            if (holds_package(patches[i], package, as_its_own)) owners.insert(i);
        if (!owners.empty()) return owners;
    }
    return {};
}

bool is_about(const reports::RunReason& reason, const reports::RunChange& change) {
    return reason.machine == change.machine && !change.noise() &&
           reason.subject == change.cls + " " + change.subject;
}

/// The patches behind one reason; empty when nobody accounts for it.
PatchSet behind(const reports::RunReason& reason, const reports::RunDocument& run,
                const std::vector<intake::Patch>& patches) {
    if (!reason.is(reports::ReasonKind::sensitive_change)) return {};
    PatchSet found;
    for (const reports::RunChange& change : run.changes.items) {
        if (!is_about(reason, change)) continue;
        const PatchSet owners =
            change.package.empty() ? PatchSet() : owners_of(change.package, patches);
        if (owners.empty()) return {};
        found.insert(owners.begin(), owners.end());
    }
    return found;
}

}  // namespace

PatchSet blamed_by(const reports::RunDocument& run, const std::vector<intake::Patch>& patches) {
    if (run.verdict != Verdict::needs_review) return {};
    PatchSet blamed;
    for (const reports::RunReason& reason : run.reasons) {
        const PatchSet found = behind(reason, run, patches);
        if (found.empty()) return {};
        blamed.insert(found.begin(), found.end());
    }
    return blamed;
}

std::vector<PatchSet> needs_of(const std::vector<intake::Patch>& patches,
                               const std::vector<pipeline::InstalledPackages>& machines) {
    std::vector<PatchSet> needs = pipeline::needs_within(patches, machines);
    for (std::size_t i = 0; i < patches.size(); ++i)
        for (const intake::PatchPackage& package : patches[i].packages) {
            if (!package.prerequisite) continue;
            for (const std::size_t owner : owners_of(package.name, patches))
                if (owner != i && holds_package(patches[owner], package.name, true))
                    needs[i].insert(owner);
        }
    return needs;
}

}  // namespace patchlab::campaign
