// SPDX-License-Identifier: Apache-2.0
//
// ConsoleWatch: whether a machine that does not answer has stopped for good, by what its console
// said last: a kernel that panicked, a boot loader or a first RAM disk that waits for a person, a
// system in emergency mode. The console is the guest's: it can condemn the guest by what it says,
// and nothing else. Pure apart from what it remembers; one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patchlab::pipeline {

/// How much of the end of a console is read.
inline constexpr std::uint64_t end_of_console = 8192;  // bytes

/// How a console's text ends when nothing more will come of it.
struct Standstill {
    enum class Kind { panic, prompt } kind;
    std::string what;  ///< for people; printable, at most some 200 characters
    double quiet;      ///< seconds that the console must say nothing after it
};

/// Nothing: it may go on. A kernel that says after its panic that it will reboot itself goes on,
/// until it has panicked a second time. `usual`: seconds that a boot takes.
std::optional<Standstill> standstill_of(std::string_view console, double usual = 60);

class ConsoleWatch {
  public:
    explicit ConsoleWatch(double usual = 60) : usual_(usual) {}

    /// Takes what the console has said since the machine's start (the end of it, if that is much)
    /// by `now`, in seconds. Gives why nothing more is to be expected of the machine, or nothing.
    /// Asked every few seconds, it knows within ten.
    std::optional<std::string> look(double now, std::string_view console);

  private:
    double usual_;
    std::string said_;
    double quiet_since_ = -1;
};

}  // namespace patchlab::pipeline
