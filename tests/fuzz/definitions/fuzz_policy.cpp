// SPDX-License-Identifier: Apache-2.0
//
// Any text as a policy: each mistake names a place, and no text makes a policy that asks for
// nothing without saying so.
#include <cstdint>
#include <cstdlib>

#include "orchestrator/governance/policy.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    patchlab::Diagnostics found;
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto policy = patchlab::governance::parse_policy(text, "policy.yaml", found);
    if (found.ok() && policy.name.empty()) std::abort();
    for (const auto& item : found.items)
        if (item.line < 0 || item.message.empty()) std::abort();
    return 0;
}
