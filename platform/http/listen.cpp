// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

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

}  // namespace

UniqueFd listen_tcp(const std::string& text) {
    const Address address = address_from(text);
    UniqueFd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int yes = 1;
    if (fd) ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (!fd ||
        ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0 ||
        ::listen(fd.get(), waiting_at_the_door) != 0)
        throw Error(ErrorCode::lab, "cannot listen on " + text + ": " + std::strerror(errno));
    return fd;
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
