// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/patch_history.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "orchestrator/catalog/entry_store.hpp"
#include "orchestrator/intake/patch.hpp"
#include "orchestrator/operations/documents.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"
#include "orchestrator/rollout/store/store.hpp"
#include "platform/core/error.hpp"
#include "platform/core/json.hpp"
#include "platform/core/text.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::operations {

namespace {

constexpr std::size_t most_runs = 200, most_rollouts = 200;

using rollout::HostState;

/// A patch that was removed since still has its name, SOURCE_VERSION.
bool is_of(const std::string& patch, const std::string& source,
           const std::map<std::string, std::string>& sources) {
    const auto known = sources.find(patch);
    return known == sources.end() ? patch.starts_with(source + "_") : known->second == source;
}

std::map<std::string, std::string> sources_by_patch(store::Database& database) {
    std::map<std::string, std::string> sources;
    for (const store::Row& row : database.query("SELECT id, source FROM patches"))
        sources.emplace(row.text("id"), row.text("source"));
    return sources;
}

Json run_json(const pipeline::RunRow& run) {
    return {{"id", run.id},
            {"lab", run.lab},
            {"patches", run.patches},
            {"verdict", or_null(run.verdict)},
            {"state", run.progress},
            {"requested_at", run.requested},
            {"finished_at", or_null(run.finished)}};
}

struct HostSums {
    std::int64_t hosts = 0, updated = 0, failed = 0, backed_out = 0;
    void add(const rollout::HostCount& one) {
        hosts += one.count;
        if (one.state == HostState::done) updated += one.count;
        if (one.state == HostState::failed || one.state == HostState::back_out_failed)
            failed += one.count;
        if (one.state == HostState::backed_out) backed_out += one.count;
    }
};

class History {
  public:
    History(Session& session, const std::string& source)
        : session_(session),
          source_(source),
          sources_(sources_by_patch(session.database())),
          rollouts_(session.database()) {}

    Json document() {
        add_runs();
        add_rollouts();
        return {{"schema", "patchlab/patch-history/v1"},
                {"source", source_},
                {"run_count", run_count_},
                {"verdicts", std::move(verdicts_)},
                {"rollout_count", rollout_count_},
                {"host_count", sums_.hosts},
                {"hosts_updated", sums_.updated},
                {"hosts_failed", sums_.failed},
                {"hosts_backed_out", sums_.backed_out},
                {"outage_seconds", outage_.hosts > 0 ? Json(outage_.seconds) : Json(nullptr)},
                {"outage_host_count", outage_.hosts},
                {"runs", std::move(runs_)},
                {"rollouts", std::move(rollouts_found_)}};
    }

  private:
    void add_runs() {
        pipeline::RunStore store(session_.state(), session_.database());
        store.sync();
        for (const char* verdict : {"validated", "needs-review", "rejected", "inconclusive"})
            verdicts_[verdict] = 0;
        for (const pipeline::RunRow& run : store.list()) {
            if (run.kind != "rehearse" ||
                std::none_of(run.patches.begin(), run.patches.end(),
                             [&](const auto& patch) { return is_of(patch, source_, sources_); }))
                continue;
            ++run_count_;
            run_ids_.insert(run.id);
            if (!run.verdict.empty()) verdicts_[run.verdict] = verdicts_.value(run.verdict, 0) + 1;
            if (runs_.size() < most_runs) runs_.push_back(run_json(run));
        }
    }

    void add_rollouts() {
        catalog::EntryStore entries(session_.state(), session_.database());
        std::set<std::string> concerned;
        for (const std::string& run : run_ids_)
            if (const std::string entry = entries.of_run(run); !entry.empty())
                concerned.insert(entry);
        if (concerned.empty()) return;
        for (const rollout::RolloutRow& row : rollouts_.list()) {
            if (!concerned.contains(row.entry) || !row.simulated.empty()) continue;
            add_rollout(row);
        }
    }

    void add_rollout(const rollout::RolloutRow& row) {
        HostSums sums;
        for (const rollout::HostCount& one : rollouts_.counts(row.key)) {
            sums.add(one);
            sums_.add(one);
        }
        const rollout::RolloutStore::Outage outage = rollouts_.outage(row.key);
        outage_.seconds += outage.seconds;
        outage_.hosts += outage.hosts;
        ++rollout_count_;
        if (rollouts_found_.size() >= most_rollouts) return;
        rollouts_found_.push_back({{"id", row.id},
                                   {"entry", row.entry},
                                   {"state", std::string(rollout::name(row.state))},
                                   {"reason", or_null(row.reason)},
                                   {"host_count", sums.hosts},
                                   {"hosts_updated", sums.updated},
                                   {"hosts_failed", sums.failed},
                                   {"hosts_backed_out", sums.backed_out},
                                   {"created_at", row.created},
                                   {"finished_at", or_null(row.finished)}});
    }

    Session& session_;
    const std::string& source_;
    std::map<std::string, std::string> sources_;
    rollout::RolloutStore rollouts_;
    std::set<std::string> run_ids_;
    std::size_t run_count_ = 0, rollout_count_ = 0;
    HostSums sums_;
    rollout::RolloutStore::Outage outage_;
    Json verdicts_ = Json::object(), runs_ = Json::array(), rollouts_found_ = Json::array();
};

}  // namespace

Json history_of(Session& session, const std::string& source) {
    return History(session, source).document();
}

std::string history_line(const Json& history) {
    std::vector<std::string> verdicts;
    for (const auto& [verdict, count] : history.at("verdicts").items())
        if (count.get<std::int64_t>() > 0)
            verdicts.push_back(std::to_string(count.get<std::int64_t>()) + " " + verdict);
    const auto number = [&](const char* key) { return history.at(key).get<std::int64_t>(); };
    std::string text = count_text(number("run_count"), "run");
    if (!verdicts.empty()) text += " (" + joined(verdicts) + ")";
    text += ", " + count_text(number("rollout_count"), "rollout");
    if (number("rollout_count") == 0) return text;
    text += " (" + count_text(number("hosts_updated"), "host") + " updated, " +
            std::to_string(number("hosts_failed")) + " failed, " +
            std::to_string(number("hosts_backed_out")) + " went back";
    if (history.at("outage_seconds").is_number())
        text += "; services away for " + duration_text(history.at("outage_seconds").get<double>()) +
                " on " + count_text(number("outage_host_count"), "host");
    return text + ")";
}

}  // namespace patchlab::operations
