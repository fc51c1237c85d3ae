// SPDX-License-Identifier: Apache-2.0
#include "labdefs/model.hpp"

#include <arpa/inet.h>

#include <charconv>

namespace patchlab::labdefs {

std::optional<NetworkAddress> NetworkAddress::parse(const std::string& text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string::npos) return std::nullopt;
    NetworkAddress out;
    const std::string host = text.substr(0, slash);
    if (inet_pton(AF_INET, host.c_str(), out.bytes.data()) == 1) out.size = 4;
    else if (inet_pton(AF_INET6, host.c_str(), out.bytes.data()) == 1) out.size = 16;
    else return std::nullopt;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + slash + 1, end, out.prefix);
    if (error != std::errc() || stop != end || out.prefix > out.size * 8) return std::nullopt;
    return out;
}

bool NetworkAddress::network_holds(const NetworkAddress& other) const {
    if (size != other.size) return false;
    for (unsigned bit = 0; bit < prefix; ++bit) {
        const unsigned mask = 0x80U >> (bit % 8);
        if ((bytes[bit / 8] & mask) != (other.bytes[bit / 8] & mask)) return false;
    }
    return true;
}

std::string NetworkAddress::why_no_machines(unsigned length) const {
    constexpr std::array<unsigned char, 16> loopback{0, 0, 0, 0, 0, 0, 0, 0,
                                                     0, 0, 0, 0, 0, 0, 0, 1};
    const bool six = size == 16;
    if (six ? bytes[0] == 0xffU : bytes[0] >= 224) return "is no address of a single machine";
    if (six ? bytes == loopback : bytes[0] == 127) return "is an address of each machine itself";
    if (bytes == std::array<unsigned char, 16>{}) return "stands for no address";
    // a network of two addresses, and one of a single address, have none to spare
    if (length + 2 > size * 8) return "";
    bool zeros = true, ones = true;
    for (unsigned bit = length; bit < size * 8; ++bit) {
        const bool set = (bytes[bit / 8] & (0x80U >> (bit % 8))) != 0;
        zeros = zeros && !set;
        ones = ones && set;
    }
    if (zeros) return "is the network's own address";
    // IPv6 knows no broadcast
    return ones && !six ? "is the network's broadcast address" : "";
}

bool NetworkAddress::names_a_network() const {
    for (unsigned bit = prefix; bit < size * 8; ++bit)
        if (bytes[bit / 8] & (0x80U >> (bit % 8))) return false;
    return true;
}

}  // namespace patchlab::labdefs
