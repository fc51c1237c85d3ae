// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/nodes/head/fence.hpp"

namespace patchlab::nodes {

void expect_newest(const pipeline::RunFolder& run, int attempt) {
    const std::string mine = "attempt " + std::to_string(attempt) + " of run " + run.id();
    const pipeline::RunState state = run.load();
    if (is_over(state.progress))
        throw Superseded("run " + run.id() + " is " + std::string(name(state.progress)) +
                         " already");
    const auto newest = pipeline::newest_attempt_of_queue(run);
    if (!newest) throw Superseded(mine + " was never submitted");
    if (newest->number != attempt)
        throw Superseded(mine + " does not count: the newest is " + std::to_string(newest->number));
    if (newest->presence == pipeline::Presence::gone)
        throw Superseded(mine + " was taken for lost" +
                         (newest->end.empty() ? "" : ": " + newest->end));
}

}  // namespace patchlab::nodes
