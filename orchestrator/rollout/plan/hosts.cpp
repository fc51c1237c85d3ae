// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rollout/plan/hosts.hpp"

#include "platform/core/error.hpp"

namespace patchlab::rollout {

std::string_view name(Criticality criticality) {
    switch (criticality) {
        case Criticality::business_operational: return "business-operational";
        case Criticality::business_critical: return "business-critical";
        case Criticality::mission_critical: return "mission-critical";
    }
    return "mission-critical";
}

Criticality criticality_from(std::string_view word) {
    for (const Criticality known : {Criticality::business_operational,
                                    Criticality::business_critical, Criticality::mission_critical})
        if (name(known) == word) return known;
    throw Error(ErrorCode::invalid,
                "there is no criticality '" + std::string(word.substr(0, 60)) + "'");
}

std::string_view name(Need need) {
    switch (need) {
        case Need::needed: return "needed";
        case Need::unknown: return "unknown";
        case Need::not_needed: return "not-needed";
    }
    return "unknown";
}

}  // namespace patchlab::rollout
