// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/fake/fake_scheduler.hpp"

#include <algorithm>

#include "platform/core/error.hpp"

namespace patchlab::pipeline {

FakeScheduler::FakeScheduler(std::vector<std::string> nodes, unsigned slots, Worker worker)
    : slots_(slots), worker_(std::move(worker)) {
    for (const std::string& node : nodes) free_[node] = slots;
}

FakeScheduler::~FakeScheduler() {
    std::unique_lock lock(mutex_);
    free_.clear();
    for (auto& [id, work] : works_) work.killed = true;
    for (auto& [id, work] : works_) {
        lock.unlock();
        if (work.thread.joinable()) work.thread.join();
        lock.lock();
    }
}

void FakeScheduler::require_reachable() const {
    if (!reachable_) throw Error(ErrorCode::lab, "the scheduler does not answer");
}

std::string FakeScheduler::submit(const JobSpec& job) {
    const std::lock_guard lock(mutex_);
    require_reachable();
    if (refusals_ > 0) {
        --refusals_;
        throw Error(ErrorCode::lab, "the scheduler did not take it");
    }
    const bool somewhere = std::any_of(free_.begin(), free_.end(), [&](const auto& node) {
        return std::find(job.not_on.begin(), job.not_on.end(), node.first) == job.not_on.end();
    });
    if (job.machines > slots_ || !somewhere)
        throw Error(ErrorCode::lab, "Requested node configuration is not available");
    submitted_.push_back(job);
    Work& work = works_[++last_];
    work.spec = job;
    work.job.id = std::to_string(last_);
    work.job.name = job.name;
    work.job.word = "PENDING";
    work.job.reason = "Resources";
    start_waiting();
    return std::to_string(last_);
}

/// With the mutex held. Empty: none is free.
std::string FakeScheduler::free_node(const JobSpec& job) const {
    const auto names = [](const std::vector<std::string>& nodes, const std::string& node) {
        return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
    };
    std::string any;
    for (const auto& [node, slots] : free_) {
        if (slots < job.machines || names(job.not_on, node)) continue;
        if (names(job.rather_on, node)) return node;
        if (any.empty()) any = node;
    }
    return any;
}

/// With the mutex held.
void FakeScheduler::start_waiting() {
    for (auto& [id, work] : works_) {
        if (work.job.state != JobState::waiting) continue;
        const std::string node = free_node(work.spec);
        if (!node.empty()) start(work, node);
    }
}

/// With the mutex held.
void FakeScheduler::start(Work& work, const std::string& node) {
    free_[node] -= work.spec.machines;
    work.job.state = JobState::working;
    work.job.word = "RUNNING";
    work.job.node = node;
    work.job.reason.clear();
    work.thread = std::thread([this, &work, node] {
        const int exit = worker_(work.spec, node, [&work] { return work.killed.load(); });
        const std::lock_guard lock(mutex_);
        work.ran = true;
        if (const auto host = free_.find(node); host != free_.end())
            host->second += work.spec.machines;
        if (!work.job.is_over()) {
            work.job.state = JobState::ended;
            work.job.word = exit == 0 ? "COMPLETED" : "FAILED";
            work.job.exit_code = exit;
        }
        start_waiting();
        changed_.notify_all();
    });
}

std::vector<Job> FakeScheduler::jobs() {
    const std::lock_guard lock(mutex_);
    ++asked_;
    require_reachable();
    std::vector<Job> all;
    for (const auto& [id, work] : works_) all.push_back(work.job);
    return all;
}

/// Returns when its thread has come to its end.
void FakeScheduler::end(Work& work, JobState state, const std::string& word,
                        std::unique_lock<std::mutex>& lock) {
    if (work.job.is_over()) return;
    const bool works = work.job.state == JobState::working;
    work.killed = true;
    changed_.wait(lock, [&] { return !works || work.ran; });
    work.job.state = state;
    work.job.word = word;
    work.job.exit_code = 0;
}

void FakeScheduler::cancel(const std::string& id) {
    std::unique_lock lock(mutex_);
    require_reachable();
    if (const auto work = works_.find(std::stol(id)); work != works_.end())
        end(work->second, JobState::cancelled, "CANCELLED", lock);
}

void FakeScheduler::kill_node(const std::string& node, bool orphans) {
    std::unique_lock lock(mutex_);
    free_.erase(node);
    for (auto& [id, work] : works_) {
        if (work.job.node != node || work.job.is_over()) continue;
        if (!orphans) {
            end(work, JobState::failed, "NODE_FAIL", lock);
        } else {
            work.job.state = JobState::failed;
            work.job.word = "NODE_FAIL";
        }
    }
}

void FakeScheduler::crash(const std::string& id) {
    std::unique_lock lock(mutex_);
    end(works_.at(std::stol(id)), JobState::ended, "FAILED", lock);
    works_.at(std::stol(id)).job.exit_code = 3;
}

void FakeScheduler::forget(const std::string& id) {
    std::unique_lock lock(mutex_);
    Work& work = works_.at(std::stol(id));
    end(work, JobState::ended, "FAILED", lock);
    lock.unlock();
    if (work.thread.joinable()) work.thread.join();
    lock.lock();
    works_.erase(std::stol(id));
}

void FakeScheduler::set_reachable(bool reachable) {
    const std::lock_guard lock(mutex_);
    reachable_ = reachable;
}

void FakeScheduler::refuse_next() {
    const std::lock_guard lock(mutex_);
    refusals_ = 2;  // with hosts to avoid, and without
}

std::vector<JobSpec> FakeScheduler::submitted() {
    const std::lock_guard lock(mutex_);
    return submitted_;
}

std::size_t FakeScheduler::times_asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
}

}  // namespace patchlab::pipeline
