// SPDX-License-Identifier: Apache-2.0
//
// Brings one message to one target: one attempt. A webhook and a mail server are reached through
// curl, which gets everything on its standard input or from files of mode 0600, so that no secret
// stands in the list of processes; mail else through the host's sendmail; a command gets the notice
// as JSON on its standard input. Nothing goes through a shell. A target that does not take it is an
// answer, never an Error. Thread safety: one a thread.
#pragma once

#include <filesystem>
#include <string>

#include "orchestrator/notify/message.hpp"
#include "orchestrator/notify/target.hpp"
#include "platform/process/command.hpp"

namespace patchlab::notify {

///   taken    the target took it
///   busy     it did not, and may a moment later: no connection, an overloaded server
///   refused  it did not, and somebody has to look: a wrong address or secret, an answer that says
///            no
enum class Taking { taken, busy, refused };

struct Attempt {
    Taking taking = Taking::refused;
    std::string detail;  ///< one plain line: what it answered
};

class Carrier {
  public:
    /// `scratch`: a folder of the state for files of one attempt; made when it is missing.
    Carrier(process::CommandRunner& runner, const Clock& clock, std::filesystem::path scratch)
        : runner_(runner), clock_(clock), scratch_(std::move(scratch)) {}

    Attempt carry(const Message& message, const NotifyTarget& target);

  private:
    Attempt post(const Message& message, const NotifyTarget& target);
    Attempt hand_to_server(const Message& message, const NotifyTarget& target);
    Attempt hand_to_sendmail(const Message& message, const NotifyTarget& target);
    Attempt run_command(const Message& message, const NotifyTarget& target);
    process::CommandResult curl(const std::string& configuration, const std::string& purpose);

    process::CommandRunner& runner_;
    const Clock& clock_;
    std::filesystem::path scratch_;
};

}  // namespace patchlab::notify
