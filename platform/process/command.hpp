// SPDX-License-Identifier: Apache-2.0
//
// Commands are values: a program, its arguments, a deadline and a purpose; no shell ever sees them.
// The runner drains both pipes while it waits, caps what it keeps, and kills the whole process
// group at the deadline. Thread safety: a CommandRunner may be used from several threads.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/clock.hpp"

namespace patchlab::process {

struct CommandSpec {
    std::string program;            ///< a name looked up in PATH, or a path
    std::vector<std::string> args;  ///< without argv[0]
    std::string
        purpose;  ///< "creating the overlay of machine 'web'"; opens every error about this command
    Seconds deadline{60};
    std::string input;                               ///< given to stdin, which is then closed
    std::map<std::string, std::string> environment;  ///< added to (and overriding) the caller's
    std::optional<std::filesystem::path> folder;     ///< working directory
    std::size_t max_output =
        16U << 20;  ///< bytes kept of each stream; the rest is read and dropped
    std::function<void(std::string_view line)>
        on_output_line;  ///< live progress: each line of stdout and stderr, may be empty
};

struct CommandResult {
    int exit_code = -1;      ///< -1 when a signal or the deadline ended it
    int signal = 0;          ///< the signal that ended it, or 0
    bool timed_out = false;  ///< the deadline passed and the group was killed
    bool truncated = false;  ///< a stream was longer than max_output
    std::string out;
    std::string err;
    double seconds = 0;
    bool ok() const { return exit_code == 0; }
};

class CommandRunner {
  public:
    virtual ~CommandRunner() = default;
    /// Runs to the end. A command that fails is a value; throws Error(lab) only when it cannot be
    /// started at all (with the Debian package to install as advice, where known).
    virtual CommandResult run(const CommandSpec& spec) = 0;

    /// run(), and Error(lab) "PURPOSE: PROGRAM failed with exit 1: <last lines of stderr>" (or
    /// Error(timeout)) unless it exits 0.
    CommandResult require(const CommandSpec& spec);
};

/// Starts real processes, each as a session of its own (docs/adr/0001-posix-spawn.md).
class SystemCommandRunner final : public CommandRunner {
  public:
    CommandResult run(const CommandSpec& spec) override;
};

/// "install the Debian package qemu-utils", or empty when the program is not one of those patchlab
/// uses.
std::string package_advice(std::string_view program);

/// Where PATH (with the sbin folders added) finds `program`, or nullopt.
std::optional<std::filesystem::path> find_program(std::string_view program);

/// Sends SIGKILL to the group of every command of this process that is running, so that whoever is
/// told to end (Ctrl-C, SIGTERM) takes them along: each command is a session of its own, which the
/// terminal's signal does not reach. Async-signal-safe.
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
