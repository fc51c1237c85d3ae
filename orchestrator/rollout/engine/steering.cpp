// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rollout/engine/steering.hpp"

#include "orchestrator/rollout/engine/waiter.hpp"
#include "platform/core/error.hpp"

namespace patchlab::rollout {

namespace {

using governance::Actor;
using governance::Role;

std::string words_of(const RolloutRow& row) {
    return "rollout " + row.id + " is " + std::string(name(row.state)) +
           (row.reason.empty() ? "" : " (" + row.reason + ")");
}

bool goes_forward(RolloutState state) {
    return state == RolloutState::planned || state == RolloutState::running ||
           state == RolloutState::catching_up;
}

}  // namespace

FileLock RolloutFolder::take() const {
    make_folder(root_, 0700);
    if (auto lock = FileLock::try_acquire(this->lock())) return std::move(*lock);
    throw Error(ErrorCode::conflict, "another process drives this rollout",
                "watch it with: patchlab rollout status --watch");
}

Goods goods_of(catalog::Catalog& catalog, const std::string& entry) {
    return {catalog.entries().get(entry), catalog.forward(entry), catalog.back(entry)};
}

RolloutRow Steering::start(const Actor& actor, const Plan& plan, const Json& gate,
                           const fs::path& simulation) {
    return during("starting a rollout of entry '" + plan.entry + "'", [&] {
        governance::require_role(house_, actor, {Role::release_manager}, "start a rollout");
        catalog::refuse(authority_.verify(plan.entry), "it may not be deployed");
        for (const RolloutRow& other : store_.list())
            if (!is_over(other.state) && other.simulated.empty() == simulation.empty() &&
                (other.name == plan.definition.name || other.entry == plan.entry))
                throw Error(ErrorCode::conflict, words_of(other),
                            other.state == RolloutState::backing_out
                                ? "let it end first: patchlab rollout resume " + other.id
                                : "resume or abort that one first");
        RolloutRow row;
        row.id = store_.free_id(clock_.now());
        row.entry = plan.entry;
        row.name = plan.definition.name;
        row.mode = plan.definition.mode;
        row.source = plan.definition.source;
        row.folder = plan.definition.folder.string();
        row.file = plan.definition.name + ".yaml";
        row.evidence_digest = plan.evidence_digest;
        row.plan_digest = plan.digest;
        row.windows = plan.windows;
        row.gate = gate;
        row.actor = actor.user;
        row.os_user = actor.os_user;
        row.hosts = static_cast<std::int64_t>(plan.hosts());
        row.may_fail = static_cast<std::int64_t>(plan.budget());
        row.created = row.changed = to_rfc3339(clock_.now());
        const RolloutFolder folder(house_.state, row.id);
        make_folder(folder.root(), 0700);
        if (!simulation.empty()) {
            write_file_atomic(folder.simulation(), read_file(simulation, 256ULL << 20), 0600);
            row.simulated = folder.simulation().string();
        }
        const Json detail{{"entry", row.entry},
                          {"evidence_digest", row.evidence_digest},
                          {"definition", plan.definition.digest},
                          {"plan_digest", row.plan_digest},
                          {"hosts", row.hosts},
                          {"simulated", !row.simulated.empty()}};
        authority_.record(actor, "rollout-started", row.id, detail, [&] {
            store_.add(row, plan);
            store_.tell(row.key, clock_.now(), "started", "", "",
                        "started by " + actor.user + ": " + std::to_string(row.hosts) +
                            " hosts in " + std::to_string(plan.rings.size()) + " rings");
        });
        return row;
    });
}

void Steering::ask(const Actor& actor, const RolloutRow& row, const std::string& what) {
    authority_.record(actor, "rollout-" + what + "-asked", row.id, {{"entry", row.entry}}, [&] {
        store_.ask(row.key, {what, actor.user, actor.os_user, to_rfc3339(clock_.now())});
    });
    ControlWaiter::touch(RolloutFolder(house_.state, row.id).control());
}

std::string Steering::pause(const Actor& actor, const std::string& id) {
    governance::require_role(house_, actor, {Role::release_manager}, "pause a rollout");
    return stop_going_forward(actor, id, "paused by " + actor.user);
}

std::string Steering::hold(const Actor& actor, const std::string& id, const std::string& reason) {
    return stop_going_forward(actor, id, reason);
}

std::string Steering::stop_going_forward(const Actor& actor, const std::string& id,
                                         const std::string& reason) {
    RolloutRow row = store_.get(id);
    if (row.state == RolloutState::paused) return "rollout " + row.id + " is paused already";
    if (!goes_forward(row.state)) throw Error(ErrorCode::conflict, words_of(row));
    if (RolloutFolder(house_.state, row.id).is_driven() || row.state == RolloutState::planned) {
        ask(actor, row, "pause");
        return "rollout " + row.id + " pauses after the hosts that it works on now";
    }
    const FileLock lock = RolloutFolder(house_.state, row.id).take();
    authority_.record(actor, "rollout-paused", row.id, {{"entry", row.entry}}, [&] {
        store_.move(row, RolloutState::paused, reason, clock_.now());
        store_.tell(row.key, clock_.now(), "paused", "", "", reason);
    });
    return "rollout " + row.id + " is paused";
}

bool Steering::abort(const Actor& actor, const std::string& id) {
    governance::require_role(house_, actor, {Role::release_manager}, "abort a rollout");
    RolloutRow row = store_.get(id);
    if (row.state == RolloutState::aborting) return true;
    if (!goes_forward(row.state) && row.state != RolloutState::paused)
        throw Error(ErrorCode::conflict, words_of(row));
    if (RolloutFolder(house_.state, row.id).is_driven()) {
        ask(actor, row, "abort");
        return false;
    }
    const FileLock lock = RolloutFolder(house_.state, row.id).take();
    const std::string reason = "aborted by " + actor.user;
    authority_.record(actor, "rollout-aborted", row.id, {{"entry", row.entry}}, [&] {
        store_.move(row, RolloutState::aborting, reason, clock_.now());
        store_.forget_requests(row.key);
        store_.act_as(row, actor.user, actor.os_user);
        store_.tell(row.key, clock_.now(), "aborting", "", "", reason);
    });
    return true;
}

RolloutRow Steering::take_over(const Actor& actor, const std::string& id, const char* to_do) {
    governance::require_role(house_, actor, {Role::release_manager}, to_do);
    RolloutRow row = store_.get(id);
    if (RolloutFolder(house_.state, row.id).is_driven())
        throw Error(ErrorCode::conflict, "another process drives rollout " + row.id,
                    "watch it with: patchlab rollout status " + row.id + " --watch");
    return row;
}

void Steering::resume(const Actor& actor, const std::string& id) {
    RolloutRow row = take_over(actor, id, "resume a rollout");
    if (is_over(row.state))
        throw Error(ErrorCode::refused, words_of(row) + ", for good",
                    row.state == RolloutState::halted || row.state == RolloutState::aborted
                        ? "take its hosts back with: patchlab rollout back-out " + row.id +
                              "; or start a new rollout"
                        : "start a new rollout");
    const FileLock lock = RolloutFolder(house_.state, row.id).take();
    authority_.record(
        actor, "rollout-resumed", row.id, {{"entry", row.entry}, {"state", name(row.state)}}, [&] {
            if (row.state == RolloutState::paused)
                store_.move(row, RolloutState::running, "", clock_.now());
            store_.forget_requests(row.key);
            store_.act_as(row, actor.user, actor.os_user);
            store_.tell(row.key, clock_.now(), "resumed", "", "", "resumed by " + actor.user);
        });
}

void Steering::back_out(const Actor& actor, const std::string& id, const std::string& reason) {
    RolloutRow row = take_over(actor, id, "back a rollout out");
    if (goes_forward(row.state))
        throw Error(ErrorCode::conflict, words_of(row), "pause or abort it first");
    if (row.state == RolloutState::backing_out) return;  // a process that is gone began it
    if (resume_point(row.state) != Duty::nothing)
        throw Error(ErrorCode::conflict, words_of(row),
                    "let it settle first, with: patchlab rollout resume " + row.id);
    const FileLock lock = RolloutFolder(house_.state, row.id).take();
    const std::string why = "backed out by " + actor.user + (reason.empty() ? "" : ": " + reason);
    authority_.record(
        actor, "rollout-backed-out", row.id, {{"entry", row.entry}, {"reason", reason}}, [&] {
            store_.move(row, RolloutState::backing_out, why, clock_.now());
            store_.act_as(row, actor.user, actor.os_user);
            const int back = store_.move_all(
                row.key, {HostState::done, HostState::failed, HostState::back_out_failed},
                HostState::backing_out, "", clock_.now());
            store_.move_all(row.key, {HostState::planned, HostState::offline, HostState::following},
                            HostState::not_reached, "the rollout went back before its turn",
                            clock_.now());
            store_.tell(row.key, clock_.now(), "backing-out", "", "",
                        why + ": " + std::to_string(back) + " hosts");
        });
}

}  // namespace patchlab::rollout
