// SPDX-License-Identifier: Apache-2.0
//
// Which host needs what: exact comparison of versions, nothing else. What is offered is a small
// value that doors fill from the catalog and from the candidate patches, both of which stand
// elsewhere. Pure functions; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/assessment/host.hpp"
#include "orchestrator/inventory/scan.hpp"

namespace patchlab::inventory {

struct OfferedPackage {
    std::string name;
    std::string architecture;
    std::string format = "deb";     ///< deb | rpm
    std::vector<std::string> from;  ///< the versions it replaced in the lab; may be empty
    std::string to;
};

/// A catalog entry or a candidate patch.
struct Offer {
    std::string kind;  ///< entry | patch
    std::string id;
    std::vector<OfferedPackage> packages;
    std::vector<std::string> advisories;  ///< CVE numbers
};

struct NeededPackage {
    std::string name;
    std::string architecture;
    std::string installed;
    std::string to;
    std::optional<bool> rehearsed;  ///< the lab replaced exactly this version; nullopt: the offer
                                    ///< does not say what it replaces
};

struct NeedAnswer {
    assessment::Need need = assessment::Need::unknown;
    std::string reason;                   ///< one line
    std::vector<NeededPackage> packages;  ///< those that are older; also of an unknown answer
    /// Only packages of other architectures are older: the host is behind, but this offer does not
    /// help it.
    bool other_architecture = false;

    /// Whether a rollout of the offer has to reach the host: not where it would not help.
    assessment::Need for_rollout() const {
        return other_architecture ? assessment::Need::not_needed : need;
    }
};

/// `installed`: what a current scan found of the packages that the offer names (others are looked
/// past). A host without a current scan is unknown, whatever an older one said; the caller does not
/// ask then.
NeedAnswer need_of(const Offer& offer, const std::vector<InstalledPackage>& installed);

}  // namespace patchlab::inventory
