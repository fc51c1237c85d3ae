// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/run_following.hpp"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <iostream>

#include "orchestrator/pipeline/backend.hpp"
#include "orchestrator/pipeline/launcher.hpp"
#include "platform/core/error.hpp"

namespace patchlab::cli {

namespace {

std::atomic<bool> interrupted{false};
std::map<std::string, pid_t> children;  ///< workers that this process started, to be reaped by it

void on_interrupt(int) { interrupted = true; }

std::string user_name() {
    for (const char* variable : {"SUDO_USER", "USER", "LOGNAME"})
        if (const char* value = std::getenv(variable); value && *value) return value;
    return "uid " + std::to_string(::getuid());
}

void launch(Context& context, const pipeline::RunFolder& folder) {
    children[folder.id()] = pipeline::launch_worker(context.state(), folder);
}

}  // namespace

std::string start_worker(Context& context, pipeline::RunPlan& plan, const pipeline::Backend& backend) {
    pipeline::RunStore runs(context.state(), context.database());
    pipeline::RunRequest& request = plan.request;
    request.state = context.state();
    request.requester = user_name();
    request.requested = to_rfc3339(context.clock().now());
    request.id = runs.allocate(context.clock().now());
    const pipeline::RunFolder folder = runs.folder(request.id);
    pipeline::write_request(folder.request(), request, plan.suites);
    pipeline::RunState state;
    state.id = request.id;
    folder.save(state);

    images::ImageStore images(context.state(), context.database());
    intake::PatchStore patches(context.state(), context.database());
    const std::string prepared = "prepared lab " + pipeline::prepared_digest(request, backend.emulator).substr(0, 12);
    pipeline::RunRow row{request.id, request.kind, request.lab.name, {}, "queued", "clone", "", request.requester, request.requested, ""};
    for (const intake::Patch& patch : request.patches) row.patches.push_back(patch.id);
    context.database().transaction([&] {
        runs.record(row);
        for (const pipeline::MachineRequest& machine : request.machines) images.add_reference(machine.image_digest, prepared);
    });
    launch(context, folder);
    return request.id;
}

void restart_worker(Context& context, const std::string& id) {
    launch(context, pipeline::RunStore(context.state(), context.database()).folder(id));
}

pipeline::RunState follow_run(Context& context, const std::string& id) {
    pipeline::RunStore runs(context.state(), context.database());
    const pipeline::RunFolder folder = runs.folder(id);
    interrupted = false;
    struct sigaction action {};
    action.sa_handler = on_interrupt;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
    const auto show = [&](const Json& event) {
        const JsonReader in(event, "event");
        context.progress(in.string("stage") + ": " + in.string("text"));
    };
    const auto child = children.find(id);
    pipeline::RunState state = pipeline::follow(folder, child == children.end() ? 0 : child->second, show, [] { return interrupted.load(); });
    context.progress_done();
    const bool over = state.progress == pipeline::RunProgress::finished || state.progress == pipeline::RunProgress::cancelled;
    if (interrupted && !over) {
        pipeline::cancel(folder, context.clock());
        state = folder.load();
    }
    runs.sync();
    return state;
}

std::string last_fault(const pipeline::RunState& state) {
    if (state.progress == pipeline::RunProgress::cancelled) return "cancelled";
    if (state.progress != pipeline::RunProgress::finished) return "its worker was lost in stage " + std::string(pipeline::name(state.stage));
    if (state.faults.empty()) return "no fault";
    return JsonReader(state.faults.back(), "fault").string("detail");
}

}  // namespace patchlab::cli
