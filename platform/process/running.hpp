// SPDX-License-Identifier: Apache-2.0
//
// The process groups that commands of this process run in at this moment, so that whoever is told
// to end (Ctrl-C, SIGTERM) takes them along: each command is a session of its own, which the
// terminal's signal does not reach. Thread safety: all functions; kill_running_commands() is
// async-signal-safe.
#pragma once

namespace patchlab::process {

/// Sends SIGKILL to the group of every command that is running. May be called from a signal
/// handler.
void kill_running_commands() noexcept;

/// Registers a group for its lifetime.
class RunningGroup {
  public:
    explicit RunningGroup(int group) noexcept;
    ~RunningGroup();
    RunningGroup(const RunningGroup&) = delete;
    RunningGroup& operator=(const RunningGroup&) = delete;

  private:
    int slot_ = -1;
};

}  // namespace patchlab::process
