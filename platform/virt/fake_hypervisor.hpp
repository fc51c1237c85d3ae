// SPDX-License-Identifier: Apache-2.0
//
// A hypervisor without virtual machines (`fake` backend): it keeps to the contract of the real one
// (tests/contract/hypervisor runs on both), writes small JSON files where the real one writes
// sockets and checkpoints, and can be told to fail. With guest::FakeChannel the whole program runs
// end to end without QEMU.
//
// The file at MachineSpec::agent_socket tells the fake channel about the machine (schema
// patchlab/fake-machine/v1: machine, boot, state, disk); it is there while the machine is.
// Ownership: owns its machines; destroying it ends them. Thread safety: as Hypervisor; hooks run on
// the calling thread.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "platform/virt/hypervisor.hpp"

namespace patchlab::virt {

struct FakeOptions {
    std::vector<CheckpointKind> kinds = {CheckpointKind::mapped, CheckpointKind::saved};
    /// Called before each operation ("start", "checkpoint", "restore", "attach_disk",
    /// "detach_disk", "state", "responds", "pause", "resume", "destroy") with the machine's name.
    /// It may throw (the operation fails), block (it hangs), or kill the process.
    std::function<void(std::string_view operation, const std::string& machine)> before;
    /// Called when a machine has been hot-plugged a disk: what the guest would see in it.
    std::function<void(const std::string& machine, const std::filesystem::path& image)> on_attach;
};

class FakeHypervisor final : public Hypervisor {
  public:
    explicit FakeHypervisor(FakeOptions options = {});
    ~FakeHypervisor() override;

    std::vector<CheckpointKind> checkpoint_kinds() override { return options_.kinds; }
    void start(const MachineSpec& spec) override;
    void checkpoint(const std::vector<std::string>& machines,
                    const std::vector<CheckpointFiles>& files, CheckpointKind kind) override;
    void restore(const MachineSpec& spec, const CheckpointFiles& files,
                 CheckpointKind kind) override;
    void attach_disk(const std::string& machine, const std::filesystem::path& image,
                     std::string_view serial) override;
    void detach_disk(const std::string& machine, std::string_view serial) override;
    MachineState state(const std::string& machine) override;
    bool responds(const std::string& machine, Seconds deadline) override;
    void pause(const std::string& machine) override;
    void resume(const std::string& machine) override;
    void destroy(const std::string& machine) override;
    std::optional<int> pid(const std::string&) override { return std::nullopt; }

    // What a real machine does by itself. Error(not_found).

    /// The guest's kernel panics, or the emulator dies.
    void crash(const std::string& machine);
    /// The guest powers itself off.
    void power_off(const std::string& machine);
    /// The guest reboots: another boot id.
    void reboot(const std::string& machine);
    /// A line appears on its console.
    void say(const std::string& machine, const std::string& line);
    /// The emulator hangs: responds() is false, and the channel is silent.
    void hang(const std::string& machine);

  private:
    struct Machine {
        MachineSpec spec;
        std::string uuid;
        std::string boot;
        MachineState state = MachineState::running;
        bool hangs = false;
        std::map<std::string, std::filesystem::path> disks;
    };

    void before(std::string_view operation, const std::string& machine) const;
    Machine& get(const std::string& machine);
    void admit(const MachineSpec& spec, Machine machine);
    void set_state(const std::string& machine, MachineState state);
    static void publish(const Machine& machine);
    void end(const std::string& machine);
    void write_checkpoint(const Machine& machine, const CheckpointFiles& files,
                          CheckpointKind kind);

    FakeOptions options_;
    std::mutex mutex_;
    std::map<std::string, Machine> machines_;
};

}  // namespace patchlab::virt
