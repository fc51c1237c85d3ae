// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/slurm/slurm_queue.hpp"

#include <algorithm>
#include <thread>

#include "orchestrator/pipeline/run/lease.hpp"
#include "orchestrator/pipeline/slurm/change_watch.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/fail_point.hpp"
#include "platform/core/log.hpp"

namespace patchlab::pipeline {

namespace {

constexpr std::string_view own_stage = "queue";   ///< of the events that the queue adds
constexpr std::chrono::seconds end_patience{40};  ///< Slurm's KillWait is 30 s, unless it is told

std::string job_name(const RunFolder& run, const Attempt& attempt) {
    return job_prefix + run.id() + "." + std::to_string(attempt.number) + "-" + attempt.token;
}

std::string words_of(const Attempt& attempt) {
    return "attempt " + std::to_string(attempt.number) +
           (attempt.job.empty() ? "" : " (Slurm's job " + attempt.job + ")");
}

/// Hosts on which attempts of this run were lost; the scheduler shall try others.
std::vector<std::string> hosts_to_avoid(const RunFolder& run) {
    std::vector<std::string> hosts;
    for (const Attempt& attempt : read_attempts(run))
        if (!attempt.node.empty() && attempt.end == AttemptEnd::lost &&
            std::find(hosts.begin(), hosts.end(), attempt.node) == hosts.end())
            hosts.push_back(attempt.node);
    return hosts;
}

/// Whether what is stored of an attempt is where its job, which is not over, is now.
bool says_the_same(const Attempt& attempt, const Job& job) {
    const bool works = job.state == JobState::working;
    return attempt.presence == (works ? Presence::working : Presence::waiting) &&
           attempt.node == (works ? job.node : "") && attempt.reason == (works ? "" : job.reason) &&
           attempt.job == job.id;
}

std::string why_over(const Job& job) {
    constexpr int could_not = 75;  // EX_TEMPFAIL
    if (job.state == JobState::cancelled) return "its job was cancelled by somebody else";
    if (job.state == JobState::failed) return "Slurm says " + job.word;
    if (job.exit_code == could_not) return "its host could not work it";
    return "its job ended with exit " + std::to_string(job.exit_code) + " and left no result";
}

}  // namespace

void SlurmQueue::tell(const RunFolder& run, const std::string& text, std::string_view level) {
    EventLog(run.events(), clock_).add(own_stage, text, level);
}

void SlurmQueue::submit(const RunFolder& run) {
    {
        const FileLock lock = lock_attempts(run);
        if (alive(run) != Presence::gone)
            throw Error(ErrorCode::conflict, "run " + run.id() + " is under way",
                        "follow it: patchlab run log -f " + run.id());
        auto before = newest_attempt_of_queue(run);
        if (before && before->presence != Presence::gone) {
            end(run, *before, AttemptEnd::lost, "its job is gone");
            before = newest_attempt_of_queue(run);
        }
        const Attempt attempt = record(run, before);
        try {
            hand_over(run, attempt);
        } catch (const Error& error) {
            end(run, attempt, AttemptEnd::refused, error.what());
            throw;
        }
    }
    if (options_.keep) options_.keep();
}

/// Its number is on disk before the scheduler hears of it: whatever the job says, it is known which
/// attempt says it. From here on no older one counts.
Attempt SlurmQueue::record(const RunFolder& run, const std::optional<Attempt>& before) {
    Attempt attempt;
    attempt.number = std::max(before ? before->number : 0, newest_attempt(run)) + 1;
    attempt.queue = name();
    attempt.token = random_hex(4);
    attempt.submitted = to_rfc3339(clock_.now());
    write_attempt(run, attempt);
    fail_point("attempt-recorded");
    return attempt;
}

void SlurmQueue::hand_over(const RunFolder& run, Attempt attempt) {
    JobSpec job = options_.job(run, attempt.number);
    job.name = job_name(run, attempt);
    job.not_on = hosts_to_avoid(run);
    if (options_.hosts_with_contents)
        for (std::string& host : options_.hosts_with_contents(run))
            if (std::find(job.not_on.begin(), job.not_on.end(), host) == job.not_on.end())
                job.rather_on.push_back(std::move(host));
    attempt.job = submit_somewhere(std::move(job));
    fail_point("attempt-submitted");
    write_attempt(run, attempt);
}

/// What is only wished for is given up where it cannot be had: Slurm may not know a host by that
/// name, and there may be no other than those to avoid.
std::string SlurmQueue::submit_somewhere(JobSpec job) {
    for (;;) {
        try {
            return scheduler_->submit(job);
        } catch (const Error&) {
            if (job.rather_on.empty() && job.not_on.empty()) throw;
            (job.rather_on.empty() ? job.not_on : job.rather_on).clear();
        }
    }
}

/// What Slurm says of its jobs, asked once for all runs. nullptr: it cannot be asked.
std::shared_ptr<const SlurmQueue::Jobs> SlurmQueue::jobs(Clicks::time_point not_before) {
    const std::lock_guard lock(mutex_);
    if (asked_ != Clicks::time_point{} && asked_ >= not_before) return jobs_;
    asked_ = Clicks::now();
    answered_for_ = fs::file_time_type::clock::now();
    try {
        jobs_ = std::make_shared<const Jobs>(scheduler_->jobs());
        trouble_.clear();
    } catch (const Error& error) {
        if (trouble_ != error.what()) log_warning(error.what());
        trouble_ = error.what();
        jobs_.reset();
    }
    return jobs_;
}

/// The attempt's job. nullopt: Slurm cannot be asked, which says nothing. A job that Slurm does not
/// know is `failed`, with an empty id.
std::optional<Job> SlurmQueue::find(const Attempt& attempt) {
    const auto in = [&](const Jobs& all) {
        return std::find_if(all.begin(), all.end(), [&](const Job& job) {
            return attempt.job.empty() ? job.name.ends_with("-" + attempt.token)
                                       : job.id == attempt.job;
        });
    };
    const auto now = Clicks::now();
    auto known = jobs(now - options_.ask_every);
    if (!known) return std::nullopt;
    auto found = in(*known);
    if (found == known->end()) {  // it may be younger than the answer
        known = jobs(now);
        if (!known) return std::nullopt;
        found = in(*known);
    }
    if (found != known->end()) return *found;
    Job unknown;
    unknown.state = JobState::failed;
    unknown.word = "that it knows no such job";
    return unknown;
}

Presence SlurmQueue::alive(const RunFolder& run) {
    const auto attempt = newest_attempt_of_queue(run);
    if (!attempt || attempt->presence == Presence::gone) return Presence::gone;
    if (is_over(run.load().progress)) return Presence::gone;
    const auto job = find(*attempt);
    if (!job) return attempt->presence;  // as it was when Slurm was asked last
    if (job->is_over()) return Presence::gone;
    return job->state == JobState::working ? Presence::working : Presence::waiting;
}

/// What was handed over after Slurm was asked last is in its next answer; to ask once more for each
/// new run would cost an answer for all of them.
bool SlurmQueue::is_newer_than_answer(const RunFolder& run) {
    std::error_code missing;
    const auto changed = fs::last_write_time(run.root() / "attempts", missing);
    const std::lock_guard lock(mutex_);
    return !missing && jobs_ && changed >= answered_for_ &&
           Clicks::now() - asked_ < options_.ask_every;
}

bool SlurmQueue::look_after(const RunFolder& run) {
    auto attempt = newest_attempt_of_queue(run);
    if (!attempt || attempt->presence == Presence::gone) return false;
    if (is_over(run.load().progress)) return close(run);
    const auto job = is_newer_than_answer(run) ? std::nullopt : find(*attempt);
    const auto lock = try_lock_attempts(run);
    if (!lock) return true;  // somebody does
    const auto now = newest_attempt_of_queue(run);
    if (!now || now->number != attempt->number || now->presence == Presence::gone)
        return now && now->presence != Presence::gone;
    if (is_over(run.load().progress)) {  // asked once more, now that nobody can deliver
        end(run, *now, AttemptEnd::delivered);
        return false;
    }
    if (!job) return true;
    if (!job->is_over()) {
        update(run, *now, *job);
        return true;
    }
    if (!grace_is_over(run, now->number)) return true;
    lost(run, *now, *job);
    return is_with_a_scheduler(run);
}

/// Writes down that the run is over, which it is. Gives false: nothing is left.
bool SlurmQueue::close(const RunFolder& run) {
    const FileLock lock = lock_attempts(run);
    const auto attempt = newest_attempt_of_queue(run);
    if (attempt && attempt->presence != Presence::gone) end(run, *attempt, AttemptEnd::delivered);
    return false;
}

/// Writes down where the job is, when that has changed.
void SlurmQueue::update(const RunFolder& run, const Attempt& before, const Job& job) {
    if (says_the_same(before, job)) return;
    const bool works = job.state == JobState::working;
    Attempt attempt = before;
    attempt.job = job.id;
    attempt.presence = works ? Presence::working : Presence::waiting;
    attempt.node = works ? job.node : "";
    attempt.reason = works ? "" : job.reason;
    const bool news = attempt.presence != before.presence || attempt.node != before.node ||
                      (!works && before.reason.empty() && !attempt.reason.empty());
    if (works && attempt.began.empty()) attempt.began = to_rfc3339(clock_.now());
    write_attempt(run, attempt);
    if (!news) return;
    if (works) tell(run, words_of(attempt) + " works on host " + attempt.node);
    else
        tell(run,
             words_of(attempt) + " waits" + (attempt.reason.empty() ? "" : ": " + attempt.reason));
}

bool SlurmQueue::grace_is_over(const RunFolder& run, int attempt) {
    const std::lock_guard lock(mutex_);
    const auto since = over_since_.try_emplace({run.root(), attempt}, Clicks::now()).first->second;
    if (Clicks::now() - since < options_.grace) return false;
    over_since_.erase({run.root(), attempt});
    return true;
}

void SlurmQueue::end(const RunFolder& run, Attempt attempt, AttemptEnd how,
                     const std::string& why) {
    attempt.presence = Presence::gone;
    attempt.ended = to_rfc3339(clock_.now());
    attempt.end = how;
    attempt.why = why;
    write_attempt(run, attempt);
}

/// Nothing that it says counts from here on. The next one begins at once, on another host where
/// there is one, unless too many were lost. One that cannot be handed over now stays: when Slurm
/// answers again and does not know it, the next one follows.
void SlurmQueue::lost(const RunFolder& run, Attempt attempt, const Job& job) {
    const std::string why = why_over(job);
    const bool called_back = job.state == JobState::cancelled;  // its host is not to blame
    const AttemptEnd how = called_back ? AttemptEnd::called_back : AttemptEnd::lost;
    if (!job.node.empty()) attempt.node = job.node;
    const std::string what =
        words_of(attempt) + " was lost" +
        (called_back || attempt.node.empty() ? "" : " on host " + attempt.node) + ": " + why;
    if (attempt.number % options_.most_attempts == 0 || fs::exists(run.cancel_mark())) {
        end(run, attempt, how, why);
        return tell(run, what + "; no other attempt is begun", "warning");
    }
    const Attempt next = record(run, attempt);  // before the other ends: somebody has the run
    end(run, attempt, how, why);
    tell(run, what + "; the next attempt begins", "warning");
    try {
        hand_over(run, next);
    } catch (const Error& error) {
        tell(run, words_of(next) + ": " + error.what(), "warning");
    }
}

/// Each change of an attempt changes its folder, too.
bool SlurmQueue::is_settled(const fs::path& run, fs::file_time_type changed) {
    const std::lock_guard lock(mutex_);
    const auto known = settled_.find(run);
    return known != settled_.end() && known->second == changed;
}

/// Most runs wait or are worked, and nothing has become of them since the last look: then two file
/// times and Slurm's answer say so, and nothing is read.
bool SlurmQueue::is_as_seen(const RunFolder& run, fs::file_time_type changed) {
    std::optional<Attempt> attempt;
    {
        const std::lock_guard lock(mutex_);
        const auto known = seen_.find(run.root());
        if (known == seen_.end() || known->second.attempts != changed) return false;
        std::error_code missing;
        if (fs::last_write_time(run.state_file(), missing) != known->second.state || missing)
            return false;
        attempt = known->second.attempt;
    }
    const auto job = find(*attempt);
    return job && !job->is_over() && says_the_same(*attempt, *job);
}

/// `changed`: of its attempts, before they were read.
void SlurmQueue::note_seen(const RunFolder& run, fs::file_time_type changed) {
    std::error_code missing;
    const auto state = fs::last_write_time(run.state_file(), missing);
    // what changes at the same moment must not be missed
    const auto latest = fs::file_time_type::clock::now() - std::chrono::seconds(1);
    const auto attempt = newest_attempt_of_queue(run);
    if (missing || state > latest || changed > latest || !attempt) return;
    if (is_over(run.load().progress)) return;
    const std::lock_guard lock(mutex_);
    seen_.insert_or_assign(run.root(), Seen{changed, state, *attempt});
}

std::size_t SlurmQueue::look_after_all(const fs::path& runs) {
    std::size_t left = 0;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(runs, none)) {
        std::error_code missing;  // a run without attempts is none of ours
        const auto changed = fs::last_write_time(entry.path() / "attempts", missing);
        if (missing || is_settled(entry.path(), changed)) continue;
        const RunFolder run(entry.path());
        try {
            const bool as_seen = is_as_seen(run, changed);
            if (as_seen || look_after(run)) {
                ++left;
                if (!as_seen) note_seen(run, changed);
                continue;
            }
            // what changes at the same moment must not be missed
            if (fs::file_time_type::clock::now() - changed < std::chrono::seconds(1)) continue;
            const std::lock_guard lock(mutex_);
            settled_[run.root()] = changed;
            seen_.erase(run.root());
        } catch (const std::exception& error) {
            log_warning("looking after run " + run.id() + ": " + error.what());
        }
    }
    return left;
}

