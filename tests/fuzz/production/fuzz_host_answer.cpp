// SPDX-License-Identifier: Apache-2.0
//
// Any object as what a host of production answered, and any bytes as its report: what is not of the
// expected form was not observed, and what was observed is short and can be stored.
#include <cstdint>
#include <cstdlib>

#include "orchestrator/rollout/gate/host_report.hpp"
#include "orchestrator/rollout/push/host_answer.hpp"
#include "platform/core/error.hpp"
#include "platform/core/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchlab;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        rollout::parse_host_report(text, "web-1", {});
    } catch (const Error& error) {
        if (error.code() != ErrorCode::invalid) std::abort();
    }
    inventory::AnsibleResult result;
    result.end = inventory::AnsibleEnd::ok;
    try {
        result.result = parse_json(text, "fuzz");
    } catch (const Error&) {
        return 0;
    }
    if (!result.result.is_object()) return 0;
    rollout::Order order;
    order.step = rollout::Step::install;
    order.packages = {"nginx", "curl"};
    rollout::HostOrder host;
    host.host = "web-1";
    const rollout::Observation seen = rollout::observation_of(order, host, "n", result);
    if (seen.detail.find('\n') != std::string::npos) std::abort();
    Json(seen.detail).dump();  // throws on text that is not UTF-8
    Json(seen.boot_id).dump();
    return 0;
}
