// SPDX-License-Identifier: Apache-2.0
#include "platform/process/namespaces.hpp"

#include <arpa/inet.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::process {

void mount_private_folder(const std::filesystem::path& path) {
    make_folder(path, 0711);
    if (::mount("patchlab", path.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "mode=0711,size=256m") !=
        0)
        throw Error(ErrorCode::lab, "cannot mount a private folder on " + path.string() + ": " +
                                        std::strerror(errno));
}

static void set_address(sockaddr& out, in_addr_t address) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_addr.s_addr = htonl(address);
    std::memcpy(&out, &in, sizeof out);
}

int bring_loopback_up() noexcept {
    const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!socket) return errno;
    char device[] = "lo";
    ifreq request{};
    std::memcpy(request.ifr_name, device, sizeof device);
    request.ifr_flags = static_cast<short>(IFF_UP | IFF_RUNNING | IFF_MULTICAST);
    if (::ioctl(socket.get(), SIOCSIFFLAGS, &request) != 0) return errno;

    rtentry route{};
    set_address(route.rt_dst, 0xe0000000);      // 224.0.0.0
    set_address(route.rt_genmask, 0xf0000000);  // /4
    route.rt_flags = RTF_UP;
    route.rt_dev = device;
    if (::ioctl(socket.get(), SIOCADDRT, &route) != 0 && errno != EEXIST) return errno;
    return 0;
}

}  // namespace patchlab::process
