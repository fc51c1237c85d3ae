// SPDX-License-Identifier: Apache-2.0
//
// What changes a rollout: start, pause, resume, abort, back out.
#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "orchestrator/operations/rollout_process.hpp"
#include "orchestrator/rollout/engine/steering.hpp"
#include "orchestrator/rollout/gate/gate_suites.hpp"
#include "orchestrator/rollout/store/view.hpp"

namespace patchlab::operations {

namespace {

Outcome status_of(Session& session, const std::string& id) {
    rollout::RolloutStore store(session.database());
    const rollout::RolloutRow row = store.get(id);
    return {rollout::status_json(store, row, false), exit_of_rollout(store, row)};
}

/// In this process, or in one of its own; then what became of it.
Outcome go(Call& call, const std::string& id, const JsonReader& request) {
    const bool now = request.boolean_or("now", false);
    if (!request.boolean_or("detach", false)) {
        drive_rollout(call.session, call.events, id, now);
        return status_of(call.session, id);
    }
    launch_rollout_driver(call.session, id, now);
    return {status_of(call.session, id).document};
}

/// Steering with what it borrows.
struct Desk {
    explicit Desk(Session& session)
        : catalog(open_catalog(session)),
          store(session.database()),
          authority(catalog, session.governance()),
          steering(session.governance(), store, authority, session.clock()) {}
    catalog::Catalog catalog;
    rollout::RolloutStore store;
    rollout::CatalogAuthority authority;
    rollout::Steering steering;
};

Outcome start_rollout(Call& call, const JsonReader& request) {
    const std::string entry = request.string("entry");
    std::string id;
    {
        Desk desk(call.session);
        const rollout::Plan plan = plan_rollout(call.session, desk.catalog, request);
        const Json gate =
            rollout::freeze_gate(plan.definition, desk.catalog.entries().get(entry),
                                 desk.catalog.entries().folder(entry), call.session.database());
        id = desk.steering.start(call.actor, plan, gate, request.string_or("simulation", "")).id;
    }
    return go(call, id, request);
}

Outcome pause_rollout(Call& call, const JsonReader& request) {
    const std::string id = request.string("rollout");
    const std::string done = Desk(call.session).steering.pause(call.actor, id);
    return {{{"schema", "patchlab/rollout-steered/v1"}, {"rollout", id}, {"done", done}}};
}

Outcome resume_rollout(Call& call, const JsonReader& request) {
    const std::string id = request.string("rollout");
    Desk(call.session).steering.resume(call.actor, id);
    return go(call, id, request);
}

Outcome abort_rollout(Call& call, const JsonReader& request) {
    const std::string id = request.string("rollout");
    if (!Desk(call.session).steering.abort(call.actor, id))
        return {{{"schema", "patchlab/rollout-steered/v1"},
                 {"rollout", id},
                 {"done", "rollout " + id + " ends after the hosts that it works on now"}}};
    drive_rollout(call.session, call.events, id, false);
    return {status_of(call.session, id).document};
}

Outcome back_out_rollout(Call& call, const JsonReader& request) {
    const std::string id = request.string("rollout");
    Desk(call.session).steering.back_out(call.actor, id, request.string_or("reason", ""));
    return go(call, id, request);
}

}  // namespace

std::vector<Operation> rollout_change_operations() {
    const auto managers = [](std::string_view to_do) {
        return Access{{governance::Role::release_manager}, to_do};
    };
    return {
        {"rollout.start", "Bring an entry to its hosts, ring by ring", Kind::long_write,
         managers("start a rollout").with_fresh_login(), start_rollout, "entry", true},
        {"rollout.pause", "Stop after the hosts that are being worked on", Kind::write,
         managers("pause a rollout"), pause_rollout, "rollout"},
        {"rollout.resume", "Go on with a rollout that was paused, or whose process was lost",
         Kind::long_write, managers("resume a rollout"), resume_rollout, "rollout", true},
        {"rollout.abort", "End a rollout for good; hosts that are patched stay so",
         Kind::long_write, managers("abort a rollout"), abort_rollout, "rollout", true},
        {"rollout.back_out", "Take every patched host back to its exact versions from before",
         Kind::long_write, managers("back a rollout out").with_fresh_login(), back_out_rollout,
         "rollout", true},
    };
}

}  // namespace patchlab::operations
