// SPDX-License-Identifier: Apache-2.0
//
// For those who answer for the process: what was released, rehearsed, approved, deployed and backed
// out in each month or quarter, how long it took, and what the lab caught.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "orchestrator/catalog/entry_store.hpp"
#include "orchestrator/inventory/need_finder.hpp"
#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/inventory_hosts.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "orchestrator/operations/patch_urgency.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"
#include "orchestrator/pipeline/verdict/statistics.hpp"
#include "platform/core/error.hpp"

namespace patchlab::operations {

namespace {

constexpr std::size_t most_catches = 200;
constexpr int usual_months = 12;

/// "2026-11" of a month, "2026-Q4" of a quarter.
std::string period_of(const std::string& time, bool quarters) {
    if (!quarters) return time.substr(0, 7);
    const int month = std::stoi(time.substr(5, 2));
    return time.substr(0, 4) + "-Q" + std::to_string((month - 1) / 3 + 1);
}

/// The first of the month so many months before.
std::string months_before(const std::string& date, int months) {
    const int index = std::stoi(date.substr(0, 4)) * 12 + std::stoi(date.substr(5, 2)) - 1 - months;
    const std::string month = std::to_string(index % 12 + 1);
    return std::to_string(index / 12) + "-" + (month.size() == 1 ? "0" : "") + month + "-01";
}

struct PeriodSums {
    std::int64_t released = 0, rehearsed = 0, approved = 0, rejected_by_people = 0, rollouts = 0,
                 halted = 0, hosts_updated = 0, hosts_failed = 0, backed_out = 0,
                 hosts_backed_out = 0;
    std::map<std::string, std::int64_t> verdicts;
    std::vector<double> days;  ///< from release to last ring
};

class Reckoning {
  public:
    Reckoning(Call& call, std::string from, std::string to, bool quarters)
        : call_(call),
          database_(call.session.database()),
          from_(std::move(from)),
          to_(std::move(to)),
          quarters_(quarters) {}

    Json periods() {
        for (std::string month = from_.substr(0, 8) + "01"; month < to_.substr(0, 10);
             month = months_before(month, -1))
            sums_[period_of(month, quarters_)];
        count_patches();
        count_runs();
        count_decisions();
        count_rollouts();
        Json all = Json::array();
        for (const auto& [period, sums] : sums_) all.push_back(period_json(period, sums));
        return all;
    }

    /// What would have reached production: runs that the lab rejected, newest first.
    Json catches() {
        Json items = Json::array();
        for (const store::Row& row : database_.query(
                 "SELECT id, lab, patches, finished FROM runs WHERE kind = 'rehearse' AND verdict "
                 "= 'rejected' AND finished >= ? AND finished < ? ORDER BY finished DESC LIMIT ?",
                 {from_, to_, static_cast<std::int64_t>(most_catches)}))
            items.push_back({{"run", row.text("id")},
                             {"lab", row.text("lab")},
                             {"patches", parse_json(row.text("patches"), "the patches of a run")},
                             {"finished", row.text("finished")}});
        return items;
    }

  private:
    PeriodSums* at(const std::string& time) {
        if (time.empty() || time < from_ || time >= to_) return nullptr;
        return &sums_[period_of(time, quarters_)];
    }

    static Json period_json(const std::string& period, const PeriodSums& sums) {
        Json verdicts = Json::object();
        for (const char* verdict : {"validated", "needs-review", "rejected", "inconclusive"}) {
            const auto found = sums.verdicts.find(verdict);
            verdicts[verdict] = found == sums.verdicts.end() ? 0 : found->second;
        }
        return {{"period", period},
                {"released", sums.released},
                {"rehearsed", sums.rehearsed},
                {"verdicts", verdicts},
                {"approved", sums.approved},
                {"rejected_by_people", sums.rejected_by_people},
                {"rollouts", sums.rollouts},
                {"rollouts_halted", sums.halted},
                {"hosts_updated", sums.hosts_updated},
                {"hosts_failed", sums.hosts_failed},
                {"rollouts_backed_out", sums.backed_out},
                {"hosts_backed_out", sums.hosts_backed_out},
                {"median_days_to_last_ring",
                 sums.days.empty() ? Json(nullptr) : Json(pipeline::median(sums.days))}};
    }

    void count_patches() {
        for (const store::Row& row : database_.query("SELECT added FROM patches"))
            if (PeriodSums* sums = at(row.text("added"))) ++sums->released;
    }

    void count_runs() {
        for (const store::Row& row : database_.query(
                 "SELECT finished, verdict FROM runs WHERE kind = 'rehearse' AND progress = "
                 "'finished' AND finished IS NOT NULL"))
            if (PeriodSums* sums = at(row.text("finished"))) {
                ++sums->rehearsed;
                ++sums->verdicts[row.text_or_null("verdict").value_or("inconclusive")];
            }
    }

    /// Each run once, in the period of its newest approval or rejection.
    void count_decisions() {
        std::set<std::string> seen;
        for (const store::Row& row : database_.query(
                 "SELECT run, kind, time FROM governance_rulings WHERE kind IN ('approve', "
                 "'reject') ORDER BY seq DESC")) {
            if (!seen.insert(row.text("run")).second) continue;
            if (PeriodSums* sums = at(row.text("time")))
                ++(row.text("kind") == "approve" ? sums->approved : sums->rejected_by_people);
        }
    }

