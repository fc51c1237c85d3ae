// SPDX-License-Identifier: Apache-2.0
//
// Where rollouts are kept: one row a rollout, ring and host, events in order, what was asked of a
// running one, and what hosts reported. Hosts are integers (their place in the plan), so that
// status is a walk over one index. Every change of a state is checked against states.hpp:
// Error(internal) for a move that is not in there. Thread safety: one a thread; several processes
// may use one store.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/rollout/gate/gate.hpp"
#include "orchestrator/rollout/plan/plan.hpp"
#include "orchestrator/rollout/store/states.hpp"
#include "platform/core/clock.hpp"
#include "platform/store/database.hpp"

namespace patchlab::rollout {

using Epoch = std::int64_t;  ///< seconds since 1970, UTC
Epoch to_epoch(TimePoint time);
TimePoint from_epoch(Epoch seconds);

struct RolloutRow {
    std::int64_t key = 0;
    std::string id;  ///< "ro-20261125-0001"
    std::string entry;
    std::string name;  ///< of the definition
    Mode mode = Mode::push;
    RolloutState state = RolloutState::planned;
    std::string reason;                ///< why it is there: who paused it, what halted it
    std::string source, file, folder;  ///< of the definition
    std::string evidence_digest, plan_digest;
    assessment::Windows windows;  ///< of the definition and of the hosts
    Json gate;  ///< the suites as they were when it was started, and what passed in the lab
                ///< (gate_suites.hpp)
    std::string simulated;       ///< where the script of a simulated rollout is; empty: real hosts
    std::string actor, os_user;  ///< in whose name the engine acts
    std::int64_t hosts = 0, may_fail = 0;
    std::string created, changed, finished;
};

struct RingRow {
    int ring = 0;
    std::string name;
    RingState state = RingState::waiting;
    std::int64_t hosts = 0;
    Epoch started = 0, soak_until = 0, finished = 0;
    bool published = false;  ///< (pull) its channel offers the entry
    std::string detail;
};

struct HostRow {
    std::int64_t host = 0;  ///< its place in the plan
    int ring = 0;
    std::string name, window;
    assessment::Criticality criticality = assessment::Criticality::business_operational;
    HostState state = HostState::planned;
    std::string detail;  ///< why it is in this state: a line for each reason
    std::optional<InstalledPackages> before, after;
    std::string boot_before, boot_after;
    assessment::Baseline baseline;
    bool proven = false;
    bool failed = false;     ///< it counts against the budget, whatever became of it afterwards
    bool disagrees = false;  ///< a check that passed in the lab fails here
    bool soaked = false;     ///< its checks ran again at the end of the soak time
    int attempts = 0;        ///< installations that were begun
    Epoch first_try = 0;     ///< when it was found off (or, pull, when its channel was published)
    Epoch next_try = 0;
    double seconds = 0;                          ///< of the installation
    std::optional<assessment::Vitals> vitals{};  ///< while its ring was watched
    std::optional<double> outage_seconds{};      ///< of the installation: a service was away
    Epoch changed = 0;
    HostState stored = HostState::planned;  ///< as the store has it

    void add_reason(const std::string& why) { detail += (detail.empty() ? "" : "\n") + why; }
};

/// Reasons for a reader of one line: "check-failed: …; the way back failed: …"
std::string in_one_line(std::string_view reasons);

/// A host that something is still to be done with.
struct OpenHost {
    std::int64_t host = 0;
    int ring = 0;
    HostState state = HostState::planned;
    std::string window;
    Epoch next_try = 0;
};

struct EventRow {
    std::int64_t sequence = 0;
    std::string time, kind, ring, host, text;
};

struct RequestRow {
    std::string what;  ///< "pause" | "abort"
    std::string actor, os_user, time;
};

struct HostCount {
    int ring = 0;
    HostState state = HostState::planned;
    bool proven = false;
    std::int64_t count = 0;
};

/// What a host said of itself (schema patchlab/host-report/v1).
struct HostReport {
    std::string host, boot_id, time;
    InstalledPackages packages;
    std::string received;
};
/// The detail of a host of which such a report is all that is known.
inline constexpr std::string_view told_by_itself =
    "by its own report: no check proves that it works";

class RolloutStore {
  public:
    explicit RolloutStore(store::Database& database) : database_(database) {}
    store::Database& database() { return database_; }

