// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/run/queue.hpp"

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::pipeline {

void EventTail::read(const RunQueue::OnEvent& on_event) {
    const auto all = read_file_if_any(file_);
    if (!all || all->size() <= at_) return;
    for (std::size_t end; (end = all->find('\n', at_)) != std::string::npos; at_ = end + 1)
        on_event(parse_json(std::string_view(*all).substr(at_, end - at_), "events", 1U << 20));
}

void leave_cancelled(const RunFolder& run, const Clock& clock) {
    RunState state = run.load();
    if (state.progress == RunProgress::finished)
        throw Error(ErrorCode::conflict, "run " + run.id() + " is over already");
    state.progress = RunProgress::cancelled;
    state.finished = to_rfc3339(clock.now());
    run.save(state);
    remove_tree(run.work());
}

}  // namespace patchlab::pipeline
