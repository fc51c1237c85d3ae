// SPDX-License-Identifier: Apache-2.0
//
// Installing in a guest: the commands that a family needs, and the reading of what they print. A
// command is a value (words, stdin, deadline), so a family may use a shell, another interpreter or
// no interpreter at all. Output comes from a guest and is untrusted: it is parsed here and nowhere
// else.
//
// An installation outlives the channel through which it was begun: it is begun, looked at until it
// has ended, and cleaned up after. Thread safety: no state; every method from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "orchestrator/families/package_facts.hpp"
#include "platform/guest/channel.hpp"

namespace patchlab::families {

struct InstallJob {
    std::vector<ExactPackage> packages;
    std::vector<std::string> removals;
    bool downgrade = false;  ///< some of the versions are older than what is installed
    std::string disk;        ///< serial number of the disk with the packages
};

/// A package as the guest lists it.
struct ListedPackage {
    std::string name;
    std::string architecture;
    std::string version;
    bool whole = true;  ///< installed to its end
    std::string state;  ///< the package manager's own word for its state
};

/// What an installation and the machine around it have used up to a moment, by the guest's own
/// counters.
struct InstallActivity {
    double uptime = 0;          ///< seconds since the guest's boot
    double processor = 0;       ///< seconds that the installation used
    std::uint64_t log = 0;      ///< bytes of its log
    std::uint64_t moved = 0;    ///< bytes that it moved to and from disks
    double others = 0;          ///< processor seconds of everything else but the guest agent
    std::uint64_t sectors = 0;  ///< that the machine's disks moved
    int awake = 0;  ///< of its processes, how many want the processor or wait for a disk now
};

/// A step of a repair.
struct RepairStep {
    std::string title;  ///< for people and for the evidence: the command as one would type it
    guest::GuestCommand command;
};

class GuestInstaller {
  public:
    virtual ~GuestInstaller() = default;

    /// Keeps prepared answers to the questions of packages for the next installation; nullopt where
    /// packages ask nothing.
    virtual std::optional<guest::GuestCommand> keep_answers(
        const std::map<std::string, std::string>& answers) const = 0;
    /// Begins the installation, which then runs by itself. Error(invalid) naming a word that is no
    /// name or version.
    virtual guest::GuestCommand begin(const InstallJob& job) const = 0;
    /// Waits until the first package is being unpacked (where a power cut hurts most); fails when
    /// the installation is over before.
    virtual guest::GuestCommand await_unpacking() const = 0;
    /// Waits some seconds for the end of the installation. Its last line is "ended CODE", "gone"
    /// (it left no exit code), or "running" after the newest line of its log. This one is for
    /// systems with a POSIX shell whose installation keeps install.pid, install.exit and
    /// install.log in /run/patchlab.
    virtual guest::GuestCommand look() const;
    /// Prints what the installation has used by now, for read_activity(). Changes nothing. Needs
    /// perl, which a patch may break: an answer that is none says nothing of the installation.
    virtual guest::GuestCommand activity() const;
    virtual std::optional<InstallActivity> read_activity(std::string_view out) const;
    /// Prints what an installation that stands still waits for, for read_waits(): its processes,
    /// what each sleeps in, and the files that they have open.
    virtual guest::GuestCommand waits() const;
    /// The cause in one line of at most 400 bytes; empty when the guest did not tell.
    virtual std::string read_waits(std::string_view out) const;
    /// Prints the log of the installation: at most some MiB, its beginning and its end.
    virtual guest::GuestCommand read_log() const;
    /// Ends an installation that hangs; prints who hung. This one is for the same systems as
    /// look().
    virtual guest::GuestCommand end() const;
    /// Takes away what begin() left; prints what the package manager complains of.
    virtual guest::GuestCommand clean_up() const = 0;
    /// Why an installation failed, in one line of at most 400 bytes: what the failing script said
    /// last, and the package manager's own words. The last line of the log when it holds none.
    virtual std::string failure_in(std::string_view log) const = 0;

    /// Lists what is installed, for read_list(). `list_program` names it in errors.
    virtual guest::GuestCommand list() const = 0;
    virtual std::vector<ListedPackage> read_list(std::string_view out) const = 0;
    virtual std::string_view list_program() const = 0;

    /// Prints, a line each, what the package system complains of by itself: packages that are half
    /// installed, requirements that are not met. Changes nothing in the guest.
    virtual guest::GuestCommand complaints() const = 0;
    /// Questions whether the package system is consistent: it is when each succeeds and prints
    /// nothing. What the first one prints is for people.
    virtual std::vector<guest::GuestCommand> audit() const = 0;
    /// What an administrator would do when it is not.
    virtual std::vector<RepairStep> repair() const = 0;
};

/// GuestInstaller::begin() with the family's install.sh, which takes these words.
guest::GuestCommand begin_install(std::string_view family, const std::vector<std::string>& words);

/// The last `count` lines of a log.
std::string last_lines(std::string_view log, std::size_t count);

}  // namespace patchlab::families
