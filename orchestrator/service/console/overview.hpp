// SPDX-License-Identifier: Apache-2.0
//
// The sections of Today that the operation overview.show answers: what waits for the viewer by the
// policy, and what is overdue.
#pragma once

#include "orchestrator/service/console/view.hpp"

namespace patchlab::service::console {

/// False when the overview was not given: the page then draws on the lists.
bool write_overview(const View& view);
/// The number of things that wait for the viewer; -1: nobody knows.
std::int64_t waiting_for_viewer(const View& view);

}  // namespace patchlab::service::console
