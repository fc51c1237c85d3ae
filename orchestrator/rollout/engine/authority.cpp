// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rollout/engine/authority.hpp"

#include "platform/core/error.hpp"

namespace patchlab::rollout {

std::string CatalogAuthority::not_offered(const std::string& entry) {
    const catalog::EntryStatus status = catalog_.entries().status(entry);
    if (status.state == catalog::EntryState::offered) return "";
    return "entry '" + entry + "' is " + std::string(catalog::name(status.state)) +
           (status.reason.empty() ? "" : ": " + status.reason);
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
