// SPDX-License-Identifier: Apache-2.0
//
// Figures for Prometheus, and whether the service is alive. Labels are words of small sets, never
// an id, a host or a CVE.
#include <string_view>

#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "orchestrator/operations/patch_urgency.hpp"
#include "orchestrator/operations/prometheus_text.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/version.hpp"

namespace patchlab::operations {

namespace {

double epoch_seconds(const std::string& time) {
    return static_cast<double>(
        std::chrono::duration_cast<std::chrono::seconds>(from_rfc3339(time).time_since_epoch())
            .count());
}

/// Writes one kind of figures after the other.
class Figures {
  public:
    explicit Figures(Call& call) : call_(call), database_(call.session.database()) {}

    std::string text() {
        out_.metric("patchlab_build_info", "gauge", "The version of patchlab; always 1.");
        out_.sample(1, {{"version", std::string(version)}});
        runs();
        rollouts();
        inventory_figures();
        overdue();
        records();
        out_.metric("patchlab_state_free_bytes", "gauge",
                    "Free bytes on the file system of the state folder.");
        out_.sample(static_cast<double>(free_bytes(call_.session.state())));
        return out_.text();
    }

  private:
    /// A sample for each row of the answer: its `n`, with the column `label` as the label.
    void counts(const char* label, std::string_view sql) {
        for (const store::Row& row : database_.query(sql))
            out_.sample(static_cast<double>(row.integer("n")), {{label, row.text(label)}});
    }

    void runs() {
        pipeline::RunStore(call_.session.state(), database_).sync();
        out_.metric("patchlab_runs", "gauge", "Runs that are kept, by state and verdict.");
        for (const store::Row& row : database_.query(
                 "SELECT progress, coalesce(verdict, 'none') AS verdict, count(*) AS n FROM runs "
                 "GROUP BY 1, 2 ORDER BY 1, 2"))
            out_.sample(static_cast<double>(row.integer("n")),
                        {{"state", row.text("progress")}, {"verdict", row.text("verdict")}});
        std::vector<double> seconds;
        for (const store::Row& row : database_.query(
                 "SELECT requested, finished FROM runs WHERE kind = 'rehearse' AND progress = "
                 "'finished' AND finished IS NOT NULL"))
            seconds.push_back(epoch_seconds(row.text("finished")) -
                              epoch_seconds(row.text("requested")));
        out_.histogram("patchlab_run_duration_seconds",
                       "Time from the request of a rehearsal to its verdict.",
                       {60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400}, seconds);
        const auto queue = database_.query_one(
            "SELECT count(*) AS n, min(requested) AS oldest FROM runs WHERE progress = 'queued'");
        out_.metric("patchlab_queued_runs", "gauge", "Runs that wait for a worker.");
        out_.sample(static_cast<double>(queue->integer("n")));
        out_.metric("patchlab_queue_oldest_wait_seconds", "gauge",
                    "How long the oldest of them has waited.");
        const auto oldest = queue->text_or_null("oldest");
        out_.sample(oldest ? now() - epoch_seconds(*oldest) : 0);
    }

    void rollouts() {
        out_.metric("patchlab_rollouts", "gauge", "Rollouts, by state.");
        counts("state", "SELECT state, count(*) AS n FROM rollouts GROUP BY 1 ORDER BY 1");
        out_.metric("patchlab_rollout_hosts", "gauge",
                    "Hosts of the rollouts that are not over, by state.");
        counts("state",
               "SELECT h.state, count(*) AS n FROM rollout_hosts h JOIN rollouts r ON r.key = "
               "h.rollout WHERE r.finished = '' GROUP BY 1 ORDER BY 1");
    }

