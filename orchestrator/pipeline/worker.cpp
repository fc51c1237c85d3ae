// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/worker.hpp"

#include <algorithm>
#include <cmath>

#include "orchestrator/pipeline/fake/fault_injection.hpp"
#include "orchestrator/pipeline/lab/watchdog.hpp"
#include "orchestrator/pipeline/run/materials.hpp"
#include "orchestrator/pipeline/stages/stages.hpp"
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
          building_(fs::path(lab_.folder()) += ".part") {}

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
    StageEnd perform(Stage stage);
    StageEnd guarded(Stage stage, std::string& detail);
    StageEnd after_silence(Stage stage, const std::string& what);
    StageEnd after_breakage(Stage stage, const MachineBroken& broken);
    StageEnd doubt();
    StageEnd suspect(Stage stage, ReasonKind kind, const std::string& machine,
                     const std::string& what);
    Stage after(Stage stage, StageEnd end, const std::string& detail);
    void start_trial();
    StageEnd prepare_controls();
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
    RunState state_;
    std::vector<Reason> known_;  ///< what spoke against the patch when its disks had been compared
    const std::optional<Fault> fault_ = wanted_fault();
    std::optional<FileLock> preparing_;
    std::unique_ptr<LabSession> session_;
    virt::CheckpointKind kind_ = virt::CheckpointKind::mapped;
    double boot_seconds_ = 0;
};

void Worker::begin() {
    make_folder(folder_.work(), 0711);
    state_ = folder_.load();
    if (state_.progress == RunProgress::queued) {
        state_.progress = RunProgress::running;
        state_.started = to_rfc3339(backend_.clock->now());
    } else if (state_.progress == RunProgress::running) {
        ++state_.resumes;
        state_.stage = resume_point(state_.stage);
        events_.add(name(state_.stage), "taken up again after its worker was lost");
        if (state_.stage > Stage::clone && state_.faults.empty() && !findings_are_of(lab_))
            begin_anew();
        if (state_.resumes > most_resumes && state_.stage < Stage::judge) {
            give_up("the worker of this run was lost " + std::to_string(state_.resumes) + " times");
            state_.stage = Stage::judge;
        }
    }
    const bool to_work = state_.progress == RunProgress::running && state_.stage < Stage::judge;
    if (to_work && !missing_.empty()) {
        give_up("not on this host: " + describe(missing_));
        state_.stage = request_.kind == "prepare" ? Stage::done : Stage::judge;
    }
    folder_.save(state_);
}

/// Whether all that was found by now was found in trials of this prepared lab: the run may have
/// been moved, or its lab been made again, since.
bool Worker::findings_are_of(const PreparedLab& lab) const {
    if (!lab.complete()) return false;
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
    make_folder(folder_.work(), 0711);
    state_.stage = Stage::clone;
    state_.suspicion.reset();
}

Passage::Outcome passage_outcome(StageEnd end, bool reused) {
    if (reused) return Passage::Outcome::skipped;
    return end == StageEnd::ok || end == StageEnd::doubted ? Passage::Outcome::ok
                                                           : Passage::Outcome::failed;
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
    const StageEnd end = guarded(stage, detail);
    const bool reused = detail == "reused";
    if (stage != Stage::seal)
        state_.stages.push_back(
            {stage, passage_outcome(end, reused), std::round(watch.seconds() * 100) / 100, detail});
    if (!detail.empty() && !reused)
        events_.add(name(stage), detail, end == StageEnd::ok ? "info" : "warning");
    state_.stage = after(stage, end, detail);
}

