// SPDX-License-Identifier: Apache-2.0
//
// What decides whether a host gets a patch, and when: how critical it is, and whether it needs the
// patch. On disk and in documents both are names, never numbers. Values; thread-safe as such.
#pragma once

#include <optional>
#include <string_view>

namespace patchlab::assessment {

/// From the least to the most critical: the order in which a rollout reaches hosts.
enum class Criticality { business_operational, business_critical, mission_critical };
/// "mission-critical"
std::string_view name(Criticality criticality);
/// nullopt for an unknown word. Underscores may stand for dashes: names of Ansible groups have
/// none.
std::optional<Criticality> criticality_from(std::string_view word);

/// From where a host can be reached, from the least to the most exposed. Its owner says it.
enum class Exposed { isolated, internal, internet };
std::string_view name(Exposed exposed);
/// nullopt for an unknown word.
std::optional<Exposed> exposed_from(std::string_view word);

///   needed      an installed package is older than what is offered
///   not_needed  every one that is installed is as new, or none is installed
///   unknown     it could not be told; unknown is never taken for clean
enum class Need { needed, not_needed, unknown };
/// "not-needed"
std::string_view name(Need need);
/// nullopt for an unknown word.
std::optional<Need> need_from(std::string_view word);

}  // namespace patchlab::assessment
