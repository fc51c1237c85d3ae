// SPDX-License-Identifier: Apache-2.0
#include "platform/virt/qemu_user.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "platform/core/error.hpp"

namespace patchlab::virt {

namespace {

void change(const std::filesystem::path& path, uid_t uid, gid_t gid, mode_t mode) {
    if (::lchown(path.c_str(), uid, gid) != 0 || ::chmod(path.c_str(), mode) != 0)
        throw Error(ErrorCode::lab,
                    "cannot change the owner of " + path.string() + ": " + std::strerror(errno));
}

}  // namespace

QemuUser qemu_user(Acceleration acceleration) {
    if (::geteuid() != 0) return {};
    const passwd* entry = ::getpwnam("libvirt-qemu");
    if (!entry)  // libvirt's QEMU driver does not even load without it
        throw Error(ErrorCode::lab, "there is no user libvirt-qemu for QEMU to run as",
                    "install it with: apt-get install libvirt-daemon-system");
    QemuUser user{true, entry->pw_uid, entry->pw_gid};
    const char* name = acceleration == Acceleration::kvm ? "kvm" : "libvirt-qemu";
    if (const group* wanted = ::getgrnam(name)) user.gid = wanted->gr_gid;
    return user;
}

void hand_over(const std::filesystem::path& path, const QemuUser& user, mode_t mode) {
    if (user.separate) change(path, user.uid, user.gid, mode);
}

void take_back(const std::filesystem::path& path, const QemuUser& user, mode_t mode) {
    if (user.separate) change(path, 0, user.gid, mode);
    else if (::chmod(path.c_str(), mode) != 0)
        throw Error(ErrorCode::lab,
                    "cannot change the mode of " + path.string() + ": " + std::strerror(errno));
}

void require_reachable(const std::filesystem::path& path, const QemuUser& user) {
    if (!user.separate) return;
    for (std::filesystem::path folder = path.parent_path();; folder = folder.parent_path()) {
        struct stat info {};
        if (::stat(folder.c_str(), &info) != 0)
            throw Error(ErrorCode::lab,
                        "cannot look at " + folder.string() + ": " + std::strerror(errno));
        mode_t needed = S_IXOTH;
        if (info.st_uid == user.uid) needed = S_IXUSR;
        else if (info.st_gid == user.gid) needed = S_IXGRP;
        if ((info.st_mode & needed) == 0)
            throw Error(ErrorCode::lab, "the user of QEMU cannot pass through " + folder.string(),
                        "allow it with: chmod o+x " + folder.string());
        if (folder == folder.parent_path()) return;
    }
}

}  // namespace patchlab::virt
