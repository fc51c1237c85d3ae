// SPDX-License-Identifier: Apache-2.0
//
// Can this host run guests with hardware acceleration? Found out by running one for a moment:
// /dev/kvm may exist, may even create a machine, and yet never run it (nested clouds do that). The
// guest is one boot sector that writes a byte to a port of QEMU's. Thread safety: full.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "platform/process/command.hpp"
#include "platform/virt/hypervisor.hpp"

namespace patchlab::virt {

struct AccelerationProbe {
    Acceleration acceleration = Acceleration::tcg;
    std::string reason;  ///< one sentence for people: why it is so
};

/// The answer is kept in `cache_folder` until the host boots again. `PATCHLAB_ACCELERATION=kvm|tcg`
/// overrides; another value is Error(invalid). Costs at most some seconds the first time, nothing
/// afterwards.
AccelerationProbe probe_acceleration(process::CommandRunner& commands,
                                     const std::filesystem::path& cache_folder);

/// The model of this host's processors, of the text of /proc/cpuinfo: "… Xeon … (6/85/7)", with
/// family, model and stepping; "unknown processor" where it does not say.
std::string processor_model(std::string_view cpuinfo);

/// The 512 bytes that the probe boots.
std::string probe_boot_sector();

}  // namespace patchlab::virt
