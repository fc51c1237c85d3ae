// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/fake/fake_queue.hpp"

#include <algorithm>

#include "platform/core/error.hpp"

namespace patchlab::pipeline {

FakeQueue::~FakeQueue() {
    std::unique_lock lock(mutex_);
    waiting_.clear();
    for (auto& [run, job] : jobs_) end(job, lock);
}

/// With the mutex held.
void FakeQueue::start_waiting() {
    while (!waiting_.empty() && working_ < slots_) {
        const std::filesystem::path run = waiting_.front();
        waiting_.pop_front();
        Job& job = jobs_.at(run);
        job.presence = Presence::working;
        ++working_;
        job.thread = std::thread([this, run, &job] {
            worker_(RunFolder(run), [&job] { return job.killed.load(); });
            const std::lock_guard lock(mutex_);
            job.presence = Presence::gone;
            --working_;
            start_waiting();
            changed_.notify_all();
        });
    }
}

void FakeQueue::submit(const RunFolder& run) {
    const std::lock_guard lock(mutex_);
    Job& job = jobs_[run.root()];
    const bool known = job.thread.joinable();
    const bool queued = std::find(waiting_.begin(), waiting_.end(), run.root()) != waiting_.end();
    if (queued || (known && job.presence != Presence::gone))
        throw Error(ErrorCode::conflict, "run " + run.id() + " is under way");
    if (known) job.thread.join();  // it has ended, but for its last instruction
    job.killed = false;
    job.presence = Presence::waiting;
    waiting_.push_back(run.root());
    start_waiting();
}

Presence FakeQueue::alive(const RunFolder& run) {
    const std::lock_guard lock(mutex_);
    const auto job = jobs_.find(run.root());
    return job == jobs_.end() ? Presence::gone : job->second.presence;
}

RunState FakeQueue::follow(const RunFolder& run, const OnEvent& on_event,
                           const std::function<bool()>& interrupted) {
    EventTail tail(run);
    for (;;) {
        const bool ended = alive(run) == Presence::gone;
        tail.read(on_event);
        if (ended || interrupted()) return run.load();
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, std::chrono::milliseconds(20));
    }
}

void FakeQueue::end(Job& job, std::unique_lock<std::mutex>& lock) {
    job.killed = true;
    changed_.wait(lock, [&] { return job.presence != Presence::working; });
    job.presence = Presence::gone;
    std::thread thread = std::move(job.thread);
    lock.unlock();
    if (thread.joinable()) thread.join();
    lock.lock();
}

void FakeQueue::lose(const RunFolder& run) {
    std::unique_lock lock(mutex_);
    std::erase(waiting_, run.root());
    if (const auto job = jobs_.find(run.root()); job != jobs_.end()) end(job->second, lock);
}

void FakeQueue::cancel(const RunFolder& run) {
    if (is_over(run.load().progress))
        throw Error(ErrorCode::conflict, "run " + run.id() + " is over already");
    lose(run);
    leave_cancelled(run, clock_);
}

}  // namespace patchlab::pipeline
