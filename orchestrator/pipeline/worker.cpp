// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/worker.hpp"

#include <algorithm>
#include <cmath>

#include "orchestrator/pipeline/lab/boot_watch.hpp"
#include "orchestrator/pipeline/run/submission.hpp"
#include "orchestrator/pipeline/stages/stages.hpp"
#include "orchestrator/pipeline/verdict/assess.hpp"
#include "orchestrator/pipeline/verdict/blame.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "platform/core/log.hpp"

namespace patchlab::pipeline {

namespace {

constexpr int most_resumes = 3;
constexpr int most_tries = 2;

class Worker {
  public:
    Worker(const HeldLease& lease, const fs::path& state, const Backend& backend,
           const fs::path& short_root)
        : lease_(lease),
          folder_(lease.run()),
          backend_(backend),
          request_(read_request(folder_.request())),
          missing_(find_materials(request_, state)),
          events_(folder_.events(), *backend.clock),
          hypervisor_(backend.open_hypervisor(short_root / "virt")),
          context_{request_,
                   backend_,
                   folder_,
                   *hypervisor_,
                   emulators_,
                   short_root,
                   [this](Stage at, const std::string& text) { events_.add(name(at), text); },
                   [this] { lease_.check(); }},
          digest_(prepared_digest(request_, backend.emulator)),
          lab_(prepared_folder(request_.state, digest_)),
          building_(fs::path(lab_.folder()) += ".part"),
          findings_(context_, lab_) {}

    int run() {
        begin();
        while (state_.stage != Stage::done && state_.progress == RunProgress::running) step();
        return finish();
    }

  private:
    void begin();
    void begin_anew();
    bool findings_are_of(const PreparedLab& lab) const;
    void step();
    Phase phase() const;
    bool skips(Stage stage);
    bool holds(SkipWhen when);
    std::string why_skipped(Stage stage) const;
    Event perform(Stage stage);
    Event guarded(Stage stage, std::string& detail);
    Event after_silence(Stage stage, const std::string& what, bool seen_twice);
    Event after_breakage(Stage stage, const MachineBroken& broken);
    Event suspect(Stage stage, const Suspicion& suspicion, bool seen_twice = false);
    Event after_comparison();
    Stage after(Stage stage, Event event, const std::string& detail);
    Event after_fault(Stage stage, const std::string& detail);
    void start_preparing();
    void finish_preparing();
    void prepare_controls();
    void start_trial();
    void conclude();
    void give_up(const std::string& detail) {
        state_.faults.push_back({ReasonKind::lab_fault, "", std::string(name(state_.stage)), detail,
                                 Effect::inconclusive});
    }
    int finish();
    fs::path trial_folder() const {
        return folder_.work() / ("trial-" + std::to_string(state_.tries));
    }
    const PreparedLab* lab_if_any() const { return lab_.complete() ? &lab_ : nullptr; }
    fs::path trial_if_any() const {
        return fs::exists(trial_folder()) ? trial_folder() : fs::path();
    }

