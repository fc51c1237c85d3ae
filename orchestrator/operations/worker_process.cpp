// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/worker_process.hpp"

#include <unistd.h>

#include <iostream>

#include "orchestrator/governance/decision.hpp"
#include "orchestrator/notify/approval_wanted.hpp"
#include "orchestrator/notify/notifier.hpp"
#include "orchestrator/pipeline/worker.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/log.hpp"
#include "platform/process/cell.hpp"
#include "platform/process/private_folder.hpp"

namespace patchlab::operations {

namespace {

int work_in_cell(Session& session, const pipeline::RunFolder& folder, bool isolated) {
    try {
        log_to_file(folder.root() / "worker.log");
        // Short, because the sockets of libvirt and of the guests' channels live there and a
        // socket's path has 108 bytes at most.
        const fs::path short_root =
            isolated ? fs::path("/run/patchlab") : fs::path("/run/patchlab-" + folder.id());
        if (isolated) process::mount_private_folder(short_root);
        pipeline::Backend backend = session.backend();
        backend.isolated_network = isolated;
        return pipeline::work(folder, backend, short_root);
    } catch (const Error& error) {
        std::cerr << "patchlab worker: " << error.what() << "\n" << error.advice() << std::endl;
        return exit_code(error.code());
    } catch (const std::exception& error) {
        std::cerr << "patchlab worker: internal error: " << error.what() << std::endl;
        return 3;
    }
}

/// Tells people that a run waits for them. From here and not from who followed the run: there may
/// be nobody. Outside of the cell, which has no network. What goes wrong here is no fault of the
/// run.
void tell_who_is_wanted(Session& session, const pipeline::RunFolder& folder) {
    try {
        const pipeline::RunState state = folder.load();
        const std::vector<notify::NotifyTarget> targets =
            notify::installed_targets(session.state());
        if (targets.empty() || state.progress != pipeline::RunProgress::finished ||
            state.verdict.empty())
            return;
        governance::Governance& house = session.governance();
        const auto notice = notify::approval_wanted(governance::decide(house, folder.id()),
                                                    governance::facts_of(house, folder.id()).run);
        if (notice)
            notify::Notifier(session.state(), targets, session.commands(), session.clock())
                .send(*notice);
    } catch (const std::exception& error) {
        std::cerr << "patchlab worker: nobody was told that an approval is wanted: " << error.what()
                  << std::endl;
    }
}

}  // namespace

int work_on_run(Session& session, const std::filesystem::path& path) {
    const pipeline::RunFolder folder(fs::canonical(path));
    write_file_atomic(folder.root() / "worker.pid", std::to_string(::getpid()) + "\n");
    process::CellOptions options;
    options.new_session = false;  // whoever launched this worker gave it one
    const process::CellStatus status = process::run_in_cell(
        options, [&](bool isolated) { return work_in_cell(session, folder, isolated); });
    tell_who_is_wanted(session, folder);
    return status.signal ? 3 : status.exit_code;
}

}  // namespace patchlab::operations
