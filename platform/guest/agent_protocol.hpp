// SPDX-License-Identifier: Apache-2.0
//
// The words of the QEMU guest agent: one JSON object a line, each way. Answers come from inside the
// guest and are untrusted: every one is size-capped, parsed and type-checked here, and anything
// else is ChannelLost, never a guess. Thread safety: free functions on values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "platform/core/json.hpp"
#include "platform/guest/channel.hpp"

namespace patchlab::guest {

/// No line of the agent may be longer. The agent itself captures at most 16 MiB of each stream,
/// which is 43 MiB as base64.
inline constexpr std::size_t max_answer_bytes = 64U << 20;

/// The byte before a guest-sync-delimited request (which makes the agent's parser drop what it had
/// half read) and before its answer.
inline constexpr char sync_byte = '\xff';

struct AgentAnswer {
    Json value;               ///< what stood under "return"; null when it is an error
    bool failed = false;      ///< the agent answered with an error
    std::string error_class;  ///< "GenericError", "CommandNotFound"
    std::string error_text;   ///< at most 500 bytes
};

/// One request with its final newline.
std::string request_line(std::string_view command, const Json& arguments = nullptr);

/// Reads one answer line. ChannelLost when it is not the protocol's.
AgentAnswer parse_answer(std::string_view line);

struct ExecStatus {
    bool exited = false;
    GuestResult result;  ///< set when it has exited
};

/// Reads the value of a guest-exec answer. ChannelLost when it is malformed.
std::int64_t parse_exec_pid(const AgentAnswer& answer);
/// Reads the value of a guest-exec-status answer; keeps `max_output` bytes of each stream.
/// ChannelLost when it is malformed.
ExecStatus parse_exec_status(const AgentAnswer& answer, std::size_t max_output);

/// The arguments of guest-exec for `command`: minimal environment plus the command's, stdin as
/// base64, output captured.
Json exec_arguments(const GuestCommand& command);

}  // namespace patchlab::guest
