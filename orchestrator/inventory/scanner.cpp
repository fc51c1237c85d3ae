// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/inventory/scanner.hpp"

#include <algorithm>
#include <set>

#include "inventory_files.hpp"
#include "platform/core/error.hpp"

namespace patchlab::inventory {

namespace {

constexpr std::size_t hosts_a_play = 500;  // a play of all hosts would hold all of them in memory
constexpr std::size_t longest_detail = 500;

std::string one_plain_line(std::string text) {
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    return text.substr(0, longest_detail);
}

}  // namespace

AnsiblePlay scan_play(const std::vector<Host>& hosts, std::size_t forks, Seconds host_deadline) {
    AnsiblePlay play;
    play.purpose =
        "scanning " + std::to_string(hosts.size()) + (hosts.size() == 1 ? " host" : " hosts");
    play.tasks = std::string(embedded::inventory_files::file("scan.yml"));
    play.files["look.sh"] = std::string(embedded::inventory_files::file("look.sh"));
    play.forks = std::max<std::size_t>(forks, 1);
    const std::size_t turns = (hosts.size() + play.forks - 1) / play.forks;
    play.deadline = Seconds(60) + host_deadline * static_cast<double>(turns);
    for (const Host& host : hosts) play.hosts.push_back({host.name, host.variables});
    return play;
}

HostScanned judge_answer(const std::string& host, const AnsibleResult& result,
                         std::optional<Scan>& scan) {
    HostScanned judged{host, ScanOutcome::failed, one_plain_line(result.detail), 0};
    switch (result.end) {
        case AnsibleEnd::unreachable: judged.outcome = ScanOutcome::unreachable; return judged;
        case AnsibleEnd::failed: return judged;
        case AnsibleEnd::unknown:
            if (judged.detail.empty())
                judged.detail = "the play ended before the host had answered";
            return judged;
        case AnsibleEnd::ok: break;
    }
    try {
        scan = read_scan(JsonReader(result.result, "the answer of the host").string("answer"));
    } catch (const Error& error) {
        judged.detail = one_plain_line(error.message());
        return judged;
    }
    judged.outcome = ScanOutcome::scanned;
    judged.detail.clear();
    judged.packages = scan->packages.size();
    return judged;
}

void scan_hosts(const PlayRunner& run, ScanStore& scans, const Clock& clock,
                const ScanRequest& request) {
    for (std::size_t from = 0; from < request.hosts.size(); from += hosts_a_play) {
        const auto first = request.hosts.begin() + static_cast<std::ptrdiff_t>(from);
        const auto last = request.hosts.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                      from + hosts_a_play, request.hosts.size()));
        const AnsiblePlay play =
            scan_play(std::vector<Host>(first, last), request.forks, request.host_deadline);
        std::set<std::string> waiting;
        for (const AnsibleHost& host : play.hosts) waiting.insert(host.name);
        const auto take = [&](const std::string& host, const AnsibleResult& result) {
            if (waiting.erase(host) == 0) return;
            std::optional<Scan> scan;
            const HostScanned judged = judge_answer(host, result, scan);
            const std::string now = to_rfc3339(clock.now());
            if (scan) scans.record(host, *scan, now);
            else scans.record_failure(host, judged.outcome, judged.detail, now);
            if (request.scanned) request.scanned(judged);
        };
        run(play, take);
        for (const std::string& host : std::vector<std::string>(waiting.begin(), waiting.end()))
            take(host, {});  // nobody may be forgotten
    }
}

}  // namespace patchlab::inventory
