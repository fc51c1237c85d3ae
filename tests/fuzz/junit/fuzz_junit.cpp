// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a report: never a crash, and a pass only from a sound report with at least one test,
// none of which failed.
#include <cstdint>
#include <cstdlib>

#include "testsuites/adapters/report.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchlab::testsuites;
    const CommandOutput output{std::string(reinterpret_cast<const char*>(data), size), 0, false,
                               ""};
    const auto results = adapters::results_of("junit", output, {"suite", "check"});
    if (results.at(0).outcome != Outcome::pass) return 0;
    if (results.size() < 2) std::abort();
    for (const CheckResult& result : results)
        if (result.outcome != Outcome::pass && result.outcome != Outcome::skip) std::abort();
    return 0;
}
