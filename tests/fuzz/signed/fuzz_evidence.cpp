// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a manifest and as a run document: refused, or what every reader may rely on. The
// manifest is exactly what was read; the document can be printed.
#include <cstdint>
#include <cstdlib>

#include "platform/core/error.hpp"
#include "platform/core/json.hpp"
#include "reports/manifest.hpp"
#include "reports/run_document.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchlab;
    const std::string text(reinterpret_cast<const char*>(data), size);
    try {
        const reports::Manifest manifest = reports::parse_manifest(text, "fuzz");
        if (reports::manifest_text(manifest) != text) std::abort();
        for (const reports::ManifestEntry& entry : manifest.files)
            if (entry.path.empty() || entry.path.front() == '/' ||
                ("/" + entry.path + "/").find("/../") != std::string::npos)
                std::abort();
    } catch (const Error& error) {
        if (error.code() != ErrorCode::invalid) std::abort();
    }
    try {
        reports::parse_run_document(parse_json(text, "fuzz"));
    } catch (const Error& error) {
        if (error.code() != ErrorCode::invalid) std::abort();
    }
    return 0;
}
