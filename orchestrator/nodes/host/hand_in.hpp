// SPDX-License-Identifier: Apache-2.0
//
// A finished run goes to the head: its sealed evidence and its state.
#pragma once

#include <string>

#include "orchestrator/nodes/host/contact.hpp"
#include "orchestrator/pipeline/run/run_folder.hpp"

namespace patchlab::nodes {

/// Hands in what the run left, going on where a broken link ended. Throws what the head says when
/// it refuses.
void hand_in(Contact& contact, const pipeline::RunFolder& run);

/// Whether the head accepted what the run left before; nothing is sent.
bool was_handed_in(Contact& contact, const pipeline::RunFolder& run);

}  // namespace patchlab::nodes
