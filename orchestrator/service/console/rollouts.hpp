// SPDX-License-Identifier: Apache-2.0
//
// Rollouts: as several screens show them, and the page of one, readable on a phone at night: state
// and reason, the four ways to steer it, then the rings with their hosts.
#pragma once

#include <string_view>
#include <vector>

#include "orchestrator/service/console/view.hpp"

namespace patchlab::service::console {

bool rollout_is_over(std::string_view state);
/// good, warn, bad, unsure, plain
const char* tone_of_rollout(std::string_view state);
const char* tone_of_host(std::string_view state);
/// A table of these items of rollout.list.
void rollouts_table(const View& view, const std::vector<const Json*>& rollouts,
                    std::string_view caption);

std::vector<Screen> one_rollout_screens();

/// Pause, resume, abort, back out: all four, always in sight; what cannot be done says why.
void write_steering_bar(const View& view, const Json& rollout);
/// The forms of what is confirmed by typing the number of hosts.
void write_steering_of(const View& view, const Json& rollout);
/// Each ring's first hosts, one square each.
constexpr std::size_t squares_a_ring = 400;
/// The rings as columns, each host as a square of its state.
void write_rings(const View& view, const Json& rollout);

}  // namespace patchlab::service::console