    const HeldLease& lease_;
    RunFolder folder_;
    const Backend& backend_;
    RunRequest request_;
    std::vector<MissingMaterial> missing_;  ///< what the request names and this host does not have
    EventLog events_;
    std::unique_ptr<virt::Hypervisor> hypervisor_;
    LiveEmulators emulators_;
    RunContext context_;
    std::string digest_;
    PreparedLab lab_;
    PreparedLab building_;
    FindingsReader findings_;
    RunState state_;
    std::vector<Reason> known_;  ///< what spoke against the patch when its disks had been compared
    std::optional<FileLock> preparing_;
    std::unique_ptr<LabSession> session_;
    virt::CheckpointKind kind_ = virt::CheckpointKind::mapped;
    double boot_seconds_ = 0;
};

void Worker::begin() {
    require_backend_of(request_, backend_.name);
    make_folder(folder_.work(), 0710);
    for (const MachineRequest& machine : request_.machines)
        if (backend_.let_read && fs::exists(machine.image_file))
            backend_.let_read(machine.image_file);
    state_ = folder_.load();
    if (state_.progress == RunProgress::queued) {
        state_.progress = RunProgress::running;
        state_.started = to_rfc3339(backend_.clock->now());
    } else if (state_.progress == RunProgress::running) {
        ++state_.resumes;
        state_.stage = resume_point(state_.stage);
        events_.add(name(state_.stage), "taken up again after its worker was lost");
        const bool may_begin_anew = edge(state_.stage, Event::moved, phase()).has_value();
        if (may_begin_anew && state_.faults.empty() && !findings_are_of(lab_)) begin_anew();
        if (state_.resumes > most_resumes && state_.stage < Stage::judge) {
            give_up("the worker of this run was lost " + std::to_string(state_.resumes) + " times");
            state_.stage = next(state_.stage, Event::given_up, phase());
        }
    }
    const bool to_work = state_.progress == RunProgress::running && state_.stage < Stage::judge;
    if (to_work && !missing_.empty()) {
        give_up("not on this host: " + describe(missing_));
        state_.stage = next(state_.stage, Event::given_up, phase());
    }
    folder_.save(state_);
}

/// Whether all that was found by now was found in trials of this prepared lab: the run may have
/// been moved, or its lab been made again, since.
bool Worker::findings_are_of(const PreparedLab& lab) const {
    if (!lab.restorable()) return false;
    for (const fs::path& trial : {trial_folder(), doubted_folder(folder_)})
        if (fs::exists(trial / "lab.json")) {
            const Json json = read_json(trial / "lab.json");
            if (JsonReader(json, "lab.json").string("identity") != lab.identity()) return false;
        }
    return true;
}

void Worker::begin_anew() {
    events_.add(name(state_.stage), "the prepared lab that it was worked in is not here");
    remove_tree(folder_.work());
    make_folder(folder_.work(), 0710);
    state_.stage = next(state_.stage, Event::moved, phase());
    state_.suspicion.reset();
}

Phase Worker::phase() const {
    if (request_.kind == "prepare") return Phase::prepare;
    return was_doubted(folder_) ? Phase::second_trial : Phase::trial;
}

Passage::Outcome passage_outcome(Event event) {
    if (event == Event::skipped) return Passage::Outcome::skipped;
    const bool well = event == Event::ok || event == Event::doubted;
    return well ? Passage::Outcome::ok : Passage::Outcome::failed;
}

/// Why a stage that had nothing to do was passed over.
std::string Worker::why_skipped(Stage stage) const {
    if (stage < Stage::control) return "reused";
    if (stage == Stage::endure && request_.endure) return "the patch is rejected without it";
    if (stage == Stage::endure) return "not asked for (--no-reboot-check)";
    if (stage == Stage::drill) return "not asked for (--no-drill)";
    return stage == Stage::faults ? "not asked for (--faults)"
                                  : "nothing to hold against an unpatched clone";
}

void Worker::step() {
    const Stage stage = state_.stage;
    lease_.check();
    if (fs::exists(folder_.cancel_mark())) {
        state_.progress = RunProgress::cancelled;
        return;
    }
    folder_.save(state_);
    const Stopwatch watch;
    std::string detail;
    const Event event = guarded(stage, detail);
    if (stage != Stage::seal)
        state_.stages.push_back(
            {stage, passage_outcome(event), std::round(watch.seconds() * 100) / 100,
             event == Event::skipped ? why_skipped(stage) : detail, backend_.name});
    if (!detail.empty()) events_.add(name(stage), detail, event == Event::ok ? "info" : "warning");
    state_.stage = after(stage, event, detail);
}

bool Worker::holds(SkipWhen when) {
    const bool reboots = needs_reboot(request_);
    switch (when) {
        case SkipWhen::lab_is_prepared: return lab_.restorable();
        case SkipWhen::no_reboot_would_tell:
            return !reboots && (!request_.endure || condemns(known_));
        case SkipWhen::no_drill_is_wanted: return !request_.drill;
        case SkipWhen::nothing_is_suspected: {
            const TrialFindings found = findings_.read(trial_folder());
            return !regression_suspected(found) && !next_start_in_doubt(found);
        }
        case SkipWhen::no_faults_are_wanted: return request_.faults.empty();
    }
    return false;
}

bool Worker::skips(Stage stage) {
    return std::any_of(skip_rules.begin(), skip_rules.end(), [&](const SkipRule& rule) {
        return rule.stage == stage && holds(rule.when);
    });
}

/// Runs the stage; a fault becomes a value here, at the stage boundary, and nowhere else.
Event Worker::guarded(Stage stage, std::string& detail) {
    // Twice the deadline of the stage is a call that will never return: the emulators are ended,
    // which unblocks whoever waits for them.
    const Seconds deadline =
        stage == Stage::apply ? std::max(deadline_of(stage), 1.5 * Seconds(request_.apply_deadline))
                              : deadline_of(stage);
    const auto machines = std::max<std::size_t>(1, request_.machines.size());
    const Watchdog watchdog(2 * deadline * static_cast<double>(machines),
                            [this] { emulators_.kill_all(); });
    try {
        if (backend_.on_stage) backend_.on_stage({stage, folder_, session_.get(), request_});
        return skips(stage) ? Event::skipped : perform(stage);
    } catch (const LeaseLost&) {
        throw;  // no fault of the lab: the run is another attempt's now
    } catch (const MachineDead& dead) {
        detail = dead.what();
        return after_silence(stage, detail, dead.seen_twice);
    } catch (const guest::ChannelLost& lost) {
        detail = lost.what();
        return after_silence(stage, detail, false);
    } catch (const MachineBroken& broken) {
        detail = broken.what();
        return after_breakage(stage, broken);
    } catch (const Error& error) {
        detail = error.what();
    } catch (const std::exception& error) {
        detail = std::string("internal error: ") + error.what();
    }
    log_error("stage " + std::string(name(stage)) + ": " + detail);
    return Event::fault;
}

/// Who is to blame for a guest that does not answer: see blame.hpp.
Event Worker::after_silence(Stage stage, const std::string& what, bool seen_twice) {
    if (!may_be_the_patch(stage) || !session_) return Event::fault;
    std::vector<SilentMachine> machines;
    for (const MachineRequest& machine : request_.machines)
        machines.push_back(
            {machine.definition.name, session_->explain_silence(machine.definition.name)});
    const bool rebooting =
        stage == Stage::endure || (stage == Stage::restart && needs_reboot(request_));
    const auto suspicion = suspicion_of_silence(machines, rebooting, what);
    return suspicion ? suspect(stage, *suspicion, seen_twice) : Event::fault;
}

Event Worker::after_breakage(Stage stage, const MachineBroken& broken) {
    if (!may_be_the_patch(stage) || !session_) return Event::fault;
    return suspect(stage, {ReasonKind::health, broken.machine, broken.what()});
}

/// The first time it is the lab's fault, and tried again; the second time the patch is to blame. A
/// machine that stopped at two starts from one disk needs no second trial.
Event Worker::suspect(Stage stage, const Suspicion& suspicion, bool seen_twice) {
    const bool known = state_.suspicion == suspicion.kind;
    if (!known && !seen_twice) {
        state_.suspicion = suspicion.kind;
        return Event::fault;
    }
    const Trial trial{context_, lab_, trial_folder(), *session_};
    trial.add_reason(confirmed(suspicion, stage, known ? Sight::two_trials : Sight::two_starts));
    return Event::gone;
}

/// Nothing condemns on one sight: what a busy host may do to a good patch must show itself in a
/// second trial, too.
Event Worker::after_comparison() {
    known_ = assess(findings_.read(trial_folder()), Moment::compared).reasons;
    const bool reboots = needs_reboot(request_);
    if (phase() == Phase::trial && needs_second_trial(known_, reboots)) {
        context_.tell(Stage::compare, headline_so_far(known_) +
                                          "; looking for it in a second trial from the checkpoint");
        return Event::doubted;
    }
    if (reboots || request_.endure) context_.tell(Stage::endure, headline_so_far(known_));
    return Event::ok;
}

Stage Worker::after(Stage stage, Event event, const std::string& detail) {
    const Phase then = phase();
    if (event == Event::fault) event = after_fault(stage, detail);
    if (!edge(stage, event, then)) {
        give_up("internal error: stage " + std::string(name(stage)) + " cannot end as '" +
                std::string(name(event)) + "'");
    } else if (event == Event::doubted) {
        session_.reset();
        fs::rename(trial_folder(), doubted_folder(folder_));
        ++state_.tries;
    }
    return next(stage, event, then);
}

/// Whether it is tried again, or given up.
Event Worker::after_fault(Stage stage, const std::string& detail) {
    session_.reset();
    if (preparing_)
        remove_tree(
            building_.folder());  // half a lab is of no use, and it is ours while we hold its lock
    preparing_.reset();
    if (is_tried_again(stage) && state_.tries < most_tries + (was_doubted(folder_) ? 1 : 0)) {
        ++state_.tries;
        events_.add(name(stage), "trying once more from the checkpoint", "warning");
        return Event::fault;
    }
    give_up(detail);
    return Event::given_up;
}

void Worker::start_trial() {
    session_.reset();
    remove_tree(trial_folder());
    make_folder(trial_folder(), 0710);
    session_ = std::make_unique<LabSession>(backend_, *hypervisor_, emulators_, context_.sockets,
                                            trial_folder() / "machines", request_);
    context_.tell(Stage::restore, "starting the machines from the checkpoint");
    const bool reboots = request_.endure || needs_reboot(request_);
    const double answered = session_->restore(lab_, reboots ? Reboots::expected : Reboots::none);
    write_json(trial_folder() / "lab.json",
               {{"schema", "patchlab/trial-lab/v1"}, {"identity", lab_.identity()}});
    write_json(trial_folder() / "start.json",
               {{"boot_seconds", lab_.boot_seconds()},
                {"restore_seconds", std::round(answered * 1000) / 1000}});
}

void Worker::prepare_controls() {
    const FileLock lock = preparing_ ? std::move(*preparing_)
                                     : FileLock::acquire(prepared_lock(request_.state, digest_));
    preparing_.reset();
    control(context_, lab_, ControlKind::plain, 2);
    control(context_, lab_, ControlKind::restart, 1);
    if (needs_reboot(request_) || request_.endure) control(context_, lab_, ControlKind::reboot, 1);
}

/// The lab is locked from here on until its controls are made.
void Worker::start_preparing() {
    make_folder(lab_.folder().parent_path(), 0710);
    context_.tell(Stage::clone, "preparing the lab");
    preparing_ = FileLock::acquire(prepared_lock(request_.state, digest_));
    if (!lab_.restorable())
        clone(context_, building_);  // another worker may have built it while we waited
}

void Worker::finish_preparing() {
    checkpoint(context_, building_, *session_, kind_);
    session_.reset();
    building_.seal(request_, kind_, backend_.emulator, boot_seconds_);
    remove_tree(lab_.folder());  // one of a state folder that was moved
    fs::rename(building_.folder(), lab_.folder());
    sync_folder(lab_.folder().parent_path());
}

void Worker::conclude() {
    session_.reset();
    std::optional<TrialFindings> findings;
    if (lab_.complete() && fs::exists(trial_folder())) findings = findings_.read(trial_folder());
    state_.verdict = name(judge_run(context_, findings ? &*findings : nullptr, state_.faults));
}

Event Worker::perform(Stage stage) {
    const auto trial = [&] { return Trial{context_, lab_, trial_folder(), *session_}; };
    switch (stage) {
        case Stage::clone: start_preparing(); break;
        case Stage::boot:
            session_ =
                std::make_unique<LabSession>(backend_, *hypervisor_, emulators_, context_.sockets,
                                             folder_.work() / "preparing", request_);
            kind_ = hypervisor_->checkpoint_kinds().front();
            boot_seconds_ = boot(context_, building_, *session_, kind_);
            break;
        case Stage::baseline: baseline(context_, building_, *session_); break;
        case Stage::checkpoint: finish_preparing(); break;
        case Stage::control: prepare_controls(); break;
        case Stage::restore: start_trial(); break;
        case Stage::apply: return apply(trial());
        case Stage::restart: restart(trial()); break;
        case Stage::test: test(trial()); break;
        case Stage::observe: observe(trial()); break;
        case Stage::compare: compare(trial()); return after_comparison();
        case Stage::endure: endure(trial(), findings_, known_); break;
        case Stage::drill: drill(trial(), findings_); break;
        case Stage::witness: witness(trial(), findings_); break;
        case Stage::faults: faults_stage(trial()); break;
        case Stage::judge: conclude(); break;
        case Stage::seal: seal_run(context_, lab_if_any(), trial_if_any(), state_); break;
        case Stage::done: break;
    }
    return Event::ok;
}

int Worker::finish() {
    session_.reset();
    lease_.check();
    state_.finished = to_rfc3339(backend_.clock->now());
    const bool cancelled = state_.progress == RunProgress::cancelled;
    if (!cancelled) state_.progress = RunProgress::finished;
    if (request_.kind == "rehearse" && !cancelled && !fs::exists(folder_.evidence()))
        state_.verdict = name(Verdict::inconclusive);
    remove_tree(folder_.work());
    remove_tree(fs::path(folder_.evidence()) += ".part");
    folder_.save(state_);
    events_.add(
        name(state_.stage),
        cancelled ? "cancelled"
        : state_.verdict.empty()
            ? (state_.faults.empty() ? "prepared" : "failed: " + state_.faults.front().detail)
            : "verdict: " + state_.verdict);
    return exit_code_of_run(state_, request_.kind);
}

}  // namespace

int exit_code_of_run(const RunState& state, const std::string& kind) {
    if (state.progress == RunProgress::cancelled || !state.faults.empty()) return 3;
    if (kind == "prepare") return 0;
    return exit_code(reports::verdict_named(state.verdict).value_or(Verdict::inconclusive));
}

int work(const HeldLease& lease, const fs::path& state, const Backend& backend,
         const fs::path& short_root) {
    const Heartbeat heartbeat(lease);
    return Worker(lease, state, backend, short_root).run();
}

}  // namespace patchlab::pipeline
