// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/due_memory.hpp"

#include <string>

namespace patchlab::operations {

namespace {

constexpr Seconds good_for{60};
/// Times have whole seconds: what changed just now may change once more under the same stamp.
constexpr Seconds unsettled{3};

/// How much there is of what the answer rests on, and when it changed last.
constexpr const char* stamp_query = R"(
    SELECT patches.n || ' ' || policies.n || ' ' || feeds.n || ' ' || feeds.last || ' ' ||
               hosts.n || ' ' || hosts.gone || ' ' || scans.n || ' ' || scans.done AS amounts,
           max(patches.at, policies.at, feeds.at, hosts.at, scans.at) AS changed,
           patches.at || policies.at || feeds.at || hosts.at || scans.at AS times
    FROM (SELECT count(*) AS n, ifnull(max(added), '') AS at FROM patches) AS patches,
         (SELECT count(*) AS n, ifnull(max(added), '') AS at FROM governance_policies) AS policies,
         (SELECT count(*) AS n, ifnull(max(id), 0) AS last, ifnull(max(added), '') AS at
          FROM feed_files) AS feeds,
         (SELECT count(*) AS n, count(gone) AS gone, ifnull(max(imported), '') AS at
          FROM inventory_hosts) AS hosts,
         (SELECT count(*) AS n, count(scanned) AS done, ifnull(max(tried), '') AS at
          FROM inventory_scans) AS scans)";

struct Stamp {
    std::string text;
    std::string changed;  ///< RFC 3339; empty: nothing is there
};

Stamp stamp_of(Session& session) {
    const auto row = session.database().query_one(stamp_query);
    return {session.state().string() + " " + row->text("amounts") + " " + row->text("times"),
            row->text("changed")};
}

struct Remembered {
    std::string stamp;
    TimePoint found{};
    DuePatches patches;
};

bool is_settled(const Stamp& stamp, TimePoint now) {
    return stamp.changed.empty() || now - from_rfc3339(stamp.changed) > unsettled;
}

}  // namespace

DuePatches remembered_or(Session& session, const std::function<DuePatches()>& find) {
    static thread_local std::optional<Remembered> last;
    const Stamp stamp = stamp_of(session);
    const TimePoint now = session.clock().now();
    const bool known =
        last && last->stamp == stamp.text && now >= last->found && now - last->found < good_for;
    if (known) return last->patches;
    last.reset();
    DuePatches patches = find();
    if (is_settled(stamp, now)) last = Remembered{stamp.text, now, patches};
    return patches;
}

}  // namespace patchlab::operations
