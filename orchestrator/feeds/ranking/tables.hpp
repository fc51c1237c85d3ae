// SPDX-License-Identifier: Apache-2.0
//
// The two public decision tables: CISA's Binding Operational Directive 26-04 (four questions, one
// time limit) and the deployer tree of SSVC (four questions, one priority). Where an answer is not
// known, both ends are told: what it is at worst and what it is at best. Pure; thread-safe.
#pragma once

#include <optional>
#include <string_view>

namespace patchlab::feeds {

/// An answer that may not be known.
template <typename Value>
using Known = std::optional<Value>;

/// From the most to the least urgent.
enum class Limit { three_days_and_forensics, three_days, fourteen_days, sixty_days, next_upgrade };
std::string_view name(Limit limit);
/// nullopt: there is no date.
std::optional<int> days_of(Limit limit);

struct BodQuestions {
    Known<bool> exploited, exposed, automatable, total;
};
Limit bod_26_04(bool exploited, bool exposed, bool automatable, bool total);

enum class Exploitation { none, poc, active };
enum class Exposure { small, controlled, open };
enum class HumanImpact { low, medium, high, very_high };
/// From the most to the least urgent.
enum class Priority { immediate, out_of_cycle, scheduled, defer };
std::string_view name(Priority priority);
/// SSVC names no times. These are patchlab's: those of the directive, in the same order.
Limit limit_of(Priority priority);

struct DeployerQuestions {
    Known<Exploitation> exploitation;
    Known<Exposure> exposure;
    Known<bool> automatable;
    Known<HumanImpact> impact;
};
Priority deployer(Exploitation exploitation, Exposure exposure, bool automatable,
                  HumanImpact impact);

template <typename Decision>
struct Bounds {
    Decision at_worst, at_best;
    bool certain() const { return at_worst == at_best; }
};
Bounds<Limit> bod_26_04(const BodQuestions& questions);
Bounds<Priority> deployer(const DeployerQuestions& questions);

}  // namespace patchlab::feeds
