// SPDX-License-Identifier: Apache-2.0
//
// The adapters of a run, assembled here at the door and nowhere else.
#pragma once

#include "orchestrator/cli/context.hpp"
#include "orchestrator/pipeline/lab/backend.hpp"

namespace patchlab::cli {

/// libvirt and QEMU, or with PATCHLAB_BACKEND=fake the backend that needs no hypervisor. Error(lab)
/// when QEMU is not installed.
pipeline::Backend make_backend(Context& context);

/// Where the state folder keeps what was learnt about this host: probing it takes up to 20 s, once
/// a boot.
std::filesystem::path host_folder(Context& context);

}  // namespace patchlab::cli
