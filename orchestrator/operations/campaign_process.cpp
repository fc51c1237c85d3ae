// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/campaign_process.hpp"

#include <algorithm>

#include "orchestrator/campaign/attribution.hpp"
#include "orchestrator/operations/run_start.hpp"
#include "orchestrator/operations/worker_process.hpp"
#include "platform/core/error.hpp"
#include "platform/core/fail_point.hpp"
#include "platform/core/files.hpp"
#include "platform/core/log.hpp"
#include "platform/core/text_units.hpp"
#include "platform/process/detached.hpp"
#include "reports/run_document.hpp"

namespace patchlab::operations {

namespace {

using campaign::CampaignRow;
using campaign::CampaignState;
using campaign::CampaignStore;
using campaign::Step;
using campaign::TrialRow;

constexpr int most_restarts = 3;  ///< of one run whose worker is lost again and again

fs::path folder_of(Session& session, const std::string& id) {
    return session.state() / "campaigns" / id;
}

class CampaignDriver {
  public:
    CampaignDriver(Call& call, const std::string& id)
        : call_(call),
          store_(call.session.database()),
          id_(id),
          lock_(take_lock(call.session, id)) {}

    void drive() {
        while (store_.get(id_).state == CampaignState::running) advance();
    }

  private:
    static FileLock take_lock(Session& session, const std::string& id) {
        const fs::path folder = folder_of(session, id);
        make_folder(folder, 0710);
        auto lock = FileLock::try_acquire(folder / "lock");
        if (!lock)
            throw Error(ErrorCode::conflict, "another process works on campaign " + id,
                        "see: patchlab campaign show " + id);
        return std::move(*lock);
    }

    /// Finishes the trial that is open, or begins the next one, or ends the campaign.
    void advance() {
        CampaignRow row = store_.get(id_);
        std::vector<TrialRow> trials = store_.trials(id_);
        for (TrialRow& trial : trials)
            if (!trial.verdict) return finish(row, trial);
        if (!row.needs_known && !trials.empty()) find_needs(row, trials.back());
        const Step step = campaign::next_step(row.problem, campaign::answered(trials));
        if (!step.wanted) return conclude(step, trials);
        if (const std::string used = budget_used(row, trials); !used.empty())
            return end(CampaignState::stopped, used);
        begin(row, step, trials);
    }

    static std::string budget_used(const CampaignRow& row, const std::vector<TrialRow>& trials) {
        double seconds = 0;
        for (const TrialRow& trial : trials) seconds += trial.seconds;
        if (row.budget.runs > 0 && trials.size() >= row.budget.runs)
            return "its budget of " + count_text(row.budget.runs, "run") + " is used";
        if (row.budget.seconds > 0 && seconds >= row.budget.seconds)
            return "its budget of " + duration_text(row.budget.seconds) + " is used";
        return "";
    }

    Rehearsals& rehearsals(const CampaignRow& row) {
        if (rehearsals_) return *rehearsals_;
        Json request = row.options;
        request["lab"] = row.lab;
        request["patches"] = row.patches;
        rehearsals_ = std::make_unique<Rehearsals>(call_, JsonReader(request, "campaign " + id_));
        return *rehearsals_;
    }

    /// Before the first set is divided.
    void find_needs(CampaignRow& row, const TrialRow& last) {
        if (last.verdict == campaign::Verdict::validated) return;
        call_.events.progress("campaign " + id_ + ": reading what the patches need");
        Rehearsals& all = rehearsals(row);
        store_.set_needs(
            row, campaign::needs_of(all.patches,
                                    installed_in(call_.session, all.plan(all.patches).request)));
    }

    void begin(const CampaignRow& row, const Step& step, const std::vector<TrialRow>& trials) {
        TrialRow trial;
        trial.number = trials.empty() ? 1 : trials.back().number + 1;
        trial.patches = *step.wanted;
        trial.why = step.why;
        trial.started = to_rfc3339(call_.session.clock().now());
        call_.events.progress("campaign " + id_ + ": " + step.why + " (" +
                              count_text(trial.patches.size(), "patch", "patches") + "); at most " +
                              count_text(step.at_most, "run") + " to go");
        std::vector<intake::Patch> patches;
        for (const std::size_t i : trial.patches) patches.push_back(rehearsals(row).patches.at(i));
        fail_point("campaign-wants-a-run");
        rehearsals(row).start(patches, [&](const std::string& run) {
            trial.run = run;
            store_.begin(id_, trial);
        });
        fail_point("campaign-began-a-run");
    }

    void finish(const CampaignRow& row, TrialRow& trial) {
        pipeline::RunStore runs(call_.session.state(), call_.session.database());
        const pipeline::RunFolder folder = runs.folder(trial.run);
        pipeline::RunState state = folder.load();
        for (int restarts = 0; !is_over(state.progress); ++restarts) {
            if (call_.session.queue().alive(folder) == pipeline::Presence::gone) {
                if (restarts >= most_restarts) return give_up(trial);
                restart_run(call_, trial.run);
            }
            state = follow_run(call_, trial.run);
        }
        runs.sync();
        if (state.progress == pipeline::RunProgress::cancelled) return was_cancelled(trial);
        fail_point("campaign-run-over");
        take_answer(row, trial);
        fail_point("campaign-answered");
    }

