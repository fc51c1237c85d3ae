// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/openpgp_armour.hpp"

#include <cstdint>

#include "platform/core/digest.hpp"

namespace patchlab::families {

namespace {

/// The checksum of an armoured block (RFC 4880, 6.1).
std::string armour_checksum(std::string_view bytes) {
    std::uint32_t crc = 0xB704CE;
    for (const char c : bytes) {
        crc ^= static_cast<std::uint32_t>(static_cast<unsigned char>(c)) << 16U;
        for (int bit = 0; bit < 8; ++bit) {
            crc <<= 1U;
            if ((crc & 0x1000000U) != 0) crc ^= 0x1864CFBU;
        }
    }
    const std::string three{static_cast<char>(crc >> 16U & 255U),
                            static_cast<char>(crc >> 8U & 255U), static_cast<char>(crc & 255U)};
    return base64_encode(three);
}

}  // namespace

std::string armour_body(std::string_view bytes) {
    constexpr std::size_t width = 64;
    const std::string encoded = base64_encode(bytes);
    std::string text;
    for (std::size_t at = 0; at < encoded.size(); at += width)
        text += encoded.substr(at, width) + "\n";
    return text + "=" + armour_checksum(bytes) + "\n" + std::string(armour_end) + "\n";
}

}  // namespace patchlab::families
