// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the answer of a guest: exactly one result for each check, and a detail that is short
// and can be stored.
#include <cstdint>
#include <cstdlib>

#include "platform/core/json.hpp"
#include "testsuites/batch.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchlab::testsuites;
    static const std::vector<Suite> suites{{"s",
                                            "",
                                            {{"a", ServiceCheck{"a"}},
                                             {"b", BuiltinCheck{"failed-units"}},
                                             {"c", AdapterCheck{{"x"}, "tap", ""}}},
                                            ""}};
    const auto results =
        parse_batch(suites, "n", std::string_view(reinterpret_cast<const char*>(data), size));
    if (results.size() < 3) std::abort();
    for (const CheckResult& result : results) {
        if (result.detail.size() > 4200) std::abort();
        if (result.outcome != Outcome::pass && result.detail.empty()) std::abort();
        to_json(result).dump();  // throws on text that is not UTF-8
    }
    return 0;
}
