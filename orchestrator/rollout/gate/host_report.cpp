// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rollout/gate/host_report.hpp"

#include <algorithm>
#include <cctype>

#include "platform/core/error.hpp"

namespace patchlab::rollout {

namespace {

constexpr std::size_t most_packages = 20'000;
constexpr Seconds most_ahead{600};  ///< a host's clock may be a little wrong

bool word(std::string_view text, std::size_t longest) {
    return !text.empty() && text.size() <= longest &&
           std::all_of(text.begin(), text.end(), [](unsigned char c) {
               return std::isalnum(c) != 0 || std::string_view("+-.:~_^").find(
                                                  static_cast<char>(c)) != std::string_view::npos;
           });
}

}  // namespace

HostReport parse_host_report(std::string_view text, const std::string& host, TimePoint now) {
    return during("reading the report of host '" + host.substr(0, 100) + "'", [&] {
        if (!word(host, 253)) throw Error(ErrorCode::invalid, "that is not the name of a host");
        const Json document = parse_json(text, "report", max_report_bytes);
        const JsonReader in(document, "report");
        in.expect_schema("patchlab/host-report/v1");
        if (in.string("host") != host)
            in.fail("host", "is of another host than the one that sent it");
        HostReport report{host, in.string("boot_id"), in.string("time"), {}, to_rfc3339(now)};
        if (!word(report.boot_id, 64)) in.fail("boot_id", "is not a boot id");
        from_rfc3339(report.time);  // as texts they are in the order of time, also those that no
                                    // clock of ours can hold
        if (report.time >
            to_rfc3339(now + std::chrono::duration_cast<TimePoint::duration>(most_ahead)))
            in.fail("time", "lies in the future");
        const JsonReader packages = in.object("packages");
        if (packages.raw().size() > most_packages) in.fail("packages", "are too many");
        for (const auto& [name, ignored] : packages.raw().items()) {
            const std::string version = packages.string(name);
            if (!word(name, 200) || !word(version, 200))
                in.fail("packages", "hold a name or version that cannot be one");
            report.packages[name] = version;
        }
        return report;
    });
}

}  // namespace patchlab::rollout
