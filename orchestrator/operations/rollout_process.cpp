// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/rollout_process.hpp"

#include "orchestrator/operations/nouns.hpp"
#include "orchestrator/operations/rollout_parts.hpp"
#include "orchestrator/rollout/engine/engine.hpp"
#include "orchestrator/rollout/engine/steering.hpp"
#include "platform/core/error.hpp"
#include "platform/core/log.hpp"
#include "platform/process/detached.hpp"

namespace patchlab::operations {

int exit_of_rollout(rollout::RolloutStore& store, const rollout::RolloutRow& row) {
    if (row.state == rollout::RolloutState::backed_out)
        return store.hosts_in(row.key, -1, {rollout::HostState::back_out_failed}).empty() ? 0 : 1;
    return row.state == rollout::RolloutState::finished ? 0 : 1;
}

void drive_rollout(Session& session, EventSink& events, const std::string& id,
                   bool ignore_windows) {
    catalog::Catalog catalog = open_catalog(session);
    rollout::RolloutStore store(session.database());
    const FileLock lock = rollout::RolloutFolder(session.state(), id).take();
    const rollout::RolloutRow row = store.get(id);
    rollout::CatalogAuthority real(catalog, session.governance());
    rollout::SimulatedAuthority simulated(real);
    rollout::Authority& authority =
        row.simulated.empty() ? static_cast<rollout::Authority&>(real) : simulated;
    const RolloutParts parts =
        parts_for(session, row, rollout::stored_definition(row),
                  [&](const notify::Notice& notice) { events.notice(notice); });
    rollout::Engine engine({store, authority, *parts.deployer, *parts.notices, *parts.clock,
                            *parts.waiter, rollout::goods_of(catalog, row.entry)},
                           row);
    try {
        engine.drive(ignore_windows);
    } catch (Error& error) {
        error.during("driving rollout '" + id + "'");
        throw Error(error.code(), error.what(),
                    error.advice().empty()
                        ? "it goes on where it was with: patchlab rollout resume " + id
                        : error.advice());
    }
}

void launch_rollout_driver(Session& session, const std::string& id, bool ignore_windows) {
    const rollout::RolloutFolder folder(session.state(), id);
    std::vector<std::string> words{"--state", session.state().string(), "internal-rollout", id};
    if (ignore_windows) words.emplace_back("--now");
    process::start_detached_until([&] { return folder.is_driven(); }, std::move(words),
                                  folder.log(), "the process that drives the rollout");
}

int rollout_process(Session& session, EventSink& events, const std::string& id,
                    bool ignore_windows) {
    log_to_file(rollout::RolloutFolder(session.state(), id).log());
    drive_rollout(session, events, id, ignore_windows);
    rollout::RolloutStore store(session.database());
    return exit_of_rollout(store, store.get(id));
}

}  // namespace patchlab::operations
