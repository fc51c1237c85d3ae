// SPDX-License-Identifier: Apache-2.0
//
// Runs a play on many hosts with Ansible (ansible-core): forks, SSH, become and connection
// variables are its business. A play is a value: the tasks, the hosts with their variables, and
// files it may copy. Each host ends with exactly one result, told as soon as it is known, by a
// small callback plugin that writes one JSON line a host to a file of ours; Ansible's human output
// is never read. What hosts say is untrusted: lines are capped, JSON is checked, and a host that is
// not in the play is ignored. Thread safety: one a thread; several may run at once, each in a
// folder of its own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/clock.hpp"
#include "platform/core/json.hpp"
#include "platform/process/command.hpp"

namespace patchlab::inventory {

/// How Ansible reaches a host: its own connection variables (ansible_host, ansible_port,
/// ansible_user, ansible_become, …), from the inventory that the host was imported from.
struct AnsibleHost {
    std::string name;
    Json variables = Json::object();
};

struct AnsiblePlay {
    std::string purpose;  ///< opens every error: "scanning 12 hosts"
    std::string tasks;    ///< YAML: the list of tasks of one play
    std::vector<AnsibleHost> hosts;
    Json variables = Json::object();  ///< for all hosts (extra vars)
    std::map<std::string, std::string>
        files;  ///< name → content, beside the play: for `script`, `copy` and `template`
    std::map<std::string, std::string>
        modules;  ///< file name ("patchlab_exact.py") → source of a module
    /// Below it the play's private folder is made: tmp/ of the state, which nobody else can write.
    /// Empty: a fresh folder among the host's temporary ones.
    std::filesystem::path work;
    std::size_t forks = 10;
    Seconds deadline{600};  ///< for the whole play
};

///   ok           all tasks ran; `result` holds what `register`/`set_fact` put into the variable
///                `patchlab_result`, and as a member of it
///                NAME what was registered as `patchlab_result_NAME` (so text of hosts is told
///                without passing through an expression)
///   failed       a task failed; `detail` says which and why
///   unreachable  no connection
///   unknown      the play ended before this host did
enum class AnsibleEnd { ok, failed, unreachable, unknown };
std::string_view name(AnsibleEnd end);

struct AnsibleResult {
    AnsibleEnd end = AnsibleEnd::unknown;
    std::string detail;  ///< one line, plain text, capped at 1 KiB; of a host that is `ok`: the
                         ///< failure that the play rescued
    Json result = Json::object();  ///< the host's `patchlab_result`, an object, capped at 4 MiB;
                                   ///< also of a host that failed after setting it
    double seconds = 0;
};

using AnsibleAnswered = std::function<void(const std::string& host, const AnsibleResult& result)>;

/// Runs the play; `answered` is called once for each of its hosts, on this thread, while the others
/// still run; hosts without a result when it ends are `unknown`. Error(lab) when ansible-playbook
/// cannot be started or refuses the play itself (then nothing was done).
void run_play(process::CommandRunner& runner, const AnsiblePlay& play,
              const AnsibleAnswered& answered);

}  // namespace patchlab::inventory
