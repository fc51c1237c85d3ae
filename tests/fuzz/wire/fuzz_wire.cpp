// SPDX-License-Identifier: Apache-2.0
//
// Whatever bytes a caller of the service sends, in pieces of whatever size: calls, interrupts, or
// Error(invalid); nothing else may come out, and what is understood is understood again when it is
// written down.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "orchestrator/service/wire/frame.hpp"
#include "orchestrator/service/wire/message.hpp"

using namespace patchlab;

namespace {

void understand(const Json& message) {
    const service::FromCaller said = service::from_caller(message);
    const auto* ask = std::get_if<service::Ask>(&said);
    if (!ask) return;
    const service::FromCaller again = service::from_caller(service::to_json(*ask));
    if (std::get<service::Ask>(again).call != ask->call) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t piece = 1 + data[0] % 64;
    std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    service::FrameReader reader(1U << 16);
    try {
        while (!bytes.empty()) {
            const std::size_t now = std::min({piece, bytes.size(), reader.wanted()});
            if (now == 0) __builtin_trap();
            reader.feed(bytes.substr(0, now));
            bytes.remove_prefix(now);
            if (const auto message = reader.take()) understand(*message);
        }
    } catch (const Error& error) {
        if (error.code() != ErrorCode::invalid) __builtin_trap();
    }
    return 0;
}
