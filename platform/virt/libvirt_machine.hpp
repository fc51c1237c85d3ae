// SPDX-License-Identifier: Apache-2.0
//
// One machine under libvirt: from its first instruction, or from a checkpoint, to its end. Private
// to this folder. Ownership: the machine ends QEMU when it is destroyed. Thread safety: one thread
// at a time (events arrive on libvirt's).
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "platform/virt/checkpoint_definition.hpp"
#include "platform/virt/domain_events.hpp"
#include "platform/virt/domain_xml.hpp"
#include "platform/virt/handles.hpp"
#include "platform/virt/qemu_user.hpp"

namespace patchlab::virt {

/// What every machine of one hypervisor shares.
struct Host {
    std::filesystem::path root;
    QemuUser user;
    _virConnect* connection = nullptr;
    DomainEvents* events = nullptr;
    std::uint64_t emulator = 0;  ///< version of QEMU
};

class LibvirtMachine {
  public:
    LibvirtMachine(const Host& host, DomainPlan plan);
    ~LibvirtMachine();
    LibvirtMachine(const LibvirtMachine&) = delete;
    LibvirtMachine& operator=(const LibvirtMachine&) = delete;

    const DomainPlan& plan() const { return plan_; }

    void boot();
    void restore_mapped(const CheckpointFiles& files);
    void restore_saved(const CheckpointFiles& files);
    /// The machine is paused; afterwards it has ended.
    void write_mapped(const CheckpointFiles& files);
    void write_saved(const CheckpointFiles& files);

    void attach_disk(const std::filesystem::path& image, const std::string& serial);
    void detach_disk(const std::string& serial);
    bool has_extra_disks() const { return !disks_.empty(); }
    MachineState state();
    bool responds(Seconds deadline);
    void pause();
    void resume();
    /// Ends QEMU whatever it does. Error(lab) when even the kernel's kill did not.
    void end();
    std::optional<int> pid() const;

  private:
    /// Starts QEMU; `paused` before its first instruction.
    void create(bool paused);
    void settle();
    void kill_emulator() const;
    bool ended() const;

    Host host_;
    DomainPlan plan_;
    Domain domain_;
    std::unique_ptr<GuardedCalls> calls_ = std::make_unique<GuardedCalls>();
    std::map<std::string, std::string> disks_;  ///< serial → target
};

}  // namespace patchlab::virt
