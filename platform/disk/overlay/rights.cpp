// SPDX-License-Identifier: Apache-2.0
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "platform/core/error.hpp"
#include "platform/disk/overlay/child.hpp"
#include "platform/process/sandbox.hpp"

namespace patchlab::disk {

namespace {

constexpr unsigned nobody = 65534;

void limit(decltype(RLIMIT_AS) what, rlim_t value) {
    const rlimit both{value, value};
    ::setrlimit(what, &both);
}

void require(bool done, const char* what) {
    if (!done)
        throw Error(ErrorCode::lab, std::string("cannot ") + what + ": " + std::strerror(errno));
}

}  // namespace

void give_up_rights(const std::filesystem::path& empty_folder) {
    if (::geteuid() == 0) {
        require(::chroot(empty_folder.c_str()) == 0 && ::chdir("/") == 0,
                "enter an empty root folder");
        require(::setgroups(0, nullptr) == 0 && ::setresgid(nobody, nobody, nobody) == 0 &&
                    ::setresuid(nobody, nobody, nobody) == 0,
                "give up the rights of root");
        require(::setuid(0) != 0, "give up the rights of root for good");
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a change of user clears it, so it is set last
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    limit(RLIMIT_AS, 768U << 20);  // sanitizers reserve terabytes
#endif
    limit(RLIMIT_CPU, 1200);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NPROC, 0);
    process::close_off();
}

}  // namespace patchlab::disk