/// Runs the stage; a fault becomes a value here, at the stage boundary, and nowhere else.
StageEnd Worker::guarded(Stage stage, std::string& detail) {
    // Twice the deadline of the stage is a call that will never return: the emulators are ended,
    // which unblocks whoever waits for them.
    const double deadline = stage == Stage::apply ? std::max(rule(stage).deadline_seconds,
                                                             1.5 * request_.apply_deadline)
                                                  : rule(stage).deadline_seconds;
    const double patience =
        2 * deadline * static_cast<double>(std::max<std::size_t>(1, request_.machines.size()));
    const Watchdog watchdog(Seconds(patience), [this] { emulators_.kill_all(); });
    try {
        if (stage < Stage::control && lab_.complete()) {
            detail = "reused";
            return StageEnd::ok;
        }
        meet_fault(fault_, stage, folder_, session_.get(), request_);
        return perform(stage);
    } catch (const LeaseLost&) {
        throw;  // no fault of the lab: the run is another attempt's now
    } catch (const guest::ChannelLost& lost) {
        detail = lost.what();
        return after_silence(stage, detail);
    } catch (const MachineBroken& broken) {
        detail = broken.what();
        return after_breakage(stage, broken);
    } catch (const Error& error) {
        detail = error.what();
        log_error("stage " + std::string(name(stage)) + ": " + detail);
        return StageEnd::fault;
    } catch (const std::exception& error) {
        detail = std::string("internal error: ") + error.what();
        log_error("stage " + std::string(name(stage)) + ": " + detail);
        return StageEnd::fault;
    }
}

/// A guest that falls silent condemns a patch only when its emulator is well, the patch was being
/// applied or had been, and it falls silent again in a second trial.
StageEnd Worker::after_silence(Stage stage, const std::string& what) {
    if (stage < Stage::apply || stage > Stage::endure || !session_) return StageEnd::fault;
    Silence worst = Silence::silent;
    std::string machine;
    for (const MachineRequest& candidate : request_.machines) {
        const Silence silence = session_->explain_silence(candidate.definition.name);
        if (silence == Silence::lab) return StageEnd::fault;
        if (silence != Silence::silent || machine.empty())
            machine = candidate.definition.name, worst = silence;
    }
    const bool rebooting =
        stage == Stage::endure || (stage == Stage::restart && needs_reboot(request_));
    const std::string how = worst == Silence::crashed       ? "its kernel crashed"
                            : worst == Silence::powered_off ? "it switched itself off"
                                                            : "it runs but does not answer";
    return suspect(stage, rebooting ? ReasonKind::did_not_boot : ReasonKind::channel_lost, machine,
                   what + "; " + how);
}

/// A program of the guest's own that worked before the patch does not work any more.
StageEnd Worker::after_breakage(Stage stage, const MachineBroken& broken) {
    if (stage < Stage::apply || stage > Stage::endure || !session_) return StageEnd::fault;
    return suspect(stage, ReasonKind::health, broken.machine, broken.what());
}

/// The first time it is the lab's fault, and tried again; the second time the patch is to blame.
StageEnd Worker::suspect(Stage stage, ReasonKind kind, const std::string& machine,
                         const std::string& what) {
    if (state_.suspicion != kind) {
        state_.suspicion = kind;
        return StageEnd::fault;
    }
    const Trial trial{context_, lab_, trial_folder(), *session_};
    trial.add_reason(
        {kind, machine, std::string(name(stage)),
         what + ", in two trials from the same checkpoint, while unpatched clones stayed well",
         Effect::rejects, true});
    return StageEnd::gone;
}

/// Nothing condemns on one sight: what a busy host may do to a good patch must show itself in a
/// second trial, too (judge.cpp).
StageEnd Worker::doubt() {
    if (was_doubted(folder_) || !needs_second_trial(known_, needs_reboot(request_)))
        return StageEnd::ok;
    const auto first = std::find_if(known_.begin(), known_.end(), [](const Reason& reason) {
        return reason.effect == Effect::rejects;
    });
    context_.tell(Stage::compare, "so far " + std::string(name(first->kind)) + ": " +
                                      first->subject +
                                      "; looking for it in a second trial from the checkpoint");
    return StageEnd::doubted;
}

