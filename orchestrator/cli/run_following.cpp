// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/run_following.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <iostream>
#include <list>
#include <mutex>
#include <thread>

#include "orchestrator/pipeline/lab/backend.hpp"
#include "orchestrator/pipeline/run/launcher.hpp"
#include "platform/core/error.hpp"

namespace patchlab::cli {

namespace {

std::atomic<bool> interrupted{false};
std::map<std::string, pid_t> children;  ///< workers that this process started, to be reaped by it

void on_interrupt(int) { interrupted = true; }

void catch_interrupts() {
    interrupted = false;
    struct sigaction action {};
    action.sa_handler = on_interrupt;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
}

void launch_worker(Context& context, const pipeline::RunFolder& folder) {
    children[folder.id()] = pipeline::launch_worker(context.state(), folder);
}

}  // namespace

std::string start_worker(Context& context, pipeline::RunPlan& plan,
                         const pipeline::Backend& backend) {
    governance::Governance& house = context.governance();
    const governance::Actor actor = context.actor();
    governance::require_role(house, actor, {governance::Role::tester, governance::Role::admin},
                             "ask for a run");
    pipeline::RunStore runs(context.state(), context.database());
    pipeline::RunRequest& request = plan.request;
    request.state = context.state();
    request.requester = actor.user;
    request.requested = to_rfc3339(context.clock().now());
    request.id = runs.allocate(context.clock().now());
    const pipeline::RunFolder folder = runs.folder(request.id);
    pipeline::write_request(folder.request(), request, plan.suites);
    pipeline::RunState state;
    state.id = request.id;
    folder.save(state);

    images::ImageStore images(context.state(), context.database());
    intake::PatchStore patches(context.state(), context.database());
    const std::string prepared =
        "prepared lab " + pipeline::prepared_digest(request, backend.emulator).substr(0, 12);
    pipeline::RunRow row{request.id, request.kind,      request.lab.name,  {}, "queued", "clone",
                         "",         request.requester, request.requested, ""};
    for (const intake::Patch& patch : request.patches) row.patches.push_back(patch.id);
    context.database().transaction([&] {
        runs.record(row);
        for (const pipeline::MachineRequest& machine : request.machines)
            images.add_reference(machine.image_digest, prepared);
        for (const intake::Patch& patch : request.patches)
            patches.add_user(patch.id, pipeline::patch_user(request.id));
        house.audit.append_inside(
            {actor,
             "run-started",
             request.id,
             {{"kind", request.kind}, {"lab", request.lab.name}, {"patches", row.patches}}});
    });
    launch_worker(context, folder);
    return request.id;
}

void restart_worker(Context& context, const std::string& id) {
    launch_worker(context, pipeline::RunStore(context.state(), context.database()).folder(id));
}

pipeline::RunState follow_run(Context& context, const std::string& id) {
    pipeline::RunStore runs(context.state(), context.database());
    const pipeline::RunFolder folder = runs.folder(id);
    catch_interrupts();
    const auto show = [&](const Json& event) {
        const JsonReader in(event, "event");
        context.progress(in.string("stage") + ": " + in.string("text"));
    };
    const auto child = children.find(id);
    pipeline::RunState state = pipeline::follow(folder, child == children.end() ? 0 : child->second,
                                                show, [] { return interrupted.load(); });
    context.progress_done();
    if (interrupted && !is_over(state.progress)) {
        pipeline::cancel(folder, context.clock());
        state = folder.load();
    }
    runs.sync();
    return state;
}

namespace {

/// One run that is being followed in a thread of its own; the store is touched by the main thread
/// alone.
struct Follower {
    std::size_t number = 0;
    std::atomic<bool> done{false};
    std::atomic<bool> nearly_over{false};
    std::thread thread;
};

}  // namespace

ManyRuns follow_many(Context& context, const std::vector<std::string>& titles,
                     const std::vector<std::function<std::string()>>& starts, unsigned at_once,
                     std::optional<pipeline::Stage> overlap) {
    pipeline::RunStore runs(context.state(), context.database());
    ManyRuns many;
    many.ids.resize(starts.size());
    std::mutex mutex;  // guards the progress line and the wake-up
    std::condition_variable wake;
    std::list<Follower> followers;
    std::size_t next = 0;
    catch_interrupts();
    const auto follow = [&](Follower& follower, pipeline::RunFolder folder, pid_t child) {
        const auto show = [&](const Json& event) {
            const JsonReader in(event, "event");
            const std::lock_guard lock(mutex);
            context.progress(titles[follower.number] + ": " + in.string("stage") + ": " +
                             in.string("text"));
            const auto stage = pipeline::stage_from(in.string("stage"));
            follower.nearly_over =
                overlap && stage && *stage >= *overlap;  // not any more when it is tried once more
            if (follower.nearly_over) wake.notify_one();
        };
        pipeline::follow(folder, child, show, [] { return interrupted.load(); });
        const std::lock_guard lock(mutex);
        follower.done = true;
        wake.notify_one();
    };
    const auto has_room = [&] {
        const auto ending = std::count_if(followers.begin(), followers.end(),
                                          [](const Follower& f) { return f.nearly_over.load(); });
        const std::size_t most =
            at_once + (ending > 0 || (overlap && next + 1 == starts.size()) ? 1U : 0U);
        return next < starts.size() && !interrupted && followers.size() < most;
    };
    while (!followers.empty() || (next < starts.size() && !interrupted)) {
        while (has_room()) {
            const std::size_t number = next++;
            try {
                many.ids[number] = starts[number]();
            } catch (const Error& error) {
                many.errors[number] = error.what();
                continue;
            }
            Follower& follower = followers.emplace_back();
            follower.number = number;
            const std::string& id = many.ids[number];
            follower.thread =
                std::thread(follow, std::ref(follower), runs.folder(id), children.at(id));
        }
        {
            std::unique_lock lock(mutex);
            wake.wait(lock, [&] {
                return followers.empty() || has_room() ||
                       std::any_of(followers.begin(), followers.end(),
                                   [](const Follower& f) { return f.done.load(); });
            });
        }
        followers.remove_if([](Follower& follower) {
            if (!follower.done) return false;
            follower.thread.join();
            return true;
        });
    }
    context.progress_done();
    for (const std::string& id : many.ids)
        if (interrupted && !id.empty() && !is_over(runs.folder(id).load().progress))
            pipeline::cancel(runs.folder(id), context.clock());
    runs.sync();
    return many;
}

std::string last_fault(const pipeline::RunState& state) {
    if (state.progress == pipeline::RunProgress::cancelled) return "cancelled";
    if (state.progress != pipeline::RunProgress::finished)
        return "its worker was lost in stage " + std::string(pipeline::name(state.stage));
    if (state.faults.empty()) return "no fault";
    return state.faults.back().detail;
}

}  // namespace patchlab::cli
