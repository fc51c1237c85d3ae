// SPDX-License-Identifier: Apache-2.0
//
// GuestChannel: the port into a running guest. What comes out of it is untrusted input: sizes are
// capped here, content is checked by whoever asked. Implementations: the QEMU guest agent over its
// unix socket, SSH (rollout), and a fake for tests. Thread safety: one thread at a time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/core/clock.hpp"
#include "platform/core/error.hpp"

namespace patchlab::guest {

/// The guest no longer answers (or never did): socket closed, agent silent until the deadline, or
/// answers that are not the protocol's. Whether the patch or the lab is to blame is for the caller
/// to find out.
class ChannelLost : public Error {
  public:
    explicit ChannelLost(std::string message) : Error(ErrorCode::lab, std::move(message)) {}
};

struct GuestCommand {
    std::vector<std::string> argv;  ///< absolute path first; no shell unless argv says so
    std::string input;              ///< to stdin
    std::vector<std::string>
        environment;  ///< "NAME=value", added to a minimal environment (PATH, LC_ALL=C.UTF-8)
    Seconds deadline{60};
    std::size_t max_output = 8U << 20;  ///< bytes kept of each stream
};

struct GuestResult {
    int exit_code = -1;
    int signal = 0;
    bool timed_out = false;  ///< the command was still running at the deadline (and was killed, as
                             ///< far as that is possible)
    bool truncated = false;
    std::string out;
    std::string err;
    bool ok() const { return exit_code == 0 && !timed_out; }
};

/// "was killed by signal 11", "ended with 127: …its last line on stderr…", "was not done in time";
/// printable.
std::string how_it_ended(const GuestResult& result);

/// The words that run `script` with these arguments ($1, $2, …) where stdin is for something else.
/// A script is the text of an embedded file; one of at most 100 KiB, which is what fits into a
/// word.
std::vector<std::string> shell_words(std::string_view script,
                                     const std::vector<std::string>& arguments);

class GuestChannel {
  public:
    virtual ~GuestChannel() = default;

    /// Waits until the guest answers. ChannelLost when it does not within `deadline`.
    virtual void wait_until_ready(Seconds deadline) = 0;
    /// Runs one command to its end. ChannelLost when the guest falls silent; a command that fails
    /// or overruns is a value.
    virtual GuestResult run(const GuestCommand& command) = 0;
    /// Runs `script` with /bin/sh -s, handed over on stdin.
    GuestResult run_script(std::string_view script, Seconds deadline,
                           std::size_t max_output = 8U << 20);
    /// The same; `arguments` are its $1, $2, …: values are never pasted into a script.
    GuestResult run_script(std::string_view script, std::vector<std::string> arguments,
                           Seconds deadline, std::size_t max_output = 8U << 20);

    /// Flushes and freezes all filesystems of the guest (for a consistent disk under a running
    /// machine). While frozen, only thaw() works.
    virtual void freeze() = 0;
    virtual void thaw() = 0;
    /// Sets the guest's clock to now (after a restore it stands at the checkpoint's time).
    virtual void set_time(TimePoint now) = 0;
};

}  // namespace patchlab::guest
