// SPDX-License-Identifier: Apache-2.0
//
// What people said to a run. Each person has one voice, the newest; the one who asked for the run
// has none for it.
#include "orchestrator/governance/requirements.hpp"

namespace patchlab::governance {

namespace {

/// "rhea", or "rhea (acting: root)" when somebody else's account named them.
std::string who(const Ruling& ruling) {
    const std::string acting = ruling.account.acting_for_another();
    return ruling.author + (acting.empty() ? "" : " (acting: " + acting + ")");
}

std::string shown(const Ruling& ruling) {
    return std::string(name(ruling.kind)) + " by " + who(ruling) + ", " + ruling.time +
           ", ruling " + ruling.digest().substr(0, 16);
}

std::string shown(const Account& account) {
    return account.os_user + (account.uid < 0 ? "" : " (uid " + std::to_string(account.uid) + ")");
}

bool one_account(const Account& a, const Account& b) {
    return a.known() && b.known() && a.os_user == b.os_user;
}

std::vector<const Ruling*> approvals_among(const std::vector<const Ruling*>& voices) {
    std::vector<const Ruling*> approvals;
    for (const Ruling* ruling : voices)
        if (ruling->kind == RulingKind::approve) approvals.push_back(ruling);
    return approvals;
}

/// Who acted from an account that somebody else of the run acted from, too; empty when nobody did.
std::string shared_account(const EvidenceFacts& facts,
                           const std::vector<const Ruling*>& approvals) {
    std::vector<std::pair<std::string, Account>> acted{
        {facts.run.requester + ", who asked for the run,", facts.requester_account}};
    for (const Ruling* ruling : approvals) {
        for (const auto& [other, account] : acted)
            if (one_account(account, ruling->account))
                return other + " and " + ruling->author +
                       ", who approved it, acted from one account of the operating system, " +
                       shown(account);
        acted.emplace_back(ruling->author + ", who approved it,", ruling->account);
    }
    return {};
}

Requirement require_distinct_accounts(const EvidenceFacts& facts,
                                      const std::vector<const Ruling*>& approvals) {
    Requirement out{"distinct-accounts",
                    RequirementState::missing,
                    "nobody approved it yet",
                    {"request.json#/requester_account"}};
    if (facts.requester_account.known())
        out.evidence.push_back("asked for from: " + shown(facts.requester_account));
    std::string unknown = facts.requester_account.known() ? "" : "the run was asked for";
    for (const Ruling* ruling : approvals) {
        if (ruling->account.known())
            out.evidence.push_back("approved by " + ruling->author +
                                   " from: " + shown(ruling->account));
        else unknown = ruling->author + " approved it";
    }
    if (approvals.empty()) return out;
    if (const std::string shared = shared_account(facts, approvals); !shared.empty()) {
        out.state = RequirementState::failed;
        out.detail = shared;
    } else if (!unknown.empty()) {
        out.detail = "it is not on record from which account " + unknown;
    } else {
        out.state = RequirementState::passed;
        out.detail = "everybody acted from an account of their own";
    }
    return out;
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
        else authors.push_back(who(*ruling));
    }
    std::string all;
    for (const std::string& author : authors) all += (all.empty() ? "" : ", ") + author;
    if (authors.size() >= static_cast<std::size_t>(wanted.count)) {
        out.state = RequirementState::passed;
        out.detail = "approved by " + all;
        return out;
    }
    out.detail = std::to_string(wanted.count) + " wanted" +
                 (wanted.own_key ? ", each with a key of their own" : "") + ", " +
                 std::to_string(authors.size()) + " given" + (all.empty() ? "" : ": " + all);
    if (kept_by_patchlab > 0)
        out.detail += "; " + std::to_string(kept_by_patchlab) + " by a key that patchlab keeps";
    return out;
}

}  // namespace

std::vector<Requirement> require_people(const Policy& policy,
                                        const std::map<Role, ApprovalDemand>& wanted,
                                        const EvidenceFacts& facts,
                                        const std::vector<Ruling>& rulings) {
    std::vector<Requirement> all;
    const std::vector<const Ruling*> said = newest_voices(rulings);
    for (const Ruling* ruling : said)
        if (ruling->kind == RulingKind::reject)
            all.push_back({"rejection:" + ruling->author,
                           RequirementState::failed,
                           "rejected by " + who(*ruling) + ": " + ruling->reason,
                           {shown(*ruling)}});
    for (const auto& [role, demand] : wanted) all.push_back(require_approvals(demand, facts, said));
    if (policy.distinct_accounts)
        all.push_back(require_distinct_accounts(facts, approvals_among(said)));
    return all;
}

std::vector<std::string> warnings_about_people(const Policy& policy, const EvidenceFacts& facts,
                                               const std::vector<Ruling>& rulings) {
    if (policy.distinct_accounts) return {};
    const std::string shared = shared_account(facts, approvals_among(newest_voices(rulings)));
    if (shared.empty()) return {};
    return {shared + ": nothing proves that two people looked at it"};
}

}  // namespace patchlab::governance
