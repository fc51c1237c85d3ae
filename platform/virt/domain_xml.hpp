// SPDX-License-Identifier: Apache-2.0
//
// The libvirt definition of a machine, as a pure function. What is chosen here and why:
//   i440fx, virtio disk and console, no graphics, USB, balloon or default network: the least a
//   guest needs, and PCI hot-plug works.
//   cache=unsafe: the disk is a throw-away overlay; what the guest flushed reaches the host's page
//   cache, which survives QEMU.
//   The agent's port is added behind libvirt's back: libvirt would connect to a port of that name
//   itself, and QEMU serves one client.
//   Network cards are QEMU multicast sockets bound to the loopback device, also added directly
//   (libvirt cannot bind them): frames of a lab never leave the host, and inside a cell's private
//   network they reach the machines of that run alone.
//   on_crash=preserve with a pvpanic device: a kernel panic is seen as `crashed`, not as silence.
// Thread safety: pure.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "platform/virt/hypervisor.hpp"

namespace patchlab::virt {

struct DomainPlan {
    enum class Memory {
        anonymous,  ///< the emulator's own
        shared,     ///< in spec.memory_file, which follows every write of the guest
        mapped      ///< a private copy-on-write mapping of spec.memory_file
    };

    MachineSpec spec;
    std::string uuid;
    Memory memory = Memory::anonymous;
    bool incoming = false;                       ///< wait for a migration stream instead of booting
    std::filesystem::path agent_socket;          ///< where QEMU creates the socket
    std::map<std::string, std::uint16_t> ports;  ///< network name → UDP port of its segment
    std::filesystem::path emulator = "/usr/bin/qemu-system-x86_64";
    std::filesystem::path firmware;            ///< UEFI code, when spec.uefi
    std::filesystem::path firmware_variables;  ///< template of the UEFI variables
};

std::string domain_xml(const DomainPlan& plan);

/// A read-only virtio disk to be hot-plugged as `target` ("vdb").
std::string disk_xml(const std::filesystem::path& image, const std::string& target,
                     const std::string& serial);

/// `text` as the value of one QEMU option: commas doubled.
std::string option_value(const std::string& text);

}  // namespace patchlab::virt
