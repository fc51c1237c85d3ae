// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "platform/core/error.hpp"
#include "platform/http/server.hpp"

namespace patchlab::http {

namespace {

constexpr int waiting_at_the_door = 512;

struct Address {
    sockaddr_storage storage{};
    socklen_t size = 0;
};

[[noreturn]] void no_address(const std::string& text) {
    throw Error(ErrorCode::usage, "'" + text.substr(0, 80) + "' is no address to listen on",
                "give an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080");
}

std::uint16_t port_from(const std::string& text, const std::string& whole) {
    if (text.empty() || text.size() > 5 ||
        text.find_first_not_of("0123456789") != std::string::npos || std::stoi(text) > 65535)
        no_address(whole);
    return static_cast<std::uint16_t>(std::stoi(text));
}

Address address_from(const std::string& text) {
    const auto colon = text.rfind(':');
    if (colon == std::string::npos) no_address(text);
    std::string host = text.substr(0, colon);
    const std::uint16_t port = port_from(text.substr(colon + 1), text);
    if (host == "localhost") host = "127.0.0.1";
    Address address;
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        auto& v6 = reinterpret_cast<sockaddr_in6&>(address.storage);
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        address.size = sizeof v6;
        if (::inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &v6.sin6_addr) == 1)
            return address;
    }
    address = {};
    auto& v4 = reinterpret_cast<sockaddr_in&>(address.storage);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    address.size = sizeof v4;
    if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) != 1) no_address(text);
    return address;
}

UniqueFd bound(const sockaddr* address, socklen_t size, int family, const std::string& shown) {
    UniqueFd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int yes = 1;
    if (fd && family != AF_UNIX) ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (!fd || ::bind(fd.get(), address, size) != 0 || ::listen(fd.get(), waiting_at_the_door) != 0)
        throw Error(ErrorCode::lab, "cannot listen on " + shown + ": " + std::strerror(errno));
    return fd;
}

}  // namespace

UniqueFd listen_tcp(const std::string& text) {
    const Address address = address_from(text);
    return bound(reinterpret_cast<const sockaddr*>(&address.storage), address.size,
                 address.storage.ss_family, text);
}

UniqueFd listen_unix(const std::filesystem::path& path, unsigned mode) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string text = path.string();
    if (text.size() >= sizeof address.sun_path)
        throw Error(ErrorCode::usage, "the path of the socket is too long: " + text);
    std::memcpy(address.sun_path, text.data(), text.size());
    struct stat there {};
    if (::lstat(text.c_str(), &there) == 0 && S_ISSOCK(there.st_mode)) ::unlink(text.c_str());
    const mode_t before = ::umask(0777 & ~mode);
    try {
        UniqueFd fd =
            bound(reinterpret_cast<const sockaddr*>(&address), sizeof address, AF_UNIX, text);
        ::umask(before);
        return fd;
    } catch (...) {
        ::umask(before);
        throw;
    }
}

std::uint16_t port_of(const UniqueFd& listener) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
    if (address.ss_family == AF_INET6)
        return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
    return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

bool is_loopback(const std::string& text) {
    const Address address = address_from(text);
    if (address.storage.ss_family == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(
            &reinterpret_cast<const sockaddr_in6&>(address.storage).sin6_addr);
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address.storage);
    return (ntohl(v4.sin_addr.s_addr) >> 24) == 127;
}

}  // namespace patchlab::http
