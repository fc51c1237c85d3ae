// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/run/queue.hpp"

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "platform/core/text.hpp"

namespace patchlab::pipeline {

void EventTail::read(const RunQueue::OnEvent& on_event) {
    const auto all = read_file_if_any(file_);
    if (!all || all->size() <= at_) return;
    for (std::size_t end; (end = all->find('\n', at_)) != std::string::npos; at_ = end + 1)
        on_event(event_in(std::string_view(*all).substr(at_, end - at_)));
}

/// A line that a crash or a full disk cut off is no event; what it would have said is told as a
/// note, at the time of the line before.
Json EventTail::event_in(std::string_view line) {
    try {
        Json event = parse_json(line, "events", 1U << 20);
        time_ = JsonReader(event, "event").string("time");
        return event;
    } catch (const Error&) {
        return {{"time", time_},
                {"level", "warning"},
                {"stage", ""},
                {"text", "a line of the log was cut off and is skipped: " + printable(line, 80)}};
    }
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