Stage Worker::after(Stage stage, StageEnd end, const std::string& detail) {
    if (end == StageEnd::doubted) {
        session_.reset();
        fs::rename(trial_folder(), doubted_folder(folder_));
        ++state_.tries;
    }
    if (end != StageEnd::fault) {
        if (stage == Stage::control && request_.kind == "prepare") return Stage::done;
        return next(stage, end);
    }
    session_.reset();
    if (preparing_)
        remove_tree(
            building_.folder());  // half a lab is of no use, and it is ours while we hold its lock
    preparing_.reset();
    if (rule(stage).retries > 0 && state_.tries < most_tries + (was_doubted(folder_) ? 1 : 0)) {
        ++state_.tries;
        events_.add(name(stage), "trying once more from the checkpoint", "warning");
        return stage == Stage::control ? Stage::control : next(stage, end);
    }
    give_up(detail);
    return request_.kind == "prepare"                      ? Stage::done
           : stage == Stage::judge || stage == Stage::seal ? Stage::done
                                                           : Stage::judge;
}

void Worker::start_trial() {
    session_.reset();
    remove_tree(trial_folder());
    make_folder(trial_folder(), 0711);
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

StageEnd Worker::prepare_controls() {
    const FileLock lock = preparing_ ? std::move(*preparing_)
                                     : FileLock::acquire(prepared_lock(request_.state, digest_));
    preparing_.reset();
    control(context_, lab_, ControlKind::plain, 2);
    control(context_, lab_, ControlKind::restart, 1);
    if (needs_reboot(request_) || request_.endure) control(context_, lab_, ControlKind::reboot, 1);
    return StageEnd::ok;
}

StageEnd Worker::perform(Stage stage) {
    const auto trial = [&] { return Trial{context_, lab_, trial_folder(), *session_}; };
    switch (stage) {
        case Stage::clone:
            make_folder(lab_.folder().parent_path(), 0711);
            context_.tell(stage, "preparing the lab");
            preparing_ = FileLock::acquire(prepared_lock(request_.state, digest_));
            if (!lab_.complete())
                clone(context_, building_);  // another worker may have built it while we waited
            return StageEnd::ok;
        case Stage::boot:
            session_ =
                std::make_unique<LabSession>(backend_, *hypervisor_, emulators_, context_.sockets,
                                             folder_.work() / "preparing", request_);
            kind_ = hypervisor_->checkpoint_kinds().front();
            boot_seconds_ = boot(context_, building_, *session_, kind_);
            return StageEnd::ok;
        case Stage::baseline: baseline(context_, building_, *session_); return StageEnd::ok;
        case Stage::checkpoint:
            checkpoint(context_, building_, *session_, kind_);
            session_.reset();
            building_.seal(request_, kind_, backend_.emulator, boot_seconds_);
            remove_tree(lab_.folder());  // one of a state folder that was moved
            fs::rename(building_.folder(), lab_.folder());
            sync_folder(lab_.folder().parent_path());
            return StageEnd::ok;
        case Stage::control: return prepare_controls();
        case Stage::restore: start_trial(); return StageEnd::ok;
        case Stage::apply: return apply(trial());
        case Stage::restart: return restart(trial());
        case Stage::test: return test(trial());
        case Stage::observe: return observe(trial());
        case Stage::compare:
            compare(trial());
            known_ = reasons_so_far(context_, lab_, trial_folder());
            return doubt();
        case Stage::endure: return endure(trial(), known_);
        case Stage::drill: return drill(trial());
        case Stage::witness: return witness(trial());
        case Stage::faults: return faults_stage(trial());
        case Stage::judge:
            session_.reset();
            state_.verdict = name(judge_run(context_, lab_if_any(), trial_if_any(), state_.faults));
            return StageEnd::ok;
        case Stage::seal:
            seal_run(context_, lab_if_any(), trial_if_any(), state_);
            return StageEnd::ok;
        case Stage::done: return StageEnd::ok;
    }
    return StageEnd::fault;
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
    if (cancelled || !state_.faults.empty()) return 3;
    if (request_.kind == "prepare") return 0;
    for (const Verdict verdict : {Verdict::validated, Verdict::needs_review, Verdict::rejected})
        if (name(verdict) == state_.verdict) return exit_code(verdict);
    return 3;
}

}  // namespace

int work(const HeldLease& lease, const fs::path& state, const Backend& backend,
         const fs::path& short_root) {
    const Heartbeat heartbeat(lease);
    return Worker(lease, state, backend, short_root).run();
}

}  // namespace patchlab::pipeline
