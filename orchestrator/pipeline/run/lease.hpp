// SPDX-License-Identifier: Apache-2.0
//
// The lease of a run: who works it, in which attempt, and when that was last heard of. On disk:
// runs/<id>/lease.json (schema patchlab/lease/v1, docs/formats/lease.md); why it is as it is:
// docs/adr/0018-leases.md.
//
// Two things, which are not the same. That no two workers of one host have a run at once is what
// the lock of its folder is for. Who asks whether a run has a worker reads the lease, and takes no
// lock: a question never keeps a worker out.
//
// Each worker that begins, also to take a run up again, is a new attempt. What an older attempt
// still has to say does not count any more: a worker looks at the lease before each stage and
// before it seals, and ends where it finds a newer attempt (LeaseLost).
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "orchestrator/pipeline/run/run_folder.hpp"
#include "platform/core/clock.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/process/identity.hpp"

namespace patchlab::pipeline {

struct Lease {
    int attempt = 0;  ///< 1 for the first worker of the run
    process::ProcessIdentity holder;
    std::string taken;      ///< RFC 3339
    std::string heartbeat;  ///< RFC 3339; renewed every `heartbeat_interval`
    bool released = false;  ///< its worker has ended in an orderly way
};

/// nullopt when no worker ever had the run. Error(invalid).
std::optional<Lease> read_lease(const RunFolder& run);
/// The number of the newest attempt; 0: no worker ever had the run.
int newest_attempt(const RunFolder& run);

inline constexpr std::chrono::seconds heartbeat_interval{10};
/// A worker of another host whose heartbeat is older than this is taken for dead.
inline constexpr std::chrono::seconds lost_after{60};

// The lease of a worker on a lab host, which reaches this folder through the head alone: whoever
// hears of it keeps the lease for it. The number of the attempt is the queue's.

/// Stands for the boot of such a holder, of whose processes nothing is known here.
inline constexpr std::string_view boot_of_lab_hosts = "lab-host";
/// Gives the run to an attempt of a lab host. The caller holds the lock of the attempts.
void grant_lease(const RunFolder& run, int attempt, const std::string& host, const Clock& clock);
/// A heartbeat of it, or its end. Throws LeaseLost when another attempt has the run.
void renew_granted(const RunFolder& run, int attempt, const Clock& clock, bool released = false);

/// Whether the holder of a lease is at work. On this host the kernel knows, at once and however the
/// worker ended; of another host only the heartbeat tells.
bool is_alive(const Lease& lease, const RunFolder& run, TimePoint now);
/// Whether the run has a worker now.
bool has_worker(const RunFolder& run, TimePoint now = SystemClock().now());
/// The runs of a state folder that have a worker now.
unsigned workers_alive(const fs::path& state, TimePoint now = SystemClock().now());

/// Thrown at a worker that does not hold the lease of its run any more. It leaves everything as it
/// is: the folder belongs to the newer attempt.
class LeaseLost : public Error {
  public:
    explicit LeaseLost(const std::string& what) : Error(ErrorCode::conflict, what) {}
};

/// The right to work a run, from take() to destruction. A process that fork() made may use its copy
/// while the process that took the lease lives; it must not destroy it.
class HeldLease {
  public:
    /// Begins the next attempt, held by this process. Error(conflict) when the run has a worker.
    static HeldLease take(const RunFolder& run, const Clock& clock);
    HeldLease(const HeldLease&) = delete;
    HeldLease& operator=(const HeldLease&) = delete;
    ~HeldLease();

    const RunFolder& run() const { return run_; }
    int attempt() const { return mine_.attempt; }
    /// Throws LeaseLost when the run has a newer attempt, or its lease is gone.
    void check() const;
    /// Writes the present time as heartbeat. LeaseLost as in check().
    void renew() const;

  private:
    HeldLease(const RunFolder& run, FileLock lock, Lease mine, const Clock& clock)
        : run_(run), lock_(std::move(lock)), mine_(std::move(mine)), clock_(&clock) {}
    RunFolder run_;
    FileLock lock_;
    Lease mine_;
    const Clock* clock_;
};

/// Renews a lease every `heartbeat_interval` while it lives. Thread safety: works in a thread of
/// its own.
class Heartbeat {
  public:
    explicit Heartbeat(const HeldLease& lease);
    ~Heartbeat();
    Heartbeat(const Heartbeat&) = delete;
    Heartbeat& operator=(const Heartbeat&) = delete;

  private:
    void beat();
    const HeldLease& lease_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool over_ = false;
    std::thread thread_;
};

}  // namespace patchlab::pipeline
