// SPDX-License-Identifier: Apache-2.0
//
// What people said to a run. Each person has one voice, the newest; the one who asked for the run
// has none for it.
#include <algorithm>

#include "orchestrator/governance/requirements.hpp"
#include "orchestrator/governance/ruling_chain.hpp"

namespace patchlab::governance {

namespace {

/// The newest approval or rejection of each person, in the order in which they were given.
std::vector<const Ruling*> voices(const std::vector<Ruling>& rulings) {
    std::vector<const Ruling*> newest;
    for (const Ruling& ruling : rulings) {
        if (ruling.kind == RulingKind::waive) continue;
        const auto earlier = std::find_if(newest.begin(), newest.end(), [&](const Ruling* older) {
            return same_person(older->author, ruling.author);
        });
        if (earlier != newest.end()) {
            if (!replaces(ruling, **earlier)) continue;
            newest.erase(earlier);
        }
        newest.push_back(&ruling);
    }
    return newest;
}

std::string shown(const Ruling& ruling) {
    return std::string(name(ruling.kind)) + " by " + ruling.author + ", " + ruling.time +
           ", ruling " + ruling.digest().substr(0, 16);
}

Requirement require_approvals(const ApprovalDemand& wanted, const EvidenceFacts& facts,
                              const std::vector<const Ruling*>& voices) {
    Requirement out{
        "approval:" + std::string(name(wanted.role)), RequirementState::missing, "", {}};
    std::vector<std::string> authors;
    std::size_t kept_by_patchlab = 0;
    for (const Ruling* ruling : voices) {
        if (ruling->kind != RulingKind::approve || ruling->role != wanted.role) continue;
        out.evidence.push_back(shown(*ruling));
        if (same_person(ruling->author, facts.run.requester))
            continue;  // never recorded; and never counted, whatever is on record
        if (wanted.own_key && ruling->custody != KeyCustody::own) ++kept_by_patchlab;
        else authors.push_back(ruling->author);
    }
    std::string who;
    for (const std::string& author : authors) who += (who.empty() ? "" : ", ") + author;
    if (authors.size() >= static_cast<std::size_t>(wanted.count)) {
        out.state = RequirementState::passed;
        out.detail = "approved by " + who;
        return out;
    }
    out.detail = std::to_string(wanted.count) + " wanted" +
                 (wanted.own_key ? ", each with a key of their own" : "") + ", " +
                 std::to_string(authors.size()) + " given" + (who.empty() ? "" : ": " + who);
    if (kept_by_patchlab > 0)
        out.detail += "; " + std::to_string(kept_by_patchlab) + " by a key that patchlab keeps";
    return out;
}

}  // namespace

std::vector<Requirement> require_people(const std::map<Role, ApprovalDemand>& wanted,
                                        const EvidenceFacts& facts,
                                        const std::vector<Ruling>& rulings) {
    std::vector<Requirement> all;
    const std::vector<const Ruling*> said = voices(rulings);
    for (const Ruling* ruling : said)
        if (ruling->kind == RulingKind::reject)
            all.push_back({"rejection:" + ruling->author,
                           RequirementState::failed,
                           "rejected by " + ruling->author + ": " + ruling->reason,
                           {shown(*ruling)}});
    for (const auto& [role, demand] : wanted) all.push_back(require_approvals(demand, facts, said));
    return all;
}

}  // namespace patchlab::governance
