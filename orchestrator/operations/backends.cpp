// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/backends.hpp"

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/disk/image/qemu_img.hpp"
#include "platform/guest/agent_channel.hpp"
#include "platform/process/cell.hpp"
#include "platform/virt/acceleration.hpp"
#include "platform/virt/libvirt_hypervisor.hpp"
#include "platform/virt/qemu_user.hpp"
#include "testsuites/batch.hpp"

namespace patchlab::operations {

namespace {

std::string emulator_version(process::CommandRunner& commands, virt::Acceleration acceleration) {
    process::CommandSpec command;
    command.program = "qemu-system-x86_64";
    command.args = {"--version"};
    command.purpose = "asking QEMU for its version";
    const process::CommandResult result = commands.require(command);
    std::string emulator =
        result.out.substr(0, result.out.find('\n')) + ", " + std::string(virt::name(acceleration));
    // a checkpoint of an accelerated machine needs the processor on which it was made
    if (acceleration == virt::Acceleration::kvm)
        emulator += ", " + virt::processor_model(read_file_if_any("/proc/cpuinfo").value_or(""));
    return emulator;
}

}  // namespace

std::filesystem::path host_folder(const std::filesystem::path& state) { return state / "host"; }

Backends real_backends() { return {"libvirt", make_backend}; }

pipeline::Backend make_backend(const std::string& wanted, const std::filesystem::path& state,
                               process::CommandRunner& commands, const Clock& clock) {
    if (wanted == "fake")
        throw Error(ErrorCode::usage,
                    "PATCHLAB_BACKEND is 'fake', and this program works with real machines alone",
                    "use patchlab-sim, which simulates machines, or unset PATCHLAB_BACKEND");
    if (!wanted.empty() && wanted != "libvirt")
        throw Error(ErrorCode::usage, "PATCHLAB_BACKEND is '" + wanted + "'",
                    "use libvirt, or unset PATCHLAB_BACKEND");
    const std::filesystem::path host = host_folder(state);
    pipeline::Backend backend;
    backend.name = "libvirt";
    backend.acceleration = virt::probe_acceleration(commands, host).acceleration;
    backend.emulator = emulator_version(commands, backend.acceleration);
    backend.isolated_network = process::cells_available();
    backend.commands = &commands;
    backend.clock = &clock;
    const virt::Acceleration acceleration = backend.acceleration;
    backend.open_hypervisor = [host, state, acceleration](const std::filesystem::path& root) {
        return virt::open_libvirt({root, host / "capabilities", acceleration, state});
    };
    backend.open_channel = [acceleration](const std::filesystem::path& socket) {
        guest::AgentOptions agent;
        agent.same_addresses = acceleration != virt::Acceleration::kvm;
        agent.bell = virt::bell_socket(socket);
        return guest::open_agent(socket, agent);
    };
    backend.create_overlay = [&commands](const std::filesystem::path& base,
                                         const std::filesystem::path& overlay) {
        disk::ImageTool(commands).create_overlay(base, "qcow2", overlay);
    };
    backend.let_read = [state](const std::filesystem::path& image) {
        virt::let_qemu_read(image, state);
    };
    backend.compare_disks = [](const disk::OverlayQuery& query) {
        return disk::compare_overlay(query);
    };
    backend.run_suites = [](guest::GuestChannel& channel,
                            const std::vector<testsuites::Suite>& suites) {
        return testsuites::run_suites(channel, suites);
    };
    backend.capture = snapshots::capture_live;
    return backend;
}

}  // namespace patchlab::operations
