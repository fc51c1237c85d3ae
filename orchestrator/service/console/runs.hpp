// SPDX-License-Identifier: Apache-2.0
//
// Runs: lists of them as several screens show them, and the page of one, while it goes on and with
// what came of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/service/console/view.hpp"
#include "reports/run_document.hpp"

namespace patchlab::service::console {

/// "nginx_1.22, openssl_3.0 and 2 more"
std::string patches_of(const Json& run);
/// A table of these items of run.list.
void runs_table(const View& view, const std::vector<const Json*>& runs, std::string_view caption);
bool is_unfinished(const Json& run);

std::vector<Screen> one_run_screens();

/// The tabs of a run, with the one that is open.
void run_tabs(const View& view, std::string_view run, std::string_view open);
void render_live_run(const View& view, const Json& run);
void render_result(const View& view, const reports::RunDocument& run);
/// What was measured of checks that got slower: the distributions, one line for each pass.
void write_measurements(const View& view, const reports::RunDocument& run);

}  // namespace patchlab::service::console
