// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/assessment/host.hpp"

#include <algorithm>
#include <string>

namespace patchlab::assessment {

std::string_view name(Criticality criticality) {
    switch (criticality) {
        case Criticality::business_operational: return "business-operational";
        case Criticality::business_critical: return "business-critical";
        case Criticality::mission_critical: break;
    }
    return "mission-critical";
}

std::optional<Criticality> criticality_from(std::string_view word) {
    std::string dashed(word);
    std::replace(dashed.begin(), dashed.end(), '_', '-');
    for (const Criticality known : {Criticality::business_operational,
                                    Criticality::business_critical, Criticality::mission_critical})
        if (name(known) == dashed) return known;
    return std::nullopt;
}

std::string_view name(Exposed exposed) {
    switch (exposed) {
        case Exposed::isolated: return "isolated";
        case Exposed::internal: return "internal";
        case Exposed::internet: break;
    }
    return "internet";
}

std::optional<Exposed> exposed_from(std::string_view word) {
    for (const Exposed known : {Exposed::isolated, Exposed::internal, Exposed::internet})
        if (name(known) == word) return known;
    return std::nullopt;
}

std::string_view name(Need need) {
    switch (need) {
        case Need::needed: return "needed";
        case Need::not_needed: return "not-needed";
        case Need::unknown: break;
    }
    return "unknown";
}

std::optional<Need> need_from(std::string_view word) {
    for (const Need known : {Need::needed, Need::not_needed, Need::unknown})
        if (name(known) == word) return known;
    return std::nullopt;
}

}  // namespace patchlab::assessment
