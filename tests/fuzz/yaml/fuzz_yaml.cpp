// SPDX-License-Identifier: Apache-2.0
//
// Any text as a lab and as a suite: mistakes are diagnostics, never a crash, and each names a place
// of the text.
#include <cstdint>
#include <cstdlib>

#include "labdefs/model.hpp"
#include "testsuites/batch.hpp"
#include "testsuites/loader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    patchlab::Diagnostics lab, suite;
    patchlab::labdefs::parse_lab(text, "lab.yaml", lab);
    const auto parsed = patchlab::testsuites::parse_suite(text, "suite.yaml", suite);
    if (suite.ok()) patchlab::testsuites::compile_batch({parsed}, "0");
    for (const auto* found : {&lab, &suite})
        for (const auto& item : found->items)
            if (item.line < 0 || item.message.empty()) std::abort();
    return 0;
}
