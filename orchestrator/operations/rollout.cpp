// SPDX-License-Identifier: Apache-2.0
//
// Rollouts as they are planned and as they stand. rollout_steering.cpp changes something.

#include <chrono>
#include <thread>

#include "orchestrator/notify/notifier.hpp"
#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/guests.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "orchestrator/operations/rollout_parts.hpp"
#include "orchestrator/operations/rollout_process.hpp"
#include "orchestrator/rollout/engine/authority.hpp"
#include "orchestrator/rollout/engine/steering.hpp"
#include "orchestrator/rollout/gate/gate.hpp"
#include "orchestrator/rollout/gate/host_report.hpp"
#include "orchestrator/rollout/store/view.hpp"

namespace patchlab::operations {

namespace {

constexpr std::size_t most_events = 10'000;

/// Names of secret files in the definition are relative to its folder, on the host where the
/// operation runs.
rollout::Definition definition_in(Session& session, const JsonReader& request,
                                  Diagnostics& diagnostics) {
    const auto [file, text] = text_file(request, "definition");
    rollout::Definition definition = rollout::parse_definition(text, file, diagnostics);
    definition.folder = fs::absolute(file).lexically_normal().parent_path();
    notify::resolve_files(definition.notify, definition.folder);
    expect_fit_for_guests(session, definition.notify);
    return definition;
}

Outcome check_rollout(Call& call, const JsonReader& request) {
    Diagnostics diagnostics;
    const rollout::Definition definition = definition_in(call.session, request, diagnostics);
    return checked("patchlab/rollout-check/v1", text_file(request, "definition").file,
                   definition.name, diagnostics);
}

/// What `start` would refuse, the plan says as well.
Outcome plan_document(Call& call, const JsonReader& request) {
    catalog::Catalog catalog = open_catalog(call.session);
    const rollout::Plan plan = plan_rollout(call.session, catalog, request);
    Json document = rollout::to_json(plan, call.session.clock().now());
    const std::vector<catalog::Refusal> refusals =
        rollout::CatalogAuthority(catalog, call.session.governance()).verify(plan.entry);
    document["may_start"] = refusals.empty();
    document["refusals"] = Json::array();
    for (const catalog::Refusal& refusal : refusals) {
        document["refusals"].push_back(refusal.text());
        call.events.note("rollout start would refuse it: " + refusal.text());
    }
    return {document, refusals.empty() ? 0 : exit_code(ErrorCode::refused)};
}

Outcome list_rollouts(Call& call, const JsonReader&) {
    Json items = Json::array();
    rollout::RolloutStore store(call.session.database());
    for (const rollout::RolloutRow& row : store.list()) {
        items.push_back(rollout::summary_json(row));
        items.back()["history"] = rollout::history_json(store, row);
    }
    return {{{"schema", "patchlab/rollouts/v1"}, {"rollouts", items}}};
}

/// How it ended as an exit code, for whoever asks for one; of a rollout under way, that of a no.
int exit_if_asked(rollout::RolloutStore& store, const rollout::RolloutRow& row,
                  const JsonReader& request) {
    return request.boolean_or("exit_code", false) ? exit_of_rollout(store, row) : 0;
}

Outcome rollout_status(Call& call, const JsonReader& request) {
    rollout::RolloutStore store(call.session.database());
    const rollout::RolloutRow row = store.get(request.string_or("rollout", ""));
    return {rollout::status_json(store, row, request.boolean_or("hosts", false)),
            exit_if_asked(store, row, request)};
}

Json event_json(const rollout::EventRow& event) {
    return {{"time", event.time},
            {"kind", event.kind},
            {"ring", event.ring},
            {"host", event.host},
            {"text", event.text}};
}

Outcome show_rollout(Call& call, const JsonReader& request) {
    rollout::RolloutStore store(call.session.database());
    const rollout::RolloutRow row = store.get(request.string("rollout"));
    const rollout::HostsShown shown{request.integer_or("hosts_from", 0),
                                    request.integer_or("hosts_limit", rollout::HostsShown{}.most),
                                    request.integer_or("first_of_rings", 0)};
    return {rollout::report_json(store, row, shown)};
}

/// SQLite tells cheaply that another process wrote; it has no event for it.
void wait_for_another_look() { std::this_thread::sleep_for(std::chrono::milliseconds(200)); }

/// Reports the status whenever it changed, until the rollout is over or paused, or nobody drives
/// it.
Outcome watch_rollout(Call& call, const JsonReader& request) {
    rollout::RolloutStore store(call.session.database());
    const std::string id = store.get(request.string_or("rollout", "")).id;
    const bool hosts = request.boolean_or("hosts", false);
    const rollout::RolloutFolder folder(call.session.state(), id);
    Json last;
    std::int64_t version = -1;
    while (true) {
        if (const std::int64_t now = store.data_version(); now != version) {
            version = now;
            const rollout::RolloutRow row = store.get(id);
            Json status = rollout::status_json(store, row, hosts);
            if (status != last) call.events.rollout_status(status);
            last = std::move(status);
            if (rollout::is_over(row.state) || row.state == rollout::RolloutState::paused)
                return {last, exit_if_asked(store, row, request)};
        }
        const bool duty = rollout::resume_point(store.get(id).state) != rollout::Duty::nothing;
        if (duty && !folder.is_driven()) {
            call.events.warning("no process drives it: go on with: patchlab rollout resume " + id);
            return {last, exit_if_asked(store, store.get(id), request)};
        }
        if (call.events.interrupted()) return {last};
        wait_for_another_look();
    }
}

/// The events after `after`, oldest first.
Outcome rollout_log(Call& call, const JsonReader& request) {
    rollout::RolloutStore store(call.session.database());
    const rollout::RolloutRow row = store.get(request.string("rollout"));
    std::int64_t last = request.integer_or("after", 0);
    Json events = Json::array();
    for (const rollout::EventRow& event : store.events(row.key, last, most_events)) {
        events.push_back(event_json(event));
        last = event.sequence;
    }
    return {{{"schema", "patchlab/rollout-log/v1"},
             {"rollout", row.id},
             {"events", std::move(events)},
             {"last", last}}};
}

/// Reports every event, old and new, until the rollout is over or paused.
Outcome follow_rollout(Call& call, const JsonReader& request) {
    rollout::RolloutStore store(call.session.database());
    std::int64_t last = 0;
    while (true) {
        const rollout::RolloutRow row = store.get(request.string("rollout"));
        for (const rollout::EventRow& event : store.events(row.key, last)) {
            call.events.rollout_event(
                {row.id, event.time, event.kind, event.ring, event.host, event.text});
            last = event.sequence;
        }
        if (rollout::resume_point(row.state) == rollout::Duty::nothing || call.events.interrupted())
            return {rollout::status_json(store, row, false)};
        wait_for_another_look();
    }
}

/// A host that follows a channel reports what is installed on it: a claim about itself alone.
Outcome take_report(Call& call, const JsonReader& request) {
    const rollout::HostReport report = rollout::parse_host_report(
        request.string("report"), request.string("host"), call.session.clock().now());
    rollout::RolloutStore(call.session.database()).put_report(report);
    return {{{"schema", "patchlab/host-report-taken/v1"},
             {"host", report.host},
             {"packages", report.packages.size()}},
            0,
            Audit{report.host, {{"packages", report.packages.size()}}}};
}

}  // namespace

rollout::Plan plan_rollout(Session& session, catalog::Catalog& catalog, const JsonReader& request) {
    Diagnostics diagnostics;
    const rollout::Definition definition = definition_in(session, request, diagnostics);
    diagnostics.throw_if_any("reading rollout " + text_file(request, "definition").file);
    notify::require_known_targets(session.state(), definition.notify);
    const catalog::Entry entry = catalog.entries().get(request.string("entry"));
    const auto source = host_source(session, request.string_or("simulation", ""));
    return during("planning rollout '" + definition.name + "'", [&] {
        std::vector<rollout::HostFacts> hosts = source->hosts(entry);
        if (hosts.empty())
            throw Error(ErrorCode::invalid, "there is no host to bring it to",
                        "take hosts in: patchlab inventory import FILE");
        return rollout::make_plan(definition, entry, std::move(hosts), source->windows(),
                                  session.clock().now());
    });
}

std::vector<Operation> rollout_operations() {
    return {
        {"rollout.check", "Check a definition: every mistake, with file, line and path", Kind::read,
         anyone(), check_rollout},
        {"rollout.plan", "Which host would come in which ring, and when; nothing is started",
         Kind::read, anyone(), plan_document, "entry"},
        {"rollout.list", "List the rollouts, newest first", Kind::read, anyone(), list_rollouts},
        {"rollout.status", "Where a rollout stands; the newest when none is named", Kind::read,
         anyone(), rollout_status, "rollout"},
        {"rollout.show", "Everything about a rollout: rings, hosts, versions before and after",
         Kind::read, anyone(), show_rollout, "rollout"},
        {"rollout.watch", "Report the status of a rollout until it is over or paused",
         Kind::long_read, anyone(), watch_rollout, "rollout"},
        {"rollout.log", "What happened in a rollout so far", Kind::read, anyone(), rollout_log,
         "rollout"},
        {"rollout.follow", "Report what happens in a rollout until it is over or paused",
         Kind::long_read, anyone(), follow_rollout, "rollout"},
        {"rollout.report",
         "Take what a host reports about itself",
         Kind::write,
         {{}, "report for a host"},
         take_report,
         "host"},
    };
}

}  // namespace patchlab::operations
