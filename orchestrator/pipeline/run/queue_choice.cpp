// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/run/queue_choice.hpp"

#include "orchestrator/pipeline/run/attempts.hpp"
#include "orchestrator/pipeline/run/lease.hpp"
#include "platform/core/error.hpp"

namespace patchlab::pipeline {

RunQueue& QueueChoice::named(std::string_view name) {
    std::string known;
    for (const auto& queue : queues_) {
        if (queue->name() == name) return *queue;
        known += (known.empty() ? "" : ", ") + std::string(queue->name());
    }
    throw Error(ErrorCode::usage, "there is no queue '" + std::string(name) + "'",
                "queues: " + known);
}

void QueueChoice::make_usual(std::string_view name) {
    const RunQueue& wanted = named(name);
    for (auto& queue : queues_)
        if (queue.get() == &wanted) std::swap(queue, queues_.front());
}

RunQueue& QueueChoice::of(const RunFolder& run) {
    if (const auto attempt = newest_attempt_of_queue(run)) return named(attempt->queue);
    if (read_lease(run)) return named("local");
    return *queues_.front();
}

}  // namespace patchlab::pipeline
