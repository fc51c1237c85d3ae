// SPDX-License-Identifier: Apache-2.0
//
// RunQueue: the port through which runs come to where they are worked. A run is handed over as its
// folder, which says all that its worker must know, and comes back as its folder: state, events,
// evidence. How a worker is started, where, and how it is known to live is the adapter's alone;
// nobody else knows process ids, signals or files to be watched. What every adapter does the same
// is in tests/contract/run_queue.
#pragma once

#include <functional>
#include <string_view>

#include "orchestrator/pipeline/run/run_folder.hpp"

namespace patchlab::pipeline {

/// Where a run is for its queue.
enum class Presence {
    gone,     ///< nobody works it, and nobody will without being asked
    waiting,  ///< the queue has it, and starts it when there is room
    working,  ///< it has a worker
};

/// Thread-safe: several runs are followed at once, each in a thread.
class RunQueue {
  public:
    using OnEvent = std::function<void(const Json& event)>;

    virtual ~RunQueue() = default;
    /// "local"
    virtual std::string_view name() const = 0;

    /// Has a run worked: a new one from its beginning, one whose worker was lost from where it was.
    /// Returns when the queue answers for it: it is waiting or working. Error(conflict) when it is
    /// already; Error(lab) when it cannot be started, and then nothing has begun.
    virtual void submit(const RunFolder& run) = 0;

    virtual Presence alive(const RunFolder& run) = 0;

    /// Hands every event of the run to `on_event` (parsed, in order), those that are there and
    /// those that come, until the run is over or nobody works it any more. Returns its state then:
    /// one that is still `running` has lost its worker. `interrupted` is asked four times a second;
    /// when it says yes, following ends and the run goes on.
    virtual RunState follow(const RunFolder& run, const OnEvent& on_event,
                            const std::function<bool()>& interrupted) = 0;

    /// Ends the run's worker, if it has one, and takes its machines with it. The run is `cancelled`
    /// when this returns, and its findings are gone. Error(conflict) when the run is over already,
    /// or when its worker cannot be ended from here.
    virtual void cancel(const RunFolder& run) = 0;
};

/// The events of a run as they are added to its folder.
class EventTail {
  public:
    explicit EventTail(const RunFolder& run) : file_(run.events()) {}
    /// Hands over what was added since the last call, whole lines only. A line that is no event is
    /// handed over as a note that says so.
    void read(const RunQueue::OnEvent& on_event);

  private:
    Json event_in(std::string_view line);

    fs::path file_;
    std::size_t at_ = 0;
    std::string time_ = "1970-01-01T00:00:00Z";  ///< of the newest event
};

/// Marks a run as cancelled that nobody works any more, and removes its findings. The caller holds
/// the run's lock. Error(conflict) when it is over already.
void leave_cancelled(const RunFolder& run, const Clock& clock);

}  // namespace patchlab::pipeline
