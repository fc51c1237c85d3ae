// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/worker_process.hpp"

#include <functional>
#include <iostream>
#include <optional>

#include "orchestrator/campaign/store.hpp"
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

notify::Notice run_finished(const reports::RunDocument& run) {
    notify::Notice notice;
    notice.kind = notify::NoticeKind::run_finished;
    const std::string verdict(run.verdict ? reports::name(*run.verdict) : "inconclusive");
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

using NoticeOf = std::function<std::optional<notify::Notice>(governance::Governance& house)>;

/// Sends what `notice_of` says of a run that has its verdict. From here and not from who followed
/// the run: there may be nobody. Outside of the cell, which has no network. What goes wrong here is
/// no fault of the run.
void tell_of(Session& session, const pipeline::RunFolder& folder, const NoticeOf& notice_of) {
    try {
        const pipeline::RunState state = folder.load();
        const std::vector<notify::NotifyTarget> targets = notify::general_targets(session.state());
        if (targets.empty() || state.progress != pipeline::RunProgress::finished ||
            state.verdict.empty())
            return;
        const auto notice = notice_of(session.governance());
        if (!notice) return;
        notify::Notifier(session.state(), targets, session.commands(), session.clock())
            .send(*notice);
    } catch (const std::exception& error) {
        std::cerr << "patchlab worker: nobody was told of the run's end: " << error.what()
                  << std::endl;
    }
}

}  // namespace

void tell_who_is_wanted(Session& session, const pipeline::RunFolder& folder) {
    tell_of(session, folder, [&](governance::Governance& house) {
        const governance::DecidedRun decided = governance::decided_run(house, folder.id());
        return notify::approval_wanted(decided.decision, decided.facts.run);
    });
}

int carry_run(Session& session, const pipeline::RunFolder& folder) {
    try {
        return work_with_lease(session, folder);
    } catch (const std::exception& error) {
        std::cerr << "patchlab worker: " << error.what() << std::endl;
        return 3;
    }
}

void tell_of_end(Session& session, const pipeline::RunFolder& folder) {
    tell_of(session, folder, [&](governance::Governance& house) {
        return run_finished(governance::facts_of(house, folder.id()).run);
    });
    // of a campaign only the run that proves the whole set is for approval, and its driver says so
    if (!campaign::CampaignStore(session.database()).holds_run(folder.id()))
        tell_who_is_wanted(session, folder);
}

int work_on_run(Session& session, const std::filesystem::path& path) {
    const pipeline::RunFolder folder(fs::canonical(path));
    const int exit = work_with_lease(session, folder);
    tell_of_end(session, folder);
    return exit;
}

}  // namespace patchlab::operations
