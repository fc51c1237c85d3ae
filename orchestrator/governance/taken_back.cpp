// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/taken_back.hpp"

#include <algorithm>

#include "orchestrator/governance/decision.hpp"

namespace patchlab::governance {

namespace {

constexpr std::string_view entry_mark = "entry ";
constexpr std::size_t packages_named = 5;

/// As a line of what was looked at: "entry e-20261130-0002: quarantined".
std::string mark_of(const TakenBackEntry& entry) {
    return std::string(entry_mark) + entry.entry + ": " + entry.state;
}

std::string names_of(const std::vector<std::string>& packages) {
    std::string text;
    const std::size_t shown = std::min(packages.size(), packages_named);
    for (std::size_t i = 0; i < shown; ++i) text += (i == 0 ? "" : ", ") + packages[i];
    if (packages.size() > shown)
        text += " and " + std::to_string(packages.size() - shown) + " more";
    return text.empty() ? "a package of it" : text;
}

}  // namespace

std::string text_of(const TakenBackEntry& entry) {
    std::string text = names_of(entry.packages) + (entry.packages.size() > 1 ? " are " : " is ") +
                       entry.state + " as entry " + entry.entry;
    if (!entry.since.empty()) text += " since " + entry.since;
    if (!entry.reason.empty()) text += ": " + entry.reason;
    return text;
}

void look_for_taken_back(const AskTakenBack& ask, EvidenceFacts& facts) {
    if (!ask || !facts.intact()) return;
    std::set<std::string> digests;
    for (const reports::RunPatch& patch : facts.run.patches)
        for (const reports::RunPackage& package : patch.packages)
            if (!package.sha256.empty()) digests.insert(package.sha256);
    if (!digests.empty()) facts.taken_back = ask(digests);
}

void require_not_taken_back(const EvidenceFacts& facts, std::vector<Requirement>& all) {
    if (facts.taken_back.empty()) return;
    Requirement requirement{std::string(not_taken_back), RequirementState::failed, "", {}};
    for (const TakenBackEntry& entry : facts.taken_back) {
        requirement.detail += (requirement.detail.empty() ? "" : "; ") + text_of(entry);
        requirement.evidence.push_back(mark_of(entry));
    }
    all.push_back(std::move(requirement));
}

void remember_taken_back(const Decision& told, EvidenceFacts& facts) {
    const Requirement* requirement = told.find(not_taken_back);
    if (!requirement) return;
    for (const std::string& line : requirement->evidence) {
        const std::size_t colon = line.find(": ");
        if (!line.starts_with(entry_mark) || colon == std::string::npos) continue;
        facts.taken_back.push_back({line.substr(entry_mark.size(), colon - entry_mark.size()),
                                    line.substr(colon + 2),
                                    "",
                                    "",
                                    {}});
    }
}

}  // namespace patchlab::governance
