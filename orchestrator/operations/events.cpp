// SPDX-License-Identifier: Apache-2.0
//
// The stream of events, a page at a time or as it goes on.
#include <set>

#include "orchestrator/operations/event_stream.hpp"
#include "orchestrator/operations/folder_watch.hpp"
#include "orchestrator/operations/nouns.hpp"

namespace patchlab::operations {

namespace {

constexpr std::int64_t usual_events = 100;
constexpr std::size_t events_at_once = 200;
constexpr Seconds ask_again{1};  ///< whether the caller wants no more

/// Behind the event of this id; "now": behind all that is there; nothing: from the beginning.
EventStream stream_after(Session& session, const std::string& after) {
    if (after.empty()) return {session, {}};
    if (after != "now") return {session, position_from(after)};
    EventStream stream(session, {});
    stream.skip_to_now();
    return stream;
}

Outcome list_events(Call& call, const JsonReader& request) {
    const auto limit = static_cast<std::size_t>(request.integer_or("limit", usual_events));
    EventStream stream = stream_after(call.session, request.string_or("after", ""));
    const std::vector<Json> events = stream.read(limit);
    return {{{"schema", "patchlab/events/v1"},
             {"events", events},
             {"next", to_text(stream.position())},
             {"more", events.size() == limit}}};
}

/// Watches the store and the logs of the runs that are under way.
class StreamWatch {
  public:
    explicit StreamWatch(Session& session) : session_(session) {
        watch_.add(session_.state(), "patchlab.db");
    }
    void wait(const StreamPosition& position) {
        std::set<std::string> open;
        for (const auto& [run, bytes] : position.open) {
            open.insert(run);
            watch_.add(session_.state() / "runs" / run);
        }
        for (const std::string& run : watched_)
            if (!open.contains(run)) watch_.remove(session_.state() / "runs" / run);
        watched_ = std::move(open);
        watch_.wait(ask_again);
    }

  private:
    Session& session_;
    FolderWatch watch_;
    std::set<std::string> watched_;
};

/// Until the caller wants no more. Without a word about where: from now on.
Outcome follow_events(Call& call, const JsonReader& request) {
    StreamWatch watch(call.session);  // before the first look: nothing falls between
    EventStream stream = stream_after(call.session, request.string_or("after", "now"));
    while (!call.events.interrupted()) {
        const std::vector<Json> events = stream.read(events_at_once);
        for (const Json& event : events) call.events.event(event);
        if (events.empty()) watch.wait(stream.position());
    }
    return {{{"schema", "patchlab/events-followed/v1"}, {"next", to_text(stream.position())}}};
}

}  // namespace

std::vector<Operation> event_operations() {
    return {
        {"event.list", "What happened in runs and rollouts, and what was decided, oldest first",
         Kind::read, anyone(), list_events},
        {"event.follow", "Report what happens, as it happens", Kind::long_read, anyone(),
         follow_events},
    };
}

}  // namespace patchlab::operations
