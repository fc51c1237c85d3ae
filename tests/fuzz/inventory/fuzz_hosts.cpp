// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a table of hosts: mistakes, or hosts whose names and variables can be handed on.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "orchestrator/inventory/import.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchlab::inventory;
    patchlab::Diagnostics mistakes;
    const auto hosts = hosts_of_csv({reinterpret_cast<const char*>(data), size}, "table.csv",
                                    {{"night"}}, mistakes);
    if (!mistakes.ok()) return 0;
    for (const Host& host : hosts) {
        if (!valid_host_name(host.name)) std::abort();
        for (const auto& [name, value] : host.variables.items())
            if (kind_of_variable(name) != VariableKind::connection ||
                patchlab::to_line(value).find("{{") != std::string::npos)
                std::abort();
    }
    return 0;
}
