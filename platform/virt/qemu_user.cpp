// SPDX-License-Identifier: Apache-2.0
#include "platform/virt/qemu_user.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "platform/core/error.hpp"

namespace patchlab::virt {

namespace {

void change(const std::filesystem::path& path, uid_t uid, gid_t gid, mode_t mode) {
    if (::lchown(path.c_str(), uid, gid) != 0 || ::chmod(path.c_str(), mode) != 0)
        throw Error(ErrorCode::lab,
                    "cannot change the owner of " + path.string() + ": " + std::strerror(errno));
}

bool everybody_reaches_kvm() {
    struct stat device {};
    constexpr mode_t all = S_IROTH | S_IWOTH;
    return ::stat("/dev/kvm", &device) == 0 && (device.st_mode & all) == all;
}

/// Whether a process of this user and group may use /dev/kvm without being in its group by name.
bool reaches_kvm(const passwd& user, gid_t group, gid_t kvm) {
    if (everybody_reaches_kvm()) return true;
    std::array<gid_t, 64> groups{};
    int count = static_cast<int>(groups.size());
    if (::getgrouplist(user.pw_name, group, groups.data(), &count) < 0) return false;
    return std::find(groups.begin(), groups.begin() + count, kvm) != groups.begin() + count;
}

/// The folder and those above it that lie strictly below `state`, the uppermost first. None of
/// tmp/, where apt's own user works, too; names there cannot be guessed nor listed.
std::vector<std::filesystem::path> folders_below(const std::filesystem::path& state,
                                                 std::filesystem::path folder) {
    std::vector<std::filesystem::path> found;
    if (state.empty()) return found;
    for (; folder != folder.parent_path(); folder = folder.parent_path()) {
        if (folder == state) {
            if (!found.empty() && found.back().filename() == "tmp") return {};
            return {found.rbegin(), found.rend()};
        }
        found.push_back(folder);
    }
    return {};
}

bool is_writable_for_others(mode_t mode) { return (mode & S_IWOTH) != 0; }

/// Root's own folders let the group through and nobody else; others stay as they are.
void close_to_others(const std::filesystem::path& folder, const QemuUser& user) {
    struct stat info {};
    if (::lstat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode) || info.st_uid != 0 ||
        is_writable_for_others(info.st_mode))
        return;
    const mode_t wanted = (info.st_mode & 0700) | S_IXGRP;
    if (info.st_gid != user.files || (info.st_mode & 07777) != wanted)
        change(folder, 0, user.files, wanted);
}

}  // namespace

bool can_have_own_uid(const QemuUser& user, Acceleration acceleration) {
    return user.separate && user.gid == user.files &&
           (acceleration != Acceleration::kvm || everybody_reaches_kvm());
}

QemuUser qemu_user(Acceleration acceleration, const std::filesystem::path& state) {
    if (::geteuid() != 0) return {};
    const passwd* entry = ::getpwnam("libvirt-qemu");
    if (!entry)  // libvirt's QEMU driver does not even load without it
        throw Error(ErrorCode::lab, "there is no user libvirt-qemu for QEMU to run as",
                    "install it with: apt-get install libvirt-daemon-system");
    QemuUser user{true, entry->pw_uid, entry->pw_gid, entry->pw_gid,
                  std::filesystem::weakly_canonical(state)};
    if (const group* own = ::getgrnam("libvirt-qemu")) user.files = own->gr_gid;
    user.gid = user.files;
    if (acceleration != Acceleration::kvm) return user;
    const group* kvm = ::getgrnam("kvm");
    if (kvm && !reaches_kvm(*entry, user.files, kvm->gr_gid)) user.gid = kvm->gr_gid;
    return user;
}

void hand_over(const std::filesystem::path& path, const QemuUser& user, mode_t mode) {
    if (user.separate) change(path, user.uid, user.gid, mode);
}

void take_back(const std::filesystem::path& path, const QemuUser& user, mode_t mode) {
    if (user.separate) change(path, 0, user.files, mode);
    else if (::chmod(path.c_str(), mode) != 0)
        throw Error(ErrorCode::lab,
                    "cannot change the mode of " + path.string() + ": " + std::strerror(errno));
}

void let_qemu_read(const std::filesystem::path& file, const std::filesystem::path& state) {
    const QemuUser user = qemu_user(Acceleration::tcg, state);
    if (!user.separate) return;
    make_reachable(file, user);
    struct stat info {};
    if (::lstat(file.c_str(), &info) != 0 || !S_ISREG(info.st_mode))
        throw Error(ErrorCode::lab, "cannot look at " + file.string());
    if (info.st_gid != user.files || (info.st_mode & 07777) != 0440)
        change(file, 0, user.files, 0440);
}

void make_reachable(const std::filesystem::path& path, const QemuUser& user) {
    if (!user.separate) return;
    for (const auto& folder :
         folders_below(user.state, std::filesystem::weakly_canonical(path.parent_path())))
        close_to_others(folder, user);
    for (std::filesystem::path folder = path.parent_path();; folder = folder.parent_path()) {
        struct stat info {};
        if (::stat(folder.c_str(), &info) != 0)
            throw Error(ErrorCode::lab,
                        "cannot look at " + folder.string() + ": " + std::strerror(errno));
        mode_t needed = S_IXOTH;
        if (info.st_uid == user.uid) needed = S_IXUSR;
        else if (info.st_gid == user.gid || info.st_gid == user.files) needed = S_IXGRP;
        if ((info.st_mode & needed) == 0)
            throw Error(ErrorCode::lab, "the user of QEMU cannot pass through " + folder.string(),
                        "allow it with: chmod o+x " + folder.string());
        if (folder == folder.parent_path()) return;
    }
}

}  // namespace patchlab::virt
