// SPDX-License-Identifier: Apache-2.0
//
// Any text as a rollout and as the list of whom to tell: each mistake names a place; what is taken
// has rings, and a budget that can be used up.
#include <cstdint>
#include <cstdlib>

#include "orchestrator/notify/target.hpp"
#include "orchestrator/rollout/plan/definition.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchlab;
    const std::string text(reinterpret_cast<const char*>(data), size);
    Diagnostics rollout, notify;
    const auto definition = rollout::parse_definition(text, "rollout.yaml", rollout);
    if (rollout.ok() && (definition.name.empty() || definition.rings.empty())) std::abort();
    notify::parse_notify(text, "notify.yaml", "/", notify);
    for (const auto* found : {&rollout, &notify})
        for (const auto& item : found->items)
            if (item.line < 0 || item.message.empty()) std::abort();
    return 0;
}
