// SPDX-License-Identifier: Apache-2.0
//
// Whatever bytes a guest sends as its agent's answer: a value, an error, or ChannelLost; nothing
// else may come out of the parser.
#include <cstddef>
#include <cstdint>

#include "platform/guest/agent_protocol.hpp"

using namespace patchlab::guest;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view line(reinterpret_cast<const char*>(data), size);
    try {
        const AgentAnswer answer = parse_answer(line);
        try {
            parse_exec_pid(answer);
        } catch (const ChannelLost&) {
        }
        const ExecStatus status = parse_exec_status(answer, 100);
        if (status.result.out.size() > 100 || status.result.err.size() > 100) __builtin_trap();
    } catch (const ChannelLost&) {
    }
    return 0;
}
