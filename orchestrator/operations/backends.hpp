// SPDX-License-Identifier: Apache-2.0
//
// The adapters of a run, assembled here and nowhere else.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "orchestrator/pipeline/lab/backend.hpp"

namespace patchlab::operations {

/// Makes the adapters of a run; borrows commands and clock.
using BackendMaker =
    std::function<pipeline::Backend(const std::string& wanted, const std::filesystem::path& state,
                                    process::CommandRunner& commands, const Clock& clock)>;

/// What a program can work runs on.
struct Backends {
    std::string usual = "libvirt";  ///< where nobody asks for another
    BackendMaker make;
};
/// Of the released program.
Backends real_backends();

/// Real machines. `wanted`: "libvirt" (also when empty). Error(usage) for another word; Error(lab)
/// when QEMU is not installed.
pipeline::Backend make_backend(const std::string& wanted, const std::filesystem::path& state,
                               process::CommandRunner& commands, const Clock& clock);

/// Where the state folder keeps what was learnt about this host: probing it takes up to 20 s, once
/// a boot.
std::filesystem::path host_folder(const std::filesystem::path& state);

}  // namespace patchlab::operations
