// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rollout/engine/authority.hpp"

#include "platform/core/error.hpp"

namespace patchlab::rollout {

std::string CatalogAuthority::not_offered(const std::string& entry) {
    const catalog::Standing standing = catalog_.standing(entry);
    if (standing.deployable()) return "";
    const std::string who = "entry '" + entry + "' ";
    if (standing.state != catalog::EntryState::offered)
        return who + "is " + std::string(catalog::name(standing.state)) +
               (standing.reason.empty() ? "" : ": " + standing.reason);
    return who + "may not be deployed any more: " + standing.objections.front().why;
}

std::vector<catalog::Refusal> CatalogAuthority::verify(const std::string& entry) {
    std::vector<catalog::Refusal> refusals = catalog_.verify(entry);
    const catalog::EntryStatus status = catalog_.entries().status(entry);
    if (status.state == catalog::EntryState::superseded)
        refusals.insert(refusals.begin(),
                        {"entry '" + entry + "'", "is superseded " + status.reason});
    return refusals;
}

std::string CatalogAuthority::quarantine(const governance::Actor& actor, const std::string& entry,
                                         const std::string& reason) {
    catalog_.quarantine(actor, entry, reason);
    return "the entry is in quarantine";
}

std::string CatalogAuthority::recall(const governance::Actor& actor, const std::string& entry,
                                     const std::string& reason) {
    catalog_.recall(actor, entry, reason);
    return "the entry is recalled; offer it again with: patchlab catalog release " + entry +
           " --reason REASON";
}

void CatalogAuthority::offer(const governance::Actor& actor, const std::string& entry,
                             const std::string& channel) {
    catalog_.promote(actor, entry, channel);
    catalog_.publish(actor, channel);
}

void CatalogAuthority::record(const governance::Actor& actor, const std::string& action,
                              const std::string& subject, const Json& detail,
                              const std::function<void()>& change) {
    house_.audit.append({actor, action, subject, detail}, change);
}

void SimulatedAuthority::record(const governance::Actor& actor, const std::string& action,
                                const std::string& subject, const Json& detail,
                                const std::function<void()>& change) {
    Json told = detail;
    told["simulated"] = true;
    real_.record(actor, action, subject, told, change);
}

}  // namespace patchlab::rollout
