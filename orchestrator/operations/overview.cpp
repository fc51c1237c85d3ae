// SPDX-License-Identifier: Apache-2.0
//
// Today: what waits for whoever asks, what is overdue, what runs, what failed.
#include <algorithm>

#include "orchestrator/governance/decision.hpp"
#include "orchestrator/notify/message.hpp"
#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "orchestrator/operations/patch_urgency.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"
#include "orchestrator/rollout/store/store.hpp"
#include "platform/core/error.hpp"
#include "platform/core/text.hpp"
#include "platform/store/selection.hpp"

namespace patchlab::operations {

namespace {

using governance::Role;

/// Runs whose decision is looked at, newest first: each reads the run's evidence.
constexpr std::size_t most_decided = 20;
constexpr std::size_t most_shown = 100;
constexpr double days_to_look_back = 14;

class Today {
  public:
    explicit Today(Call& call)
        : call_(call),
          user_(governance::acting_user(call.session.governance(), call.actor)),
          since_(to_rfc3339(call.session.clock().now() -
                            std::chrono::duration_cast<TimePoint::duration>(
                                Seconds(days_to_look_back * 86400)))) {}

    Json document() {
        look_at_runs();
        look_at_rollouts();
        return {{"schema", "patchlab/overview/v1"},
                {"user", user_.name},
                {"now", call_.session.governance().now()},
                {"waiting", waiting_},
                {"overdue", overdue()},
                {"running", running_},
                {"failed", failed_}};
    }

  private:
    static void put(Json& list, Json item) {
        if (list.size() < most_shown) list.push_back(std::move(item));
    }

    static Json item(const char* kind, const std::string& id, const std::string& title,
                     const std::string& why, const std::string& since) {
        return {{"kind", kind}, {"id", id}, {"title", title}, {"why", why}, {"since", since}};
    }

    static store::Selection newest_runs(std::string where, std::vector<store::Value> values,
                                        std::size_t most) {
        return {std::move(where), "id DESC", std::move(values), static_cast<std::int64_t>(most)};
    }

    static std::string title_of(const pipeline::RunRow& run) {
        return run.patches.empty() ? "lab " + run.lab : joined(run.patches);
    }

    void look_at_runs() {
        pipeline::RunStore runs(call_.session.state(), call_.session.database());
        for (const pipeline::RunRow& run :
             runs.list(newest_runs("progress IN ('queued', 'running')", {}, most_shown)))
            put(running_,
                item("run", run.id, title_of(run), run.progress + ": " + run.stage, run.requested));
        const auto bad = newest_runs(
            "requested >= ? AND (progress = 'interrupted' OR (verdict IN ('rejected', "
            "'inconclusive') AND progress NOT IN ('queued', 'running')))",
            {since_}, most_shown);
        for (const pipeline::RunRow& run : runs.list(bad))
            put(failed_,
                item("run", run.id, title_of(run), run.verdict.empty() ? run.progress : run.verdict,
                     run.finished.empty() ? run.requested : run.finished));
        const bool manages = user_.has(Role::release_manager);
        if (!manages && !user_.has(Role::system_owner)) return;
        for (const pipeline::RunRow& run : runs.list(that_may_wait_for_me(manages)))
            look_at_decision(run, title_of(run));
    }

    /// What the store alone can say, before any evidence is read: judged, not in the catalog, and
    /// approved (then somebody may promote it), or of somebody else and not decided about by me.
    store::Selection that_may_wait_for_me(bool manages) const {
        const std::string approved =
            "EXISTS (SELECT 1 FROM governance_rulings WHERE run = runs.id AND kind = 'approve')";
        const std::string mine_to_decide =
            "(requester <> ? AND NOT EXISTS (SELECT 1 FROM governance_rulings WHERE run = runs.id "
            "AND author = ?))";
        return newest_runs(
            "verdict IN ('validated', 'needs-review') AND progress NOT IN ('queued', 'running') "
            "AND NOT EXISTS (SELECT 1 FROM catalog_entries WHERE run = runs.id) AND (" +
                (manages ? approved + " OR " : "") + mine_to_decide + ")",
            {user_.name, user_.name}, most_decided);
    }

    void look_at_decision(const pipeline::RunRow& run, const std::string& title) {
        governance::Governance& house = call_.session.governance();
        try {
            const governance::DecidedRun decided = governance::decided_run(house, run.id);
            if (decided.decision.satisfied()) {
                if (user_.has(Role::release_manager))
                    put(waiting_, item("promote", run.id, title, "approved, and in no channel yet",
                                       run.finished));
                return;
            }
            if (run.requester == user_.name || is_decided_by_me(run.id)) return;
            const auto notice = notify::approval_wanted(decided.decision, decided.facts.run);
            if (!notice) return;
            const auto wanted = notice->details.at("roles").get<std::vector<std::string>>();
            const bool mine = std::any_of(wanted.begin(), wanted.end(), [&](const auto& role) {
                return user_.has(governance::role_from(role));
            });
            if (mine)
                put(waiting_, item("approve", run.id, title,
                                   run.verdict + "; an approval is wanted", run.finished));
        } catch (const Error&) {
            // what is wrong with its evidence is shown where the run is shown
        }
    }

    bool is_decided_by_me(const std::string& run) {
        return call_.session.database()
            .query_one("SELECT seq FROM governance_rulings WHERE run = ? AND author = ? LIMIT 1",
                       {run, user_.name})
            .has_value();
    }

    void look_at_rollouts() {
        rollout::RolloutStore store(call_.session.database());
        for (const rollout::RolloutRow& row : store.list()) {
            const std::string state(rollout::name(row.state));
            const std::string why = state + (row.reason.empty() ? "" : ": " + row.reason);
            const bool steers = user_.has(Role::release_manager);
            const bool paused = row.state == rollout::RolloutState::paused;
            const bool stopped = row.state == rollout::RolloutState::halted ||
                                 row.state == rollout::RolloutState::aborted;
            if (steers && (paused || (stopped && row.changed >= since_)))
                put(waiting_, item("rollout", row.id, row.name, why, row.changed));
            if (stopped && row.changed >= since_)
                put(failed_, item("rollout", row.id, row.name, why, row.changed));
            else if (!rollout::is_over(row.state) && !paused)
                put(running_, item("rollout", row.id, row.name, why, row.created));
        }
    }

    /// null: nobody knows.
    Json overdue() {
        const auto patches = due_patches(call_.session);
        if (!patches) return nullptr;
        Json items = Json::array();
        for (const DuePatch& patch : *patches)
            if (patch.overdue)
                put(items, {{"id", patch.id},
                            {"limit", or_null(patch.limit)},
                            {"due_at", or_null(patch.due)},
                            {"host_count", patch.hosts}});
        return items;
    }

    Call& call_;
    governance::User user_;
    std::string since_;
    Json waiting_ = Json::array(), running_ = Json::array(), failed_ = Json::array();
};

Outcome show_overview(Call& call, const JsonReader&) { return {Today(call).document()}; }

}  // namespace

std::vector<Operation> overview_operations() {
    return {{"overview.show",
             "What waits for whoever asks, what is overdue, what runs, what failed", Kind::read,
             every_user(), show_overview}};
}

}  // namespace patchlab::operations
