// SPDX-License-Identifier: Apache-2.0
//
// Lists of runs, as several screens show them.
#pragma once

#include <vector>

#include "orchestrator/service/console/view.hpp"

namespace patchlab::service::console {

/// "nginx_1.22, openssl_3.0 and 2 more"
std::string patches_of(const Json& run);
/// A table of these items of run.list.
void runs_table(const View& view, const std::vector<const Json*>& runs, std::string_view caption);
bool is_unfinished(const Json& run);

}  // namespace patchlab::service::console