    std::string free_id(TimePoint now);
    /// Inside the caller's transaction. Sets row.key.
    void add(RolloutRow& row, const Plan& plan);
    std::vector<RolloutRow> list();  ///< newest first
    /// Error(not_found). An empty id: the newest one.
    RolloutRow get(const std::string& id);
    void move(RolloutRow& row, RolloutState to, const std::string& reason, TimePoint now);
    void act_as(RolloutRow& row, const std::string& actor, const std::string& os_user);

    std::vector<RingRow> rings(std::int64_t rollout);
    void move_ring(std::int64_t rollout, RingRow& ring, RingState to, TimePoint now,
                   const std::string& detail = {});
    void save_ring(std::int64_t rollout, const RingRow& ring);

    /// In the order of the plan. `ring` < 0: all.
    std::vector<OpenHost> hosts_in(std::int64_t rollout, int ring,
                                   const std::vector<HostState>& states);
    std::vector<OpenHost> unsoaked(std::int64_t rollout, int ring);
    std::vector<HostRow> load(std::int64_t rollout, const std::vector<std::int64_t>& hosts);
    /// One transaction.
    void save(std::int64_t rollout, std::vector<HostRow>& hosts, TimePoint now);
    /// Inside the caller's transaction: every host that is in one of these states. Gives how many.
    int move_all(std::int64_t rollout, const std::vector<HostState>& from, HostState to,
                 const std::string& detail, TimePoint now);

    std::vector<HostCount> counts(std::int64_t rollout);
    std::vector<HostCount> counts_of_ring(std::int64_t rollout, int ring);
    /// By name, of the hosts of a ring whose journal was read while they were watched.
    std::vector<std::pair<std::string, assessment::Vitals>> vitals(std::int64_t rollout, int ring);
    struct Outage {
        double seconds = 0;      ///< of all hosts that were observed together
        std::int64_t hosts = 0;  ///< that were observed
    };
    Outage outage(std::int64_t rollout);
    struct Failures {
        std::int64_t failed = 0, disagree = 0;
    };
    Failures failures(std::int64_t rollout);
    /// Hosts in these states, or (empty) all; at most so many.
    std::vector<HostRow> some(std::int64_t rollout, const std::vector<HostState>& states,
                              std::int64_t at_most, std::int64_t after = -1);

    /// Those that a person must look at: failed, not back, missed, skipped; what failed first. At
    /// most so many.
    std::vector<HostRow> attention(std::int64_t rollout, std::int64_t at_most);

    void tell(std::int64_t rollout, TimePoint now, const std::string& kind, const std::string& ring,
              const std::string& host, const std::string& text);
    /// Oldest first: what turned the rollout from its way (it halted, was aborted, went back).
    std::vector<EventRow> turns(std::int64_t rollout);
    std::vector<EventRow> events(std::int64_t rollout, std::int64_t after = 0,
                                 std::int64_t at_most = 1'000'000);

    void ask(std::int64_t rollout, const RequestRow& request);
    std::optional<RequestRow> asked(std::int64_t rollout);
    void forget_requests(std::int64_t rollout);

    void put_report(const HostReport& report);
    std::optional<HostReport> report_of(const std::string& host);
    /// Changes when another process changed the store.
    std::int64_t data_version();

  private:
    HostRow host_row(const store::Row& row);
    store::Database& database_;
};

/// The tables of rollouts.
std::vector<store::Migration> migrations();

Json to_json(const assessment::Windows& windows);
assessment::Windows windows_from_json(const Json& json);

}  // namespace patchlab::rollout
