// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/worker_process.hpp"

#include <iostream>

#include "orchestrator/governance/decision.hpp"
#include "orchestrator/notify/message.hpp"
#include "orchestrator/notify/notifier.hpp"
#include "orchestrator/pipeline/run/request.hpp"
#include "orchestrator/pipeline/worker.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/log.hpp"
#include "platform/process/cell.hpp"

namespace patchlab::operations {

namespace {

int work_in_cell(Session& session, const pipeline::HeldLease& lease, bool isolated) {
    try {
        const pipeline::RunFolder& folder = lease.run();
        log_to_file(folder.root() / "worker.log");
        // before anything is made for it; the stages ask once more
        pipeline::require_backend_of(pipeline::read_request(folder.request()),
                                     session.backend_name());
        // Short, because the sockets of libvirt and of the guests' channels live there and a
        // socket's path has 108 bytes at most.
        const fs::path short_root =
            isolated ? fs::path("/run/patchlab") : fs::path("/run/patchlab-" + folder.id());
        if (isolated) process::mount_private_folder(short_root);
        pipeline::Backend backend = session.backend();
        backend.isolated_network = isolated;
        return pipeline::work(lease, session.state(), backend, short_root);
    } catch (const Error& error) {
        std::cerr << "patchlab worker: " << error.what() << "\n" << error.advice() << std::endl;
        return exit_code(error.code());
    } catch (const std::exception& error) {
        std::cerr << "patchlab worker: internal error: " << error.what() << std::endl;
        return 3;
    }
}

notify::Notice run_finished(const reports::RunDocument& run, const std::string& verdict) {
    notify::Notice notice;
    notice.kind = notify::NoticeKind::run_finished;
    Json patches = Json::array();
    for (const reports::RunPatch& patch : run.patches) patches.push_back(patch.id);
    notice.text = "run " + run.id + " in lab " + run.lab + " has ended: " + verdict;
    notice.details = {{"run", run.id},
                      {"lab", run.lab},
                      {"verdict", verdict},
                      {"requester", run.requester},
                      {"patches", patches}};
    return notice;
}

/// Tells people that a run has ended, and that it waits for them. From here and not from who
/// followed the run: there may be nobody. Outside of the cell, which has no network. What goes
/// wrong here is no fault of the run.
void tell_who_is_wanted(Session& session, const pipeline::RunFolder& folder) {
    try {
        const pipeline::RunState state = folder.load();
        const std::vector<notify::NotifyTarget> targets = notify::general_targets(session.state());
        if (targets.empty() || state.progress != pipeline::RunProgress::finished ||
            state.verdict.empty())
            return;
        governance::Governance& house = session.governance();
        const reports::RunDocument run = governance::facts_of(house, folder.id()).run;
        notify::Notifier notifier(session.state(), targets, session.commands(), session.clock());
        notifier.send(run_finished(run, state.verdict));
        if (const auto notice =
                notify::approval_wanted(governance::decide(house, folder.id()), run))
            notifier.send(*notice);
    } catch (const std::exception& error) {
        std::cerr << "patchlab worker: nobody was told that an approval is wanted: " << error.what()
                  << std::endl;
    }
}

/// The lease is this process's, whose number means something outside of the cell; it is given back
/// before people are told.
int work_with_lease(Session& session, const pipeline::RunFolder& folder) {
    const auto lease = pipeline::HeldLease::take(folder, session.clock());
    process::CellOptions options;
    options.new_session = false;  // whoever launched this worker gave it one
    const process::CellStatus status = process::run_in_cell(
        options, [&](bool isolated) { return work_in_cell(session, lease, isolated); });
    return status.signal ? 3 : status.exit_code;
}

}  // namespace

int work_on_run(Session& session, const std::filesystem::path& path) {
    const pipeline::RunFolder folder(fs::canonical(path));
    const int exit = work_with_lease(session, folder);
    tell_who_is_wanted(session, folder);
    return exit;
}

}  // namespace patchlab::operations