    void inventory_figures() {
        out_.metric("patchlab_hosts", "gauge", "Hosts of the inventory, by criticality.");
        counts("criticality",
               "SELECT coalesce(criticality, 'mission-critical') AS criticality, count(*) AS n "
               "FROM inventory_hosts WHERE gone IS NULL GROUP BY 1 ORDER BY 1");
        const std::string since =
            to_rfc3339(call_.session.clock().now() -
                       std::chrono::duration_cast<TimePoint::duration>(inventory_fresh_for));
        const auto unknown = database_.query_one(
            "SELECT count(*) AS n FROM inventory_hosts h LEFT JOIN inventory_scans s ON s.host = "
            "h.id WHERE h.gone IS NULL AND (s.outcome IS NULL OR s.outcome <> 'scanned' OR "
            "s.scanned < ?)",
            {since});
        out_.metric("patchlab_hosts_unknown", "gauge",
                    "Hosts without a current scan: nobody knows what they need.");
        out_.sample(static_cast<double>(unknown->integer("n")));
    }

    /// Nothing at all where nothing ranks patches: no figure must look like "none is overdue".
    void overdue() {
        const auto patches = due_patches(call_.session);
        if (!patches) return;
        const auto limits = overdue_by_limit(*patches);
        out_.metric("patchlab_overdue_patches", "gauge", "Patches past their due date, by limit.");
        for (const auto& [limit, sums] : limits)
            out_.sample(static_cast<double>(sums.patches), {{"limit", limit}});
        out_.metric("patchlab_overdue_hosts", "gauge",
                    "Hosts that still need an overdue patch, once for each, by limit.");
        for (const auto& [limit, sums] : limits)
            out_.sample(static_cast<double>(sums.hosts), {{"limit", limit}});
    }

    void records() {
        out_.metric("patchlab_catalog_entries", "gauge", "Catalog entries, by state.");
        counts("state", "SELECT state, count(*) AS n FROM catalog_entries GROUP BY 1 ORDER BY 1");
        out_.metric("patchlab_channel_published_timestamp_seconds", "gauge",
                    "When the newest snapshot of a channel was made.");
        for (const store::Row& row : database_.query(
                 "SELECT channel, max(created) AS newest FROM catalog_snapshots WHERE state = "
                 "'published' GROUP BY 1 ORDER BY 1"))
            out_.sample(epoch_seconds(row.text("newest")), {{"channel", row.text("channel")}});
        const auto row =
            database_.query_one("SELECT seq, time FROM governance_audit ORDER BY seq DESC LIMIT 1");
        out_.metric("patchlab_audit_rows_total", "counter", "Rows of the audit trail.");
        out_.sample(row ? static_cast<double>(row->integer("seq")) : 0);
        if (!row) return;
        out_.metric("patchlab_audit_head_timestamp_seconds", "gauge",
                    "When the newest row of the audit trail was signed.");
        out_.sample(epoch_seconds(row->text("time")));
    }

    double now() const { return epoch_seconds(to_rfc3339(call_.session.clock().now())); }

    static constexpr Seconds inventory_fresh_for{7 * 86400};
    Call& call_;
    store::Database& database_;
    PrometheusText out_;
};

Outcome show_metrics(Call& call, const JsonReader&) {
    return {{{"schema", "patchlab/metrics/v1"},
             {"content_type", "text/plain; version=0.0.4; charset=utf-8"},
             {"text", Figures(call).text()}}};
}

/// Whether it can work: the store answers, and something can be written beside it.
Outcome show_health(Call& call, const JsonReader&) {
    Json problems = Json::array();
    try {
        call.session.database().query_one("SELECT count(*) AS n FROM governance_audit_head");
        if (free_bytes(call.session.state()) < (64ULL << 20))
            problems.push_back("the state folder has less than 64 MiB left");
    } catch (const std::exception&) {
        problems.push_back("the store does not answer");  // more is told to those who are known
    }
    return {{{"schema", "patchlab/health/v1"},
             {"ready", problems.empty()},
             {"version", std::string(version)},
             {"problems", problems}},
            problems.empty() ? 0 : exit_code(ErrorCode::lab)};
}

}  // namespace

std::vector<Operation> metrics_operations() {
    Access everybody = anyone();
    everybody.before_login = true;
    return {
        {"metrics.show", "Figures of this installation, for Prometheus", Kind::read, anyone(),
         show_metrics},
        {"service.health", "Whether the service can work", Kind::read, everybody, show_health},
    };
}

}  // namespace patchlab::operations