    void count_rollouts() {
        catalog::EntryStore entries(call_.session.state(), database_);
        for (const store::Row& row : database_.query("SELECT key, entry, state, created, finished "
                                                     "FROM rollouts WHERE simulated = ''")) {
            const std::string state = row.text("state"), finished = row.text("finished");
            if (PeriodSums* sums = at(row.text("created"))) ++sums->rollouts;
            PeriodSums* ended = at(finished);
            if (!ended) continue;
            if (state == "halted" || state == "aborted") ++ended->halted;
            if (state == "backed-out") ++ended->backed_out;
            count_hosts(*ended, row.integer("key"));
            if (state == "finished")
                if (const auto days = days_since_release(entries, row.text("entry"), finished))
                    ended->days.push_back(*days);
        }
    }

    void count_hosts(PeriodSums& sums, std::int64_t rollout) {
        for (const store::Row& row : database_.query(
                 "SELECT state, failed, count(*) AS n FROM rollout_hosts WHERE rollout = ? GROUP "
                 "BY 1, 2",
                 {rollout})) {
            const std::string state = row.text("state");
            const std::int64_t hosts = row.integer("n");
            if (state == "done") sums.hosts_updated += hosts;
            if (state == "backed-out") sums.hosts_backed_out += hosts;
            if (row.integer("failed") != 0) sums.hosts_failed += hosts;
        }
    }

    /// Since the first of its patches was known here.
    std::optional<double> days_since_release(catalog::EntryStore& entries, const std::string& id,
                                             const std::string& finished) {
        std::string known;
        try {
            for (const catalog::EntryPatch& patch : entries.get(id).patches)
                if (const auto row =
                        database_.query_one("SELECT added FROM patches WHERE id = ?", {patch.id}))
                    known =
                        known.empty() ? row->text("added") : std::min(known, row->text("added"));
        } catch (const Error&) {
            return std::nullopt;  // what cannot be read is not known
        }
        if (known.empty() || known > finished) return std::nullopt;
        return Seconds(from_rfc3339(finished) - from_rfc3339(known)).count() / 86400;
    }

    Call& call_;
    store::Database& database_;
    std::string from_, to_;
    bool quarters_;
    std::map<std::string, PeriodSums> sums_;
};

/// Of the mission-critical hosts: how many have everything that the catalog offers, how many lack
/// something, and of how many nobody knows. Now, not in a period.
Json coverage(Call& call) {
    std::set<std::string> critical, lacking, unknown;
    inventory::HostStore(call.session.database()).each([&](const inventory::Host& host) {
        if (host.gone.empty() && host.counts_as() == assessment::Criticality::mission_critical)
            critical.insert(host.name);
    });
    inventory::NeedFinder finder(call.session.database(), call.session.clock().now());
    for (const auto& host : finder.hosts())
        if (!host.unknown.empty() && critical.contains(host.name)) unknown.insert(host.name);
    for (const inventory::Offer& offer :
         current_offers(call.session.state(), call.session.database()))
        if (offer.kind == "entry")
            finder.find(offer, [&](const auto& host, const inventory::NeedAnswer& answer) {
                if (critical.contains(host.name) && !unknown.contains(host.name) &&
                    answer.for_rollout() != assessment::Need::not_needed)
                    lacking.insert(host.name);
            });
    const std::size_t covered = critical.size() - lacking.size() - unknown.size();
    const auto all = static_cast<double>(critical.size());
    return {{"hosts", critical.size()},
            {"covered", covered},
            {"lacking", lacking.size()},
            {"unknown", unknown.size()},
            {"share", critical.empty() ? Json(nullptr) : Json(static_cast<double>(covered) / all)}};
}

/// Patches and hosts × patches past their date, by limit; null: nobody knows.
Json overdue_by_band(Call& call) {
    const auto patches = due_patches(call.session);
    if (!patches) return nullptr;
    Json items = Json::array();
    for (const auto& [limit, sums] : overdue_by_limit(*patches))
        if (sums.patches > 0)
            items.push_back(
                {{"limit", limit}, {"patches", sums.patches}, {"host_count", sums.hosts}});
    return items;
}

Outcome show_management(Call& call, const JsonReader& request) {
    const std::string now = call.session.governance().now();
    const std::string tomorrow =
        to_rfc3339(call.session.clock().now() + std::chrono::hours(24)).substr(0, 10);
    const std::string to = to_rfc3339(from_rfc3339(request.string_or("to", tomorrow)));
    const std::string from =
        to_rfc3339(from_rfc3339(request.string_or("from", months_before(now, usual_months - 1))));
    if (from >= to)
        throw Error(ErrorCode::usage, "the time from " + from + " to " + to + " is none");
    const std::string by = request.string_or("by", "month");
    Reckoning account(call, from, to, by == "quarter");
    return {{{"schema", "patchlab/management/v1"},
             {"from", from},
             {"to", to},
             {"by", by},
             {"periods", account.periods()},
             {"caught", account.catches()},
             {"mission_critical", coverage(call)},
             {"overdue", overdue_by_band(call)}}};
}

}  // namespace

std::vector<Operation> management_operations() {
    return {{"management.show",
             "Released, rehearsed, approved, deployed and backed out, by month or quarter",
             Kind::read, anyone(), show_management}};
}

}  // namespace patchlab::operations
