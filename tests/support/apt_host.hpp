// SPDX-License-Identifier: Apache-2.0
//
// A host with stock apt: an own root folder with an own dpkg database, where real packages really
// get installed. It knows a channel by its URL and has the public key, nothing else; nothing of
// this machine's apt configuration is read.
#pragma once

#include <string>
#include <vector>

#include "platform/core/files.hpp"
#include "platform/process/command.hpp"

namespace patchlab::tests {

class AptHost {
  public:
    /// `pin`: with the preferences file that lets the channel decide.
    AptHost(const std::string& channel, const std::string& url, const fs::path& public_key,
            bool pin = true);

    /// From now on the channel is found there, with the same key.
    void follow(const std::string& channel, const std::string& url);
    /// As on a host whose lists were cleaned: nothing is known of an index that was read before.
    void forget_lists();

    process::CommandResult update();
    /// "hello" or "hello=1.0"; more words of apt-get may come first.
    process::CommandResult install(const std::vector<std::string>& words);
    /// What unattended-upgrades does: take every candidate, also when it is older.
    process::CommandResult upgrade();
    /// dpkg's word on it: the version; empty when it is not installed.
    std::string installed(const std::string& package);
    /// The version apt would install; empty: none.
    std::string candidate(const std::string& package);

  private:
    process::CommandResult run(const std::string& program, std::vector<std::string> args);
    TempFolder folder_;
    process::SystemCommandRunner runner_;
};

}  // namespace patchlab::tests
