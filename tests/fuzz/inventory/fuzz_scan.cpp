// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a host's answer: refused, or a scan in which every word is well formed and bounded.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "orchestrator/inventory/scan.hpp"
#include "platform/core/error.hpp"
#include "platform/core/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchlab::inventory;
    try {
        const Scan scan = read_scan({reinterpret_cast<const char*>(data), size});
        if (scan.packages.empty()) std::abort();
        for (const InstalledPackage& package : scan.packages)
            if (package.name.empty() || package.version.empty() ||
                package.name.find('/') != std::string::npos)
                std::abort();
        if (facts_of(scan).at("reboot").get<std::string>().empty()) std::abort();
    } catch (const patchlab::Error& error) {
        if (error.code() != patchlab::ErrorCode::invalid) std::abort();
    }
    return 0;
}
