// SPDX-License-Identifier: Apache-2.0
#include "platform/process/sandbox.hpp"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <vector>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::process {

namespace {

#if defined(__x86_64__)
constexpr unsigned this_architecture = AUDIT_ARCH_X86_64;
constexpr unsigned other_abi = 0x40000000;  // x32: the same calls under other numbers
#elif defined(__aarch64__)
constexpr unsigned this_architecture = AUDIT_ARCH_AARCH64;
constexpr unsigned other_abi = 0;
#else
#error "the sandbox does not know the system calls of this architecture"
#endif

[[noreturn]] void refuse_to_go_on(const char* what) {
    throw Error(ErrorCode::lab, std::string("cannot ") + what + ": " + std::strerror(errno));
}

/// Names of files, whichever way they are used; opening by io_uring is covered as well.
constexpr long calls_about_files[] = {
    __NR_openat,         __NR_openat2,        __NR_open_by_handle_at,
    __NR_unlinkat,       __NR_renameat2,      __NR_linkat,
    __NR_symlinkat,      __NR_mkdirat,        __NR_mknodat,
    __NR_fchmodat,       __NR_fchownat,       __NR_truncate,
    __NR_io_uring_setup, __NR_io_uring_enter, __NR_io_uring_register,
#if defined(__x86_64__)
    __NR_open,           __NR_creat,          __NR_unlink,
    __NR_rename,         __NR_renameat,       __NR_link,
    __NR_symlink,        __NR_mkdir,          __NR_rmdir,
    __NR_mknod,          __NR_chmod,          __NR_chown,
    __NR_lchown,
#endif
};

constexpr long calls_about_others[] = {
    __NR_execve,
    __NR_execveat,
    __NR_ptrace,
    __NR_process_vm_readv,
    __NR_process_vm_writev,
    __NR_kill,
    __NR_tkill,
    __NR_pidfd_open,
    __NR_pidfd_getfd,
    __NR_pidfd_send_signal,
    __NR_socket,
    __NR_connect,
    __NR_bind,
    __NR_listen,
    __NR_mount,
    __NR_umount2,
    __NR_pivot_root,
    __NR_chroot,
    __NR_setns,
    __NR_unshare,
    __NR_open_tree,
    __NR_move_mount,
    __NR_fsopen,
    __NR_bpf,
    __NR_perf_event_open,
    __NR_add_key,
    __NR_request_key,
    __NR_keyctl,
    __NR_userfaultfd,
    __NR_init_module,
    __NR_finit_module,
    __NR_delete_module,
    __NR_kexec_load,
    __NR_reboot,
    __NR_swapon,
    __NR_swapoff,
    __NR_personality,
    __NR_name_to_handle_at,
#if defined(__x86_64__)
    __NR_fork,
    __NR_vfork,
    __NR_iopl,
    __NR_ioperm,
#endif
};

constexpr long calls_of_servers[] = {__NR_socketpair, __NR_accept, __NR_accept4};

sock_filter statement(unsigned code, unsigned value) {
    return {static_cast<unsigned short>(code), 0, 0, value};
}

sock_filter jump(unsigned code, unsigned value, unsigned char yes, unsigned char no) {
    return {static_cast<unsigned short>(code), yes, no, value};
}

sock_filter load(std::size_t offset) {
    return statement(BPF_LD | BPF_W | BPF_ABS, static_cast<unsigned>(offset));
}

constexpr unsigned fails_with(int error) {
    return SECCOMP_RET_ERRNO | (static_cast<unsigned>(error) & SECCOMP_RET_DATA);
}

void fail_call(std::vector<sock_filter>& program, long call, int error) {
    program.push_back(jump(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 1));
    program.push_back(statement(BPF_RET | BPF_K, fails_with(error)));
}

std::vector<sock_filter> filter_of_calls(Sockets sockets) {
    std::vector<sock_filter> program{
        load(offsetof(seccomp_data, arch)),
        jump(BPF_JMP | BPF_JEQ | BPF_K, this_architecture, 1, 0),
        statement(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        load(offsetof(seccomp_data, nr)),
    };
    if (other_abi != 0) {
        program.push_back(jump(BPF_JMP | BPF_JGE | BPF_K, other_abi, 0, 1));
        program.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
    }
    for (const long call : calls_about_files) fail_call(program, call, EPERM);
    for (const long call : calls_about_others) fail_call(program, call, EPERM);
    if (sockets == Sockets::none)
        for (const long call : calls_of_servers) fail_call(program, call, EPERM);
    // its flags lie in memory, where no filter looks; the C library falls back to clone
    fail_call(program, __NR_clone3, ENOSYS);
    program.push_back(jump(BPF_JMP | BPF_JEQ | BPF_K, __NR_clone, 0, 3));
    program.push_back(load(offsetof(seccomp_data, args)));
    program.push_back(jump(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0));
    program.push_back(statement(BPF_RET | BPF_K, fails_with(EPERM)));
    program.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    return program;
}

/// Nothing of a kernel that has no Landlock, or where it is off: the filter forbids the same calls.
void forbid_files_by_landlock() {
    const long version =
        ::syscall(__NR_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1) return;
    landlock_ruleset_attr rules{};
    rules.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;  // all of the first version
    const UniqueFd set(
        static_cast<int>(::syscall(__NR_landlock_create_ruleset, &rules, sizeof rules, 0)));
    if (!set || ::syscall(__NR_landlock_restrict_self, set.get(), 0) != 0)
        refuse_to_go_on("forbid files with Landlock");
}

}  // namespace

void close_off(Sockets sockets) {
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) refuse_to_go_on("renounce new privileges");
    forbid_files_by_landlock();
    std::vector<sock_filter> program = filter_of_calls(sockets);
    const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
    if (::syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) != 0)
        refuse_to_go_on("filter system calls");
}

}  // namespace patchlab::process
