// SPDX-License-Identifier: Apache-2.0
//
// Plays ansible-playbook and the hosts behind it: reads the inventory that it was given, changes
// versions as push/host.sh would, and writes the lines that the callback plugin would. So the real
// deployer runs, without a host. Thread safety: one a thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "platform/core/json.hpp"
#include "platform/process/command.hpp"

namespace patchlab::rollout {

struct PlayedHost {
    std::map<std::string, std::string> versions;
    int boots = 1;
    int installations = 0;
    bool off = false;
    bool silent = false;           ///< begins, and is never heard of again
    std::string refuses;           ///< why it refuses an installation
    std::set<std::string> orders;  ///< that it was rebooted for
};

class PlayedAnsible final : public process::CommandRunner {
  public:
    std::map<std::string, PlayedHost> hosts;
    bool broken = false;  ///< ends before it begins
    process::CommandResult run(const process::CommandSpec& spec) override;

  private:
    Json answer(PlayedHost& host, const Json& variables, bool changes);
};

}  // namespace patchlab::rollout
