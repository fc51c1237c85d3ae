// SPDX-License-Identifier: Apache-2.0
//
// Rollouts for people: the table of a plan, and where a rollout stands.
#pragma once

#include <string>

#include "orchestrator/cli/context.hpp"

namespace patchlab::cli {

/// `document`: schema patchlab/rollout-plan/v1.
void print_plan(Context& context, const Json& document);
/// The lines of a status (schema patchlab/rollout-status/v1).
std::vector<Line> status_lines(const Json& status, bool hosts);
void print_status(const Json& status, bool hosts);
/// Draws it again whenever something changed, until the rollout is over or paused. On anything but
/// a terminal: one status after the other. `request`: of rollout.watch.
void watch_rollout(Context& context, const Json& request, bool hosts);
/// Every event in a line; `follow`: until the rollout is over or paused.
void print_rollout_log(Context& context, const std::string& id, bool follow);
/// `request`: of rollout.list.
void print_rollouts(Context& context, const Json& request);

/// start, pause, resume, abort, back-out
void add_rollout_steering(CLI::App& noun, Context& context);

}  // namespace patchlab::cli
