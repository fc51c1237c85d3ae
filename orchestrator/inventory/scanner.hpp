// SPDX-License-Identifier: Apache-2.0
//
// Looks at hosts through Ansible, without an agent: one small shell script (guest/look.sh) runs on
// each and prints what it sees. Every host ends as scanned, unreachable or failed, and is stored as
// soon as it has answered, whole or not at all. Thread safety: one a thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/inventory/ansible.hpp"
#include "orchestrator/inventory/host.hpp"
#include "orchestrator/inventory/scan_store.hpp"
#include "platform/core/clock.hpp"

namespace patchlab::inventory {

/// run_play() of ansible.hpp with a runner, or what a test puts in its place.
using PlayRunner = std::function<void(const AnsiblePlay& play, const AnsibleAnswered& answered)>;

struct HostScanned {
    std::string host;
    ScanOutcome outcome = ScanOutcome::failed;
    std::string detail;  ///< why it was not scanned
    std::size_t packages = 0;
};

struct ScanRequest {
    std::vector<Host> hosts;
    std::size_t forks = 10;      ///< hosts at once
    Seconds host_deadline{120};  ///< for one host; the whole takes as many turns as there are
    std::function<void(const HostScanned& host)>
        scanned;  ///< may be empty; called after the host was stored
};

/// Error(lab) when Ansible cannot be started: then nothing was looked at, and what was known stays
/// as it was.
void scan_hosts(const PlayRunner& run, ScanStore& scans, const Clock& clock,
                const ScanRequest& request);

/// The play for these hosts.
AnsiblePlay scan_play(const std::vector<Host>& hosts, std::size_t forks, Seconds host_deadline);
/// What a host's answer amounts to. `scan` is set when the outcome is `scanned`.
HostScanned judge_answer(const std::string& host, const AnsibleResult& result,
                         std::optional<Scan>& scan);

}  // namespace patchlab::inventory
