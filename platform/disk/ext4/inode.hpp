// SPDX-License-Identifier: Apache-2.0
//
// How the .cpp files of Ext4Volume look into an inode. Only for files that include libext2fs
// themselves. Thread-safe.
#pragma once

#include <ext2fs/ext2fs.h>

#include "platform/disk/ext4/volume.hpp"

namespace patchlab::disk {

/// Throws Unreadable "WHAT: <libext2fs' words>".
[[noreturn]] void unreadable(const char* what, long error);

/// Inode::bytes always holds at least this structure.
inline const ext2_inode_large& raw(const Inode& inode) {
    return *reinterpret_cast<const ext2_inode_large*>(inode.bytes.data());
}

inline char type_letter(std::uint32_t mode) {
    if (LINUX_S_ISREG(mode)) return 'f';
    if (LINUX_S_ISDIR(mode)) return 'd';
    if (LINUX_S_ISLNK(mode)) return 'l';
    if (LINUX_S_ISCHR(mode)) return 'c';
    if (LINUX_S_ISBLK(mode)) return 'b';
    if (LINUX_S_ISFIFO(mode)) return 'p';
    if (LINUX_S_ISSOCK(mode)) return 's';
    return '?';
}

/// A symlink whose target stands in the inode itself.
inline bool is_short_link(const Inode& inode) {
    ext2_inode_large copy = raw(inode);
    return inode.type == 'l' && ext2fs_is_fast_symlink(reinterpret_cast<ext2_inode*>(&copy));
}

}  // namespace patchlab::disk