    void was_cancelled(const TrialRow& trial) {
        store_.forget(id_, trial.number);
        if (store_.get(id_).state != CampaignState::running) return;
        end(CampaignState::stopped, "run " + trial.run + " was cancelled");
    }

    /// Its worker is lost whenever it is started: no answer, which says nothing about the patches.
    void give_up(TrialRow& trial) {
        call_.events.warning("run " + trial.run + " loses its worker again and again");
        trial.verdict = campaign::Verdict::inconclusive;
        store_.answer(id_, trial);
    }

    void take_answer(const CampaignRow& row, TrialRow& trial) {
        const Json document = document_of(call_.session, trial.run);
        trial.verdict = campaign::Verdict::inconclusive;
        if (verdict_in(document) != "inconclusive") {
            const reports::RunDocument run = reports::parse_run_document(document);
            trial.verdict = run.verdict.value_or(campaign::Verdict::inconclusive);
            trial.blamed = campaign::blamed_by(run, rehearsals(row).patches);
            trial.seconds = run.seconds;
        }
        store_.answer(id_, trial);
        call_.events.note("campaign " + id_ + ": run " + trial.run + " (" + trial.why + ", " +
                          count_text(trial.patches.size(), "patch", "patches") +
                          "): " + std::string(reports::name(*trial.verdict)));
    }

    void conclude(const Step& step, const std::vector<TrialRow>& trials) {
        if (step.proof) {
            pipeline::RunStore runs(call_.session.state(), call_.session.database());
            tell_who_is_wanted(call_.session, runs.folder(trials.at(*step.proof).run));
        }
        end(CampaignState::finished, "");
    }

    void end(CampaignState state, const std::string& reason) {
        Session& session = call_.session;
        session.database().transaction([&] {
            if (store_.get(id_).state != CampaignState::running) return;  // it was cancelled
            store_.move(id_, state, reason, session.clock().now());
            if (state == CampaignState::finished)
                intake::PatchStore(session.state(), session.database())
                    .remove_user("campaign " + id_);
        });
    }

    Call& call_;
    CampaignStore store_;
    const std::string id_;
    FileLock lock_;
    std::unique_ptr<Rehearsals> rehearsals_;
};

/// The options of the runs that a campaign makes.
Json options_of(const JsonReader& request) {
    Json options = Json::object();
    for (const char* key : {"suites", "dependents", "drill", "reboot_check", "apply_deadline",
                            "stall_after", "queue"})
        if (request.has(key)) options[key] = request.raw(key);
    return options;
}

}  // namespace

void drive_campaign(Call& call, const std::string& id) {
    during("working on campaign " + id, [&] { CampaignDriver(call, id).drive(); });
}

bool is_driven(Session& session, const std::string& id) {
    return FileLock::is_held(folder_of(session, id) / "lock");
}

void launch_campaign(Call& call, const std::string& id) {
    const fs::path folder = folder_of(call.session, id);
    make_folder(folder, 0710);
    process::start_detached_until([&] { return is_driven(call.session, id); },
                                  {"--state-dir", call.session.state().string(), "--as",
                                   call.actor.user, "internal-campaign", id},
                                  folder / "driver.log", "the process that works on the campaign");
}

int campaign_process(Session& session, EventSink& events, const std::string& id) {
    log_to_file(folder_of(session, id) / "driver.log");
    const Operation& start = *find("campaign.start");
    Call call{session, events, authorise(session, start), start.name};
    drive_campaign(call, id);
    return exit_of_campaign(campaign_document(session, CampaignStore(session.database()).get(id)));
}

CampaignRow record_campaign(Call& call, const JsonReader& request,
                            const std::vector<std::string>& patches, const Commission& by) {
    CampaignRow row;
    row.lab = request.string("lab");
    row.patches = patches;
    row.options = options_of(request);
    row.problem.smallest = request.boolean_or("smallest", false);
    row.budget.runs = static_cast<std::size_t>(request.integer_or("budget_runs", 0));
    row.budget.seconds = request.number_or("budget_seconds", 0);
    row.requester = call.actor.user;
    row.watch = by.watch;
    Json runs = row.options;
    runs["lab"] = row.lab;
    runs["patches"] = row.patches;
    Rehearsals rehearsals(call, JsonReader(runs, "campaign"));
    rehearsals.plan(rehearsals.patches);  // what cannot be rehearsed is said now
    row.problem.needs = by.undivided ? campaign::all_need_each_other(row.patches.size())
                                     : std::vector<campaign::PatchSet>(row.patches.size());
    row.needs_known = by.undivided;
    Session& session = call.session;
    session.database().transaction([&] {
        CampaignStore(session.database()).add(row, session.clock().now());
        intake::PatchStore store(session.state(), session.database());
        for (const std::string& patch : row.patches) store.add_user(patch, "campaign " + row.id);
        session.governance().audit.append_inside(
            {call.actor, "campaign-started", row.id, {{"lab", row.lab}, {"patches", row.patches}}});
        if (by.record_besides) by.record_besides(row.id);
    });
    return row;
}

}  // namespace patchlab::operations
