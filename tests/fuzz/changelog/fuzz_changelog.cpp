// SPDX-License-Identifier: Apache-2.0
//
// Any text given as a changelog: parsed without a crash, and what comes out is well formed and
// capped.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "orchestrator/families/deb/changelog.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchlab::families::deb;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto entries = parse_changelog(text);
    const std::string from = entries.empty() ? "" : entries.back().version;
    const std::string to = entries.empty() ? "1" : entries.front().version;
    for (const std::string& start : {from, std::string()}) {
        const ChangelogSummary summary = summarise(entries, start, to);
        if (summary.text.size() > (64U << 10)) std::abort();
        for (const std::string& cve : summary.advisories)
            if (cve.size() < 13 || cve.compare(0, 4, "CVE-") != 0 ||
                cve.find_first_not_of("0123456789-", 4) != std::string::npos)
                std::abort();
    }
    return 0;
}
