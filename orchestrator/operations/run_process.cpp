// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/run_process.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>

#include "orchestrator/operations/run_progress.hpp"
#include "orchestrator/pipeline/lab/backend.hpp"
#include "orchestrator/pipeline/lab/prepared_lab.hpp"
#include "orchestrator/pipeline/run/submission.hpp"
#include "platform/core/error.hpp"
#include "platform/core/fail_point.hpp"

namespace patchlab::operations {

namespace {

pipeline::RunStore run_store(Session& session) { return {session.state(), session.database()}; }

}  // namespace

RunEvent run_event_from(const Json& event, const std::string& run, const std::string& title) {
    const JsonReader in(event, "event");
    return {run, title, in.string("time"), in.string("stage"), in.string("text"), ""};
}

std::string submit_run(Call& call, pipeline::RunPlan& plan, const pipeline::Backend& backend,
                       const RecordWithRun& besides, const std::string& queue) {
    Session& session = call.session;
    pipeline::RunQueue& wanted =
        session.queue().named(queue.empty() ? session.queue().name() : queue);
    const auto note = [&](const pipeline::RunRow& run) {
        session.governance().audit.append_inside(
            {call.actor,
             "run-started",
             run.id,
             {{"kind", run.kind}, {"lab", run.lab}, {"patches", run.patches}}});
        if (besides) besides(run.id);
    };
    const pipeline::RunFolder folder =
        pipeline::record_run(session.state(), session.database(), plan,
                             {call.actor.user, session.clock().now(), pipeline::runs_on(backend),
                              note, governance::to_json(call.actor.account())});
    fail_point("run-recorded");
    wanted.submit(folder);
    return folder.id();
}

void restart_run(Call& call, const std::string& id) {
    const pipeline::RunFolder folder = run_store(call.session).folder(id);
    pipeline::require_backend_of(pipeline::read_request(folder.request()),
                                 call.session.backend_name());
    call.session.queue().submit(folder);
}

pipeline::RunState follow_run(Call& call, const std::string& run) {
    pipeline::RunStore runs = run_store(call.session);
    const pipeline::RunFolder folder = runs.folder(run);
    RunProgressEstimate estimate(runs, run);
    const auto report = [&](const Json& line) {
        RunEvent event = run_event_from(line, run);
        event.share = estimate.at(event.stage);
        call.events.run_event(event);
    };
    const auto interrupted = [&] { return call.events.interrupted(); };
    pipeline::RunState state = call.session.queue().follow(folder, report, interrupted);
    if (interrupted() && !is_over(state.progress)) {
        call.session.queue().cancel(folder);
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

ManyRuns follow_many(Call& call, const std::vector<std::string>& titles,
                     const std::vector<std::function<std::string()>>& starts, unsigned at_once,
                     std::optional<pipeline::Stage> overlap) {
    pipeline::RunStore runs = run_store(call.session);
    pipeline::RunQueue& queue = call.session.queue();
    ManyRuns many;
    many.ids.resize(starts.size());
    std::mutex mutex;  // guards the event sink and the wake-up
    std::condition_variable wake;
    std::list<Follower> followers;
    std::size_t next = 0;
    std::atomic<bool> interrupted{call.events.interrupted()};
    const auto ask = [&] { return interrupted = call.events.interrupted(); };
    const auto follow = [&](Follower& follower, pipeline::RunFolder folder) {
        const auto show = [&](const Json& line) {
            const RunEvent event = run_event_from(line, folder.id(), titles[follower.number]);
            const std::lock_guard lock(mutex);
            call.events.run_event(event);
            const auto stage = pipeline::stage_from(event.stage);
            follower.nearly_over =
                overlap && stage && *stage >= *overlap;  // not any more when it is tried once more
            if (follower.nearly_over) wake.notify_one();
        };
        queue.follow(folder, show, [&] {
            const std::lock_guard lock(mutex);
            return ask();
        });
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
            follower.thread =
                std::thread(follow, std::ref(follower), runs.folder(many.ids[number]));
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
    for (const std::string& id : many.ids)
        if (interrupted && !id.empty() && !is_over(runs.folder(id).load().progress))
            queue.cancel(runs.folder(id));
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

}  // namespace patchlab::operations
