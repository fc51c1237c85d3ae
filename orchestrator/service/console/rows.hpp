// SPDX-License-Identifier: Apache-2.0
//
// The rows of the table of screens, contributed by one file for each subject, and what several of
// them say.
#pragma once

#include <vector>

#include "orchestrator/service/console/screens.hpp"

namespace patchlab::service::console {

/// Of a screen that needs no document.
inline std::vector<Call> no_calls(const Visit&) { return {}; }
/// Of a form whose operation takes nothing.
inline Json no_request(const Values&, const Values&) { return Json::object(); }

std::vector<Screen> today_screens();
std::vector<Screen> patch_screens();
std::vector<Screen> run_screens();
std::vector<Screen> change_screens();
std::vector<Screen> compare_screens();
std::vector<Screen> decision_screens();
std::vector<Screen> lab_screens();
std::vector<Screen> image_screens();
std::vector<Screen> catalog_screens();
std::vector<Screen> channel_screens();
std::vector<Screen> rollout_screens();
std::vector<Screen> rollout_start_screens();
std::vector<Screen> host_screens();
std::vector<Screen> cve_screens();
std::vector<Screen> people_screens();
std::vector<Screen> upkeep_screens();
std::vector<Screen> management_screens();
std::vector<Screen> session_screens();
std::vector<Screen> search_screens();

}  // namespace patchlab::service::console
