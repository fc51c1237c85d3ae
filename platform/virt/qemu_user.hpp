// SPDX-License-Identifier: Apache-2.0
//
// The user QEMU runs as. A guest that breaks out of QEMU must not be root on the host, so when
// patchlab is root QEMU runs as libvirt-qemu (Debian's package libvirt-daemon-system makes that
// user), else as the caller. Only what QEMU writes is handed to that user: the overlay, the memory
// file, the console log, the folder of its sockets. What it only reads (images, checkpoints) is
// root's, readable for the group libvirt-qemu and for nobody else: clones of production hold its
// secrets. That group is never kvm, whose members are people. Folders below the state let that
// group through (0710), those above it need the x bit for others. Thread safety: free functions.
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "platform/virt/hypervisor.hpp"

namespace patchlab::virt {

struct QemuUser {
    bool separate = false;  ///< false: QEMU runs as the calling user, who is not root
    uid_t uid = 0;
    gid_t gid = 0;    ///< of the process: kvm where it needs that for /dev/kvm
    gid_t files = 0;  ///< of what it may read: libvirt-qemu
    /// Folders strictly below this one are closed to everybody but root and `files`; the state
    /// folder. Empty: none are.
    std::filesystem::path state;
};

/// Whether QEMU of each run can have a user id of its own (run_uid.hpp): not where it needs to be
/// in group kvm, and so could not be in the group of our files.
bool can_have_own_uid(const QemuUser& user, Acceleration acceleration);

/// In group kvm when the machines use /dev/kvm and nothing else gives them that, else in the user's
/// own. Error(lab) when root finds no such user.
QemuUser qemu_user(Acceleration acceleration, const std::filesystem::path& state);

/// Makes `path` the user's, with `mode`. Nothing when the user is not separate. Error(lab).
void hand_over(const std::filesystem::path& path, const QemuUser& user, mode_t mode);
/// Takes `path` back: root's again, with `mode` for the group of what QEMU may read. Error(lab).
void take_back(const std::filesystem::path& path, const QemuUser& user, mode_t mode);

/// Lets the user pass through the folders above `path`, and keeps others out of those below the
/// state. Error(lab) naming the first folder that the user cannot pass through even so.
void make_reachable(const std::filesystem::path& path, const QemuUser& user);

/// Lets QEMU, whichever machine it runs, read a file of root's: an image. Error(lab).
void let_qemu_read(const std::filesystem::path& file, const std::filesystem::path& state);

}  // namespace patchlab::virt
