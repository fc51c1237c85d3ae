// SPDX-License-Identifier: Apache-2.0
//
// One rollout, readable on a phone at night: state and reason, the four ways to steer it, then the
// rings with their hosts.
#pragma once

#include <vector>

#include "orchestrator/service/console/view.hpp"

namespace patchlab::service::console {

std::vector<Screen> one_rollout_screens();

/// Pause, resume, abort, back out: all four, always in sight; what cannot be done says why.
void write_steering_bar(const View& view, const Json& rollout);
/// The forms of what is confirmed by typing the number of hosts.
void write_steering_of(const View& view, const Json& rollout);
/// The rings as columns, each host as a square of its state.
void write_rings(const View& view, const Json& rollout);

}  // namespace patchlab::service::console
