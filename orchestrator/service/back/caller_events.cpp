// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/back/caller_events.hpp"

#include <variant>

#include "orchestrator/service/back/interrupt_watch.hpp"
#include "orchestrator/service/events/events.hpp"
#include "orchestrator/service/wire/message.hpp"
#include "platform/core/error.hpp"
#include "platform/core/log.hpp"

namespace patchlab::service {

namespace {

/// Whoever reads nothing for so long while work goes on is taken for gone.
constexpr Seconds patience_with_reader{30};

}  // namespace

void CallerEvents::lose() {
    gone_ = true;
    if (only_reads_) throw CallerGone();
}

void CallerEvents::send(const Json& message) {
    if (gone_) return;
    try {
        caller_.send(session_.document_as_called(message), {}, patience_with_reader);
    } catch (const Error& error) {
        log_debug(error.what());
        lose();
    }
}

void CallerEvents::progress(std::string_view text) { send(progress_message(text)); }
void CallerEvents::run_event(const operations::RunEvent& event) { send(run_event_message(event)); }
void CallerEvents::rollout_event(const operations::RolloutEvent& event) {
    send(rollout_event_message(event));
}
void CallerEvents::rollout_status(const Json& status) { send(rollout_status_message(status)); }
void CallerEvents::event(const Json& event) { send(event_message(event)); }
void CallerEvents::notice(const notify::Notice& notice) { send(notice_message(notice)); }
void CallerEvents::note(std::string_view text) { send(note_message(text)); }
void CallerEvents::warning(std::string_view text) { send(warning_message(text)); }

/// During a call nothing but an interrupt is taken; a caller who says anything else has lost the
/// thread of the talk, and is no longer listened to.
bool CallerEvents::interrupted() {
    InterruptWatch::asked();
    if (gone_ || interrupted_) return interrupted_;
    try {
        if (const auto received = caller_.receive_what_is_there()) {
            if (!std::holds_alternative<Interrupt>(from_caller(received->message)))
                throw Error(ErrorCode::invalid, "a call came while another one was at work");
            interrupted_ = true;
        }
    } catch (const Error& error) {
        log_debug(error.what());
        lose();
    }
    if (caller_.ended() && !gone_) lose();
    return interrupted_;
}

}  // namespace patchlab::service
