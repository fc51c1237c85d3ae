// SPDX-License-Identifier: Apache-2.0
//
// Hypervisor: the port through which a run starts, freezes, restores and ends virtual machines.
// Implementations: libvirt (embedded QEMU driver, no daemon) and `fake`, which keeps machines in
// memory so that the whole program runs without a hypervisor. One contract suite (tests/contract)
// runs on both. Ownership: a Hypervisor owns its connection and every machine it started;
// destroying it ends them, unless told otherwise. Thread safety: calls for different machines may
// come from different threads; calls for one machine may not.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/clock.hpp"
#include "platform/core/error.hpp"

namespace patchlab::virt {

enum class Acceleration { kvm, tcg };
std::string_view name(Acceleration acceleration);

/// Where the hypervisor offers a second port of the guest, beside that of its agent:
/// "org.patchlab.bell.0" (docs/adr/0015).
inline std::filesystem::path bell_socket(const std::filesystem::path& agent_socket) {
    return agent_socket.string() + ".bell";
}

/// A network card on a segment that only the machines of this run share.
struct NicSpec {
    std::string network;  ///< name of the segment; machines that name the same one hear each other
    std::string mac;      ///< "52:54:00:…"
};

/// A machine to be started. Paths must be absolute; their folders must exist.
struct MachineSpec {
    std::string name;  ///< unique within the run
    /// Where a machine is restored while another clone of it runs: which one this is ("beside").
    /// Clones hear only those of the same word.
    std::string clone;
    unsigned vcpus = 1;
    unsigned memory_mib = 512;
    std::filesystem::path disk;  ///< qcow2 or raw overlay this machine alone writes
    std::string disk_format = "qcow2";
    bool uefi = false;
    std::filesystem::path
        serial_log;  ///< the guest's console is appended here, at most 16 MiB of it
    std::filesystem::path agent_socket;  ///< unix socket of the guest agent's channel, created by
                                         ///< the hypervisor (short path, < 100 chars)
    std::vector<NicSpec> nics;
    Acceleration acceleration = Acceleration::tcg;
    /// Whether it may restart itself. Where it is emulated and does not, more of its translated
    /// code is kept (docs/adr/0007).
    bool reboots = true;
    /// When set, the guest's memory lives in this file so that a checkpoint can be mapped instead
    /// of read.
    std::optional<std::filesystem::path> memory_file;

    /// By this the other calls of a hypervisor know the machine.
    std::string id() const { return id_of(name, clone); }
    static std::string id_of(const std::string& machine, const std::string& which) {
        return which.empty() ? machine : machine + "~" + which;
    }
};

/// Where a checkpoint of one machine's memory and devices is kept; written once, then read-only,
/// shared by all clones.
struct CheckpointFiles {
    std::filesystem::path state;  ///< device state (mapped), or the whole save image (saved)
    std::optional<std::filesystem::path> memory;  ///< the RAM file of a mapped checkpoint
    std::filesystem::path definition;             ///< the domain definition it was made with
};

/// How a checkpoint can be kept here: `mapped` (RAM stays in a file, clones map it copy-on-write)
/// or `saved` (virDomainSave, the portable fallback).
enum class CheckpointKind { mapped, saved };
std::string_view name(CheckpointKind kind);

enum class MachineState { running, paused, stopped, crashed, unknown };
std::string_view name(MachineState state);

class Hypervisor {
  public:
    virtual ~Hypervisor() = default;

    /// The checkpoints this host can make, best first.
    virtual std::vector<CheckpointKind> checkpoint_kinds() = 0;

    /// Starts a machine from its disk. Error(lab) when the hypervisor refuses.
    virtual void start(const MachineSpec& spec) = 0;

    /// Pauses all named machines, writes the memory and devices of each to its files, and ends them
    /// (their disks are then never written again and become the backing files of the clones). All
    /// or nothing: on an error every machine is ended and no file is left. `files` has one element
    /// for each name, in the same order.
    virtual void checkpoint(const std::vector<std::string>& machines,
                            const std::vector<CheckpointFiles>& files, CheckpointKind kind) = 0;

    /// Starts `spec` from a checkpoint of the same machine: same vcpus, memory and cards; another
    /// disk path (an overlay of the checkpointed disk), log and socket. The machine runs when this
    /// returns. Several clones of one machine may run at once where the checkpoint is mapped, each
    /// with a `clone` of its own; Error(invalid) where it is not.
    virtual void restore(const MachineSpec& spec, const CheckpointFiles& files,
                         CheckpointKind kind) = 0;

    /// Hot-plugs a read-only raw disk that the guest sees as /dev/disk/by-id/virtio-<serial>.
    virtual void attach_disk(const std::string& machine, const std::filesystem::path& image,
                             std::string_view serial) = 0;
    virtual void detach_disk(const std::string& machine, std::string_view serial) = 0;

    virtual MachineState state(const std::string& machine) = 0;
    /// True when the hypervisor process itself answers within `deadline` (a stopped or hung QEMU
    /// does not): tells a fault of the lab from a guest that fell silent.
    virtual bool responds(const std::string& machine, Seconds deadline) = 0;
    virtual void pause(const std::string& machine) = 0;
    virtual void resume(const std::string& machine) = 0;
    /// Ends the machine at once, as a power cut does; its disk keeps what had reached it. Nothing
    /// when it is not running.
    virtual void destroy(const std::string& machine) = 0;
    /// The process id of the machine's emulator, or nullopt (fake).
    virtual std::optional<int> pid(const std::string& machine) = 0;
};

}  // namespace patchlab::virt
