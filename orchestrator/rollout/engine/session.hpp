// SPDX-License-Identifier: Apache-2.0
//
// One rollout while a process drives it: what it borrows, what was read of it once, and the few
// words that all of its parts share. Thread safety: one thread.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "orchestrator/notify/message.hpp"
#include "orchestrator/rollout/engine/authority.hpp"
#include "orchestrator/rollout/engine/deployer.hpp"
#include "orchestrator/rollout/engine/fail_points.hpp"
#include "orchestrator/rollout/engine/waiter.hpp"
#include "orchestrator/rollout/store/store.hpp"

namespace patchlab::rollout {

/// What an engine borrows; all of it must outlive it.
struct EngineParts {
    RolloutStore& store;
    Authority& authority;
    Deployer& deployer;
    notify::NoticeSink& notices;
    const Clock& clock;
    Waiter& waiter;
    Goods goods;  ///< of the rollout's entry
    std::function<void(std::string_view point)> meet = rollout_fail_point;
};

using Observations = std::map<std::string, Observation>;

class Session {
  public:
    /// Error(invalid): the stored definition or suites are not usable any more.
    Session(EngineParts borrowed, RolloutRow rollout);

    EngineParts parts;
    RolloutRow row;
    Definition definition;
    std::vector<testsuites::Suite> suites;
    std::set<std::string> over_the_past;  ///< assessment::checks_over_the_past() of them
    std::set<std::string> lab_passed;
    std::vector<RingRow> rings;

    TimePoint now() const { return parts.clock.now(); }
    governance::Actor actor() const { return {row.actor, row.os_user}; }
    void meet(std::string_view point) const { parts.meet(point); }
    void tell(const std::string& kind, const std::string& ring, const std::string& host,
              const std::string& text);
    /// Writes it down and says it to people; these read `word` first ("halted: …").
    void notice(notify::NoticeKind kind, const std::string& ring, const std::string& text,
                Json details = Json::object(), const std::string& word = {});
    void move_ring(RingRow& ring, RingState to, const std::string& detail = {}) {
        parts.store.move_ring(row.key, ring, to, now(), detail);
    }
    const RingDefinition& ring_definition(int ring) const {
        return definition.rings.at(static_cast<std::size_t>(ring));
    }
    std::vector<const assessment::Window*> windows(int ring, const std::string& host_window) const {
        return windows_of(row.windows, ring_definition(ring).window, host_window);
    }

    /// One step on these hosts. A host that was not told of is `unknown`, one that was told of
    /// twice said what it said first.
    Observations carry(Step step, std::vector<HostOrder> orders, std::size_t concurrency,
                       std::optional<WatchedTime> watched = {});
    Observations inspect(const std::vector<HostRow>& hosts,
                         std::optional<WatchedTime> watched = {});
    void save(std::vector<HostRow>& hosts) { parts.store.save(row.key, hosts, now()); }
    std::vector<HostRow> load(const std::vector<std::int64_t>& hosts) {
        return parts.store.load(row.key, hosts);
    }
    void save_one(HostRow& host);
};

/// The definition of a stored rollout. Error(invalid) when this patchlab does not understand it any
/// more.
Definition stored_definition(const RolloutRow& row);
/// The ids of these hosts, at most `size` a batch.
std::vector<std::vector<std::int64_t>> batches(const std::vector<OpenHost>& hosts,
                                               std::size_t size);
/// "1 host", "3 hosts"
std::string count_of(std::int64_t count, const std::string& noun);

}  // namespace patchlab::rollout
