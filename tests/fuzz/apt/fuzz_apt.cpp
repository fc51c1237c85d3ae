// SPDX-License-Identifier: Apache-2.0
//
// Any text as what apt and dpkg say or keep: package sources, relations, lists of files, the status
// of packages. The first byte chooses the reader.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "orchestrator/families/deb/apt_output.hpp"
#include "orchestrator/families/deb/apt_sources.hpp"
#include "orchestrator/families/deb/control.hpp"
#include "orchestrator/families/deb/family.hpp"
#include "platform/core/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchlab;
    using namespace patchlab::families;
    if (size == 0) return 0;
    const std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
    try {
        switch (data[0] % 6) {
            case 0: deb::parse_source_list(text, "sources.list"); break;
            case 1: deb::parse_deb822_sources(text, "vendor.sources"); break;
            case 2: deb::parse_relations(text); break;
            case 3: deb::parse_index_targets(text); break;
            case 4:
                for (const deb::PlannedFile& file : deb::parse_print_uris(text))
                    if (file.name.empty() || file.name.find('/') != std::string::npos) std::abort();
                break;
            default:
                for (const InstalledPackage& package : deb::read_status(text, "status"))
                    if (package.name.empty()) std::abort();
        }
    } catch (const Error& error) {
        if (error.code() != ErrorCode::invalid && error.code() != ErrorCode::lab) std::abort();
    }
    return 0;
}
