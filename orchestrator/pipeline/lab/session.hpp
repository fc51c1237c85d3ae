// SPDX-License-Identifier: Apache-2.0
//
// LabSession: the machines of one lab while they run, started from their disks or from a
// checkpoint, each with its channel. Ownership: owns the machines of this session and ends them
// when destroyed; the hypervisor must outlive it. Thread safety: one thread.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "orchestrator/pipeline/lab/backend.hpp"
#include "orchestrator/pipeline/lab/boot_watch.hpp"
#include "orchestrator/pipeline/lab/prepared_lab.hpp"
#include "orchestrator/pipeline/run/request.hpp"
#include "platform/process/processor_time.hpp"

namespace patchlab::pipeline {

/// Whether the machines of a session may be rebooted after they were restored; what is not is
/// emulated faster (docs/adr/0007).
enum class Reboots { expected, none };

/// What became of a machine that fell silent.
enum class Silence {
    lab,  ///< the emulator is gone, hung or stopped by an error of its own: says nothing about the
          ///< patch
    powered_off,  ///< the guest switched itself off
    crashed,      ///< the guest's kernel panicked
    silent        ///< the machine runs, but the guest does not answer
};

/// A machine that stopped while it started: its console says so (ConsoleWatch).
class MachineDead : public guest::ChannelLost {
  public:
    MachineDead(const std::string& what, bool twice) : ChannelLost(what), seen_twice(twice) {}
    bool seen_twice;  ///< and did so again when it was switched off and started once more
};

class LabSession {
  public:
    /// `sockets`: a folder with a short path for the agents' sockets. `folder`: where overlays and
    /// console logs go. One session at a time on one hypervisor, since its machines bear the lab's
    /// names, or one more for each word that `clone` gives them besides (those can only be
    /// restored, from a mapped checkpoint, and hear only one another).
    /// `emulators`: where the session enters those that it starts.
    LabSession(const Backend& backend, virt::Hypervisor& hypervisor, LiveEmulators& emulators,
               std::filesystem::path sockets, std::filesystem::path folder,
               const RunRequest& request, std::string clone = {});
    ~LabSession();

    /// Cold start of every machine from a new overlay on its image at `disk_of(machine)`; memory
    /// goes to files where `kind` is mapped. Returns the seconds until every guest agent answered.
    /// ChannelLost, MachineDead, Error(lab).
    double boot(const PreparedLab& lab, virt::CheckpointKind kind, Seconds deadline);
    /// Freezes the filesystems, writes the checkpoint into `lab` and ends the machines.
    void checkpoint(const PreparedLab& lab, virt::CheckpointKind kind);
    /// Starts every machine from the checkpoint on new overlays; thaws, sets the clock, reseeds the
    /// guests' entropy and proves by the boot id that it is the checkpointed machine and no cold
    /// boot. Error(lab) when it is not. Returns the seconds until every guest agent answered.
    double restore(const PreparedLab& lab, Reboots reboots = Reboots::expected);

    /// Reboots one machine and proves it by a changed boot id. ChannelLost when it does not come
    /// back (see BootWatch). One whose console says that it has stopped is started once more from
    /// its disk: MachineDead when it stops again. `usual`: the seconds that a boot of this lab
    /// took.
    void reboot(const std::string& machine, double usual);

    /// Power cut, and a cold start from the disk as it was left. ChannelLost when the machine does
    /// not come up (see BootWatch).
    void power_cycle(const std::string& machine, double usual);

    /// Filesystems frozen, machine paused: its overlay can be read. release() undoes both. Both may
    /// be called again.
    void hold(const std::string& machine);
    void release(const std::string& machine);

    guest::GuestChannel& channel(const std::string& machine);
    std::filesystem::path overlay(const std::string& machine) const {
        return folder_ / (machine + ".qcow2");
    }
    std::filesystem::path console(const std::string& machine) const {
        return folder_ / (machine + "-console.log");
    }
    /// See virt::Hypervisor.
    void attach_disk(const std::string& machine, const std::filesystem::path& image,
                     std::string_view serial) {
        hypervisor_.attach_disk(id(machine), image, serial);
    }
    void detach_disk(const std::string& machine, std::string_view serial) {
        hypervisor_.detach_disk(id(machine), serial);
    }
    /// Asks the hypervisor why `machine` does not answer.
    Silence explain_silence(const std::string& machine);
    /// As long as the answer lives, the host's processors are these machines' before others': for
    /// what is measured in them (docs/adr/0016).
    process::ScopedPriority measuring() const { return process::ScopedPriority(emulators_.pids()); }
    /// The emulators' process ids.
    const std::vector<int>& emulators() const { return emulators_.pids(); }
    /// Power cut for all machines. Their overlays stay until the session is destroyed.
    void end();

  private:
    std::string id(const std::string& machine) const {
        return virt::MachineSpec::id_of(machine, clone_);
    }
    virt::MachineSpec spec(const MachineRequest& machine, const std::filesystem::path& disk) const;
    void opened(const virt::MachineSpec& spec);
    void await_agent(const std::string& machine, const Deadline& until);
    void await_boot(const std::string& machine, const std::string& boot_before, double usual);
    void start_once_more(const std::string& machine, const MachineDead& first, double usual);
    bool panicked(const std::string& machine) const;
    std::string said_last(const std::string& machine, std::uintmax_t from) const;
    const Backend& backend_;
    virt::Hypervisor& hypervisor_;
    std::filesystem::path sockets_;
    std::filesystem::path folder_;
    const RunRequest& request_;
    std::string clone_;
    std::map<std::string, std::unique_ptr<guest::GuestChannel>> channels_;
    LiveEmulators::Entry emulators_;
    std::set<std::string> held_;
};

/// The guest's /proc/sys/kernel/random/boot_id.
std::string boot_id(guest::GuestChannel& channel);

/// Waits until the guest's service manager has no jobs left (boot finished, restarts done). False
/// when the deadline passed.
bool wait_until_settled(guest::GuestChannel& channel, Seconds deadline);

/// The MAC of a member: the one given, or one derived from the names, the same for every clone.
std::string mac_of(const std::string& lab, const labdefs::Network& network,
                   const labdefs::NetworkMember& member);

}  // namespace patchlab::pipeline
