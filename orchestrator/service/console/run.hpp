// SPDX-License-Identifier: Apache-2.0
//
// One run: while it goes on, and what came of it.
#pragma once

#include <string_view>
#include <vector>

#include "orchestrator/service/console/view.hpp"
#include "reports/run_document.hpp"

namespace patchlab::service::console {

std::vector<Screen> one_run_screens();

/// The tabs of a run, with the one that is open.
void run_tabs(const View& view, std::string_view run, std::string_view open);
void render_live_run(const View& view, const Json& run);
void render_result(const View& view, const reports::RunDocument& run);
/// Every check before, without the patch, after it, and after the reboot.
void write_check_matrix(Writer& out, const std::vector<reports::RunCheck>& checks);
/// What was measured of checks that got slower: the distributions, one line for each pass.
void write_measurements(const View& view, const reports::RunDocument& run);

}  // namespace patchlab::service::console
