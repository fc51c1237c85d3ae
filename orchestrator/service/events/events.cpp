// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/events/events.hpp"

namespace patchlab::service {

namespace {

operations::RunEvent run_event_in(const JsonReader& in) {
    return {in.string("run"),   in.string("title"), in.string("time"),
            in.string("stage"), in.string("text"),  in.string("share")};
}

operations::RolloutEvent rollout_event_in(const JsonReader& in) {
    return {in.string("rollout"), in.string("time"), in.string("kind"),
            in.string("ring"),    in.string("host"), in.string("text")};
}

}  // namespace

Json progress_message(std::string_view text) { return {{"progress", text}}; }
Json note_message(std::string_view text) { return {{"note", text}}; }
Json warning_message(std::string_view text) { return {{"warning", text}}; }

Json run_event_message(const operations::RunEvent& event) {
    return {{"run_event",
             {{"run", event.run},
              {"title", event.title},
              {"time", event.time},
              {"stage", event.stage},
              {"text", event.text},
              {"share", event.share}}}};
}

Json rollout_event_message(const operations::RolloutEvent& event) {
    return {{"rollout_event",
             {{"rollout", event.rollout},
              {"time", event.time},
              {"kind", event.kind},
              {"ring", event.ring},
              {"host", event.host},
              {"text", event.text}}}};
}

Json rollout_status_message(const Json& status) { return {{"rollout_status", status}}; }

Json event_message(const Json& event) { return {{"event", event}}; }

Json notice_message(const notify::Notice& notice) { return {{"notice", notify::to_json(notice)}}; }

bool deliver(const Json& message, operations::EventSink& sink) {
    const JsonReader in(message, "event");
    if (in.has("progress")) sink.progress(in.string("progress"));
    else if (in.has("note")) sink.note(in.string("note"));
    else if (in.has("warning")) sink.warning(in.string("warning"));
    else if (in.has("run_event")) sink.run_event(run_event_in(in.object("run_event")));
    else if (in.has("rollout_event"))
        sink.rollout_event(rollout_event_in(in.object("rollout_event")));
    else if (in.has("rollout_status")) sink.rollout_status(in.raw("rollout_status"));
    else if (in.has("event")) sink.event(in.raw("event"));
    else if (in.has("notice")) sink.notice(notify::notice_from_json(in.object("notice")));
    else return false;
    return true;
}

}  // namespace patchlab::service
