// SPDX-License-Identifier: Apache-2.0
//
// The adapters of a run, assembled here and nowhere else.
#pragma once

#include <filesystem>
#include <string>

#include "orchestrator/pipeline/lab/backend.hpp"

namespace patchlab::operations {

/// `wanted`: "fake", which needs no hypervisor, or "libvirt" (also when empty). Borrows commands
/// and clock. Error(lab) when QEMU is not installed.
pipeline::Backend make_backend(const std::string& wanted, const std::filesystem::path& state,
                               process::CommandRunner& commands, const Clock& clock);

/// Where the state folder keeps what was learnt about this host: probing it takes up to 20 s, once
/// a boot.
std::filesystem::path host_folder(const std::filesystem::path& state);

}  // namespace patchlab::operations
