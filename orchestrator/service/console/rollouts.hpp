// SPDX-License-Identifier: Apache-2.0
//
// Rollouts as several screens show them.
#pragma once

#include <string_view>
#include <vector>

#include "orchestrator/service/console/view.hpp"

namespace patchlab::service::console {

bool rollout_is_over(std::string_view state);
/// good, warn, bad, unsure, plain
const char* tone_of_rollout(std::string_view state);
const char* tone_of_host(std::string_view state);
/// "backed-out" → "backed out"
std::string in_words(std::string_view state);
/// A table of these items of rollout.list.
void rollouts_table(const View& view, const std::vector<const Json*>& rollouts,
                    std::string_view caption);

}  // namespace patchlab::service::console