RunState SlurmQueue::follow(const RunFolder& run, const OnEvent& on_event,
                            const std::function<bool()>& interrupted) {
    ChangeWatch watch({run.events(), run.state_file(), run.root() / "attempts"});
    EventTail tail(run);
    auto looked = Clicks::time_point{};
    for (;;) {
        const bool due = Clicks::now() - looked >= options_.ask_every;
        bool ended = false;
        if (due) {
            looked = Clicks::now();
            if (!options_.is_kept || !options_.is_kept()) look_after(run);
        }
        if (watch.changed() || due) {
            ended = is_over(run.load().progress) || !is_with_a_scheduler(run);
            tail.read(on_event);
        }
        if (ended && is_over(run.load().progress)) close(run);
        if (ended || interrupted()) return run.load();
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
}

void SlurmQueue::wait_until_ended(const Attempt& attempt) {
    for (const Deadline patience(end_patience); !patience.passed();
         std::this_thread::sleep_for(std::chrono::milliseconds(200))) {
        const auto job = find(attempt);
        if (job && job->is_over()) return;
    }
}

void SlurmQueue::cancel(const RunFolder& run) {
    if (is_over(run.load().progress))
        throw Error(ErrorCode::conflict, "run " + run.id() + " is over already");
    std::optional<Attempt> attempt;
    {
        const FileLock lock = lock_attempts(run);
        write_file_atomic(run.cancel_mark(), to_rfc3339(clock_.now()) + "\n");
        attempt = newest_attempt_of_queue(run);
        if (attempt && attempt->presence != Presence::gone) {
            const auto job = find(*attempt);
            if (attempt->job.empty() && job) attempt->job = job->id;
            if (!attempt->job.empty()) scheduler_->cancel(attempt->job);
            end(run, *attempt, AttemptEnd::cancelled);
        } else {
            attempt.reset();
        }
    }
    if (attempt && !attempt->job.empty()) wait_until_ended(*attempt);
    const FileLock lock = FileLock::acquire(run.lock());
    leave_cancelled(run, clock_);
}

}  // namespace patchlab::pipeline
