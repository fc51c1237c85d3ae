// SPDX-License-Identifier: Apache-2.0
//
// The user QEMU runs as. A guest that breaks out of QEMU must not be root on the host, so when
// patchlab is root QEMU runs as libvirt-qemu (Debian's package libvirt-daemon-system makes that
// user), else as the caller. Only what QEMU writes is handed to that user: the overlay, the memory
// file, the console log, the folder of its sockets. It must be able to reach them, so folders on
// the way need the x bit for others (0711); base images need 0444. Thread safety: free functions.
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "platform/virt/hypervisor.hpp"

namespace patchlab::virt {

struct QemuUser {
    bool separate = false;  ///< false: QEMU runs as the calling user, who is not root
    uid_t uid = 0;
    gid_t gid = 0;
};

/// In group kvm when the machines use /dev/kvm, else in the user's own. Error(lab) when root finds
/// no such user.
QemuUser qemu_user(Acceleration acceleration);

/// Makes `path` the user's, with `mode`. Nothing when the user is not separate. Error(lab).
void hand_over(const std::filesystem::path& path, const QemuUser& user, mode_t mode);
/// Takes `path` back: root's again, readable and writable by the user's group when
/// `group_may_write`.
void take_back(const std::filesystem::path& path, const QemuUser& user, mode_t mode);

/// Error(lab) naming the first folder above `path` that the user cannot pass through.
void require_reachable(const std::filesystem::path& path, const QemuUser& user);

}  // namespace patchlab::virt
