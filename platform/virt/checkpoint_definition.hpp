// SPDX-License-Identifier: Apache-2.0
//
// What a checkpoint was made of: the `definition` file beside its state and memory (schema
// patchlab/checkpoint/v1). A clone must be the same machine, and the memory must be what was
// written then; both are checked before QEMU starts. Thread safety: values and free functions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "platform/virt/hypervisor.hpp"

namespace patchlab::virt {

struct CheckpointDefinition {
    CheckpointKind kind = CheckpointKind::mapped;
    std::string uuid;  ///< the machine's; its clones keep it (the guest has read it)
    MachineSpec spec;
    std::uint64_t emulator = 0;  ///< version of QEMU as libvirt numbers it
    std::string memory_mark;     ///< mark_of() the memory file; empty when there is none
};

void write_definition(const std::filesystem::path& file, const CheckpointDefinition& definition);
/// Error(invalid), Error(not_found).
CheckpointDefinition read_definition(const std::filesystem::path& file);

/// Tells a file that was written or replaced since: its change time in ns, size and inode. The time
/// alone is not enough, it moves in steps of some milliseconds.
std::string mark_of(const std::filesystem::path& file);
/// As mark_of(); empty when there is no such file.
std::string mark_if_there(const std::filesystem::path& file);

/// Error(invalid) when `spec` is not the machine of the checkpoint; Error(lab) when the
/// checkpoint's files are not what was written.
void require_match(const CheckpointDefinition& definition, const MachineSpec& spec,
                   const CheckpointFiles& files, CheckpointKind kind);

}  // namespace patchlab::virt
