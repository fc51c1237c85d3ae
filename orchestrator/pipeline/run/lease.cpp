// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/run/lease.hpp"

#include "platform/core/json.hpp"
#include "platform/core/log.hpp"

namespace patchlab::pipeline {

namespace {

constexpr std::string_view lease_schema = "patchlab/lease/v1";

void write_lease(const RunFolder& run, const Lease& lease) {
    write_json(run.lease(), {{"schema", lease_schema},
                             {"attempt", lease.attempt},
                             {"holder",
                              {{"host", lease.holder.host},
                               {"boot", lease.holder.boot},
                               {"pid_namespace", lease.holder.pid_namespace},
                               {"pid", lease.holder.pid},
                               {"started", lease.holder.started}}},
                             {"taken", lease.taken},
                             {"heartbeat", lease.heartbeat},
                             {"released", lease.released}});
}

std::string words_of(const Lease& lease) {
    return "attempt " + std::to_string(lease.attempt) + " (process " +
           std::to_string(lease.holder.pid) + " of host " + lease.holder.host + ")";
}

/// Waits for what holds the lock for a moment only: the processes of a worker that was just killed,
/// the reaper, a submission. nullopt: a worker has the run.
std::optional<FileLock> lock_of_run(const RunFolder& run) {
    for (const Deadline patience(Seconds(5));;) {
        if (auto lock = FileLock::try_acquire(run.lock())) return lock;
        if (has_worker(run) || patience.passed()) return std::nullopt;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

}  // namespace

std::optional<Lease> read_lease(const RunFolder& run) {
    const auto text = read_file_if_any(run.lease(), 64U << 10);
    if (!text) return std::nullopt;
    const Json json = parse_json(*text, run.lease().string());
    const JsonReader in(json, run.lease().string());
    in.expect_schema(lease_schema);
    const JsonReader holder = in.object("holder");
    Lease lease;
    lease.attempt = static_cast<int>(in.integer("attempt"));
    lease.holder.host = holder.string("host");
    lease.holder.boot = holder.string("boot");
    lease.holder.pid_namespace = holder.string("pid_namespace");
    lease.holder.pid = holder.integer("pid");
    lease.holder.started = static_cast<std::uint64_t>(holder.integer("started"));
    lease.taken = in.string("taken");
    lease.heartbeat = in.string("heartbeat");
    lease.released = in.boolean("released");
    return lease;
}

int newest_attempt(const RunFolder& run) {
    const auto lease = read_lease(run);
    return lease ? lease->attempt : 0;
}

bool is_alive(const Lease& lease, const RunFolder& run, TimePoint now) {
    if (lease.released) return false;
    if (process::is_visible(lease.holder)) return process::is_running(lease.holder);
    const process::ProcessIdentity self = process::this_process();
    // another PID namespace of this host, where its number says nothing; the lock does
    if (lease.holder.boot == self.boot) return FileLock::is_held(run.lock());
    const bool of_this_host =
        lease.holder.host == self.host && lease.holder.boot != boot_of_lab_hosts;
    if (of_this_host) return false;  // it has been restarted since
    return now - from_rfc3339(lease.heartbeat) < lost_after;
}

bool has_worker(const RunFolder& run, TimePoint now) {
    const auto lease = read_lease(run);
    return lease && is_alive(*lease, run, now);
}

unsigned workers_alive(const fs::path& state, TimePoint now) {
    unsigned count = 0;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(state / "runs", none)) {
        const RunFolder run(entry.path());
        if (fs::exists(run.work()) && has_worker(run, now)) ++count;
    }
    return count;
}

void grant_lease(const RunFolder& run, int attempt, const std::string& host, const Clock& clock) {
    Lease lease;
    lease.attempt = attempt;
    lease.holder = {host, std::string(boot_of_lab_hosts), "", 0, 0};
    lease.taken = lease.heartbeat = to_rfc3339(clock.now());
    write_lease(run, lease);
}

void renew_granted(const RunFolder& run, int attempt, const Clock& clock, bool released) {
    auto lease = read_lease(run);
    if (!lease || lease->attempt != attempt || lease->holder.boot != boot_of_lab_hosts)
        throw LeaseLost("attempt " + std::to_string(attempt) + " has lost run " + run.id());
    lease->heartbeat = to_rfc3339(clock.now());
    lease->released = released;
    write_lease(run, *lease);
}

HeldLease HeldLease::take(const RunFolder& run, const Clock& clock) {
    auto lock = lock_of_run(run);
    const auto before = read_lease(run);
    if (!lock || (before && is_alive(*before, run, clock.now())))
        throw Error(ErrorCode::conflict, "run " + run.id() + " has a worker already" +
                                             (before ? ": " + words_of(*before) : ""));
    Lease mine;
    mine.attempt = before ? before->attempt + 1 : 1;
    mine.holder = process::this_process();
    mine.taken = mine.heartbeat = to_rfc3339(clock.now());
    write_lease(run, mine);
    return HeldLease(run, std::move(*lock), std::move(mine), clock);
}

HeldLease::~HeldLease() {
    try {
        check();
        Lease end = mine_;
        end.heartbeat = to_rfc3339(clock_->now());
        end.released = true;
        write_lease(run_, end);
    } catch (const std::exception& error) {
        // whoever asks finds that its holder is gone
        log_warning(std::string("the lease was not released: ") + error.what());
    }
}

void HeldLease::check() const {
    const auto lease = read_lease(run_);
    if (lease && lease->attempt == mine_.attempt && lease->holder == mine_.holder) return;
    throw LeaseLost(words_of(mine_) + " has lost run " + run_.id() +
                    (lease ? " to " + words_of(*lease) : ": its lease is gone"));
}

void HeldLease::renew() const {
    check();
    Lease now = mine_;
    now.heartbeat = to_rfc3339(clock_->now());
    write_lease(run_, now);
}

Heartbeat::Heartbeat(const HeldLease& lease) : lease_(lease), thread_([this] { beat(); }) {}

Heartbeat::~Heartbeat() {
    {
        const std::lock_guard lock(mutex_);
        over_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

void Heartbeat::beat() {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, heartbeat_interval, [this] { return over_; })) {
        try {
            lease_.renew();
        } catch (const LeaseLost& lost) {
            log_error(lost.what());  // the worker finds out by itself, before its next stage
            return;
        } catch (const std::exception& error) {
            log_warning(std::string("a heartbeat was missed: ") + error.what());
        }
    }
}

}  // namespace patchlab::pipeline
