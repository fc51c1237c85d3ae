// SPDX-License-Identifier: Apache-2.0
//
// Signs of trouble that a host's journal counts, in the day before a patch and while the patched
// host is watched; and whether a rise stands clear of the day before. Pure functions over values;
// thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/core/json_fwd.hpp"

namespace patchlab::assessment {

///   failed_units   a unit failed
///   restarts       the service manager started a unit again
///   crashes        a process ended with a core dump or an invalid access
///   kernel_errors  messages of the kernel of priority error and above
enum class Vital { failed_units, restarts, crashes, kernel_errors };
inline constexpr std::array all_vitals{Vital::failed_units, Vital::restarts, Vital::crashes,
                                       Vital::kernel_errors};
std::string_view name(Vital vital);  ///< "failed-units"

struct VitalCount {
    std::uint64_t before = 0, after = 0;
    std::uint64_t most = 0;  ///< in a time as long as the watched one, within the day before
};

struct Vitals {
    double before_seconds = 0, after_seconds = 0;
    std::array<VitalCount, all_vitals.size()> counts{};
    VitalCount& of(Vital vital) { return counts.at(static_cast<std::size_t>(vital)); }
    const VitalCount& of(Vital vital) const { return counts.at(static_cast<std::size_t>(vital)); }
};

/// Whether its journal reaches back far enough to be compared with: an hour, and as long as it was
/// watched.
bool comparable(const Vitals& vitals);

struct Rise {
    std::string host;  ///< empty: all hosts of the ring together
    Vital vital = Vital::failed_units;
    VitalCount count;
    double before_seconds = 0, after_seconds = 0;
    double chance = 1;  ///< of so many while nothing changed
    std::string text() const;
};

/// The chance that at least `after` of `all` events fall into the watched time, of which `share` is
/// that time's share of both times (a binomial test of two Poisson rates).
double chance_of_rise(std::uint64_t after, std::uint64_t all, double share);

/// Of each host that can be compared, and of all together: what happened at least twice, more often
/// than ever in a time of that length of the day before, and whose chance is below one percent for
/// all questions together.
std::vector<Rise> clear_rises(const std::vector<std::pair<std::string, Vitals>>& hosts);

Json to_json(const Vitals& vitals);
/// Reads what to_json() wrote. Error(invalid).
Vitals vitals_from_json(const Json& json);

}  // namespace patchlab::assessment
