// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/process_entry.hpp"

#include "platform/disk/overlay/changes.hpp"
#include "platform/virt/libvirt_hypervisor.hpp"

namespace patchlab::operations {

std::optional<int> run_if_child(int argc, char** argv) {
    return disk::run_if_compare_child(argc, argv);
}

void prepare_to_build_images(char** argv) { virt::keep_libvirt_off_the_terminal(argv); }

}  // namespace patchlab::operations
