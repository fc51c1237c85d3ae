// SPDX-License-Identifier: Apache-2.0
//
// A hostile guest's answer to the capture script: must neither crash nor yield anything that cannot
// be written as JSON and read again.
#include <cstdint>
#include <cstdlib>

#include "platform/core/json.hpp"
#include "snapshots/capture_parse.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchlab::snapshots;
    std::string text = "patchlab-capture 1 n b\n";
    text.append(reinterpret_cast<const char*>(data), size);
    const Capture capture = parse_capture(text, "n");
    for (const ChangeClass cls : live_classes()) {
        if (capture.facts.contains(cls) == capture.unreadable.contains(cls)) std::abort();
    }
    if (to_json(capture_from_json(to_json(capture))) != to_json(capture)) std::abort();
    return 0;
}
