// SPDX-License-Identifier: Apache-2.0
//
// Events that a node reports of a run, added to the run's log on the head. Untrusted: a line that
// is no event is left out, and a log that grew beyond what a run says is not added to.
#pragma once

#include <string_view>

#include "orchestrator/pipeline/run/run_folder.hpp"

namespace patchlab::nodes {

/// `lines`: whole lines of the node's events.jsonl.
void append_events(const pipeline::RunFolder& run, std::string_view lines);

}  // namespace patchlab::nodes
