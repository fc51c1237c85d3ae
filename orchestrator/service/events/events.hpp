// SPDX-License-Identifier: Apache-2.0
//
// What an operation reports, as messages, and back. Pure but for the sink; thread-safe as it is.
#pragma once

#include <string_view>

#include "orchestrator/operations/event_sink.hpp"
#include "platform/core/json.hpp"

namespace patchlab::service {

Json progress_message(std::string_view text);
Json note_message(std::string_view text);
Json warning_message(std::string_view text);
Json run_event_message(const operations::RunEvent& event);
Json rollout_event_message(const operations::RolloutEvent& event);
Json rollout_status_message(const Json& status);
Json event_message(const Json& event);
Json notice_message(const notify::Notice& notice);

/// Reports to `sink` what the message reports; false when it is no event. Error(invalid).
bool deliver(const Json& message, operations::EventSink& sink);

}  // namespace patchlab::service
