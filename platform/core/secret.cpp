// SPDX-License-Identifier: Apache-2.0
#include "platform/core/secret.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"

namespace patchlab {

namespace {

void prepare_sodium() {
    if (sodium_init() < 0) throw Error(ErrorCode::lab, "libsodium cannot be initialised");
}

/// What hex says, as bytes.
std::string bytes_of(const std::string& hex) {
    std::string bytes(hex.size() / 2, '\0');
    std::size_t length = 0;
    sodium_hex2bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), hex.data(),
                   hex.size(), nullptr, &length, nullptr);
    bytes.resize(length);
    return bytes;
}

}  // namespace

std::string hash_password(std::string_view password) {
    prepare_sodium();
    std::array<char, crypto_pwhash_STRBYTES> hash{};
    if (crypto_pwhash_str(hash.data(), password.data(), password.size(),
                          crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
        throw Error(ErrorCode::lab, "no memory to hash a password", "64 MiB must be free");
    return hash.data();
}

bool is_password(std::string_view hash, std::string_view password) {
    prepare_sodium();
    if (hash.size() >= crypto_pwhash_STRBYTES) return false;
    std::array<char, crypto_pwhash_STRBYTES> padded{};
    std::copy(hash.begin(), hash.end(), padded.begin());
    return crypto_pwhash_str_verify(padded.data(), password.data(), password.size()) == 0;
}

std::string random_text(std::size_t bytes) {
    prepare_sodium();
    std::string random(bytes, '\0');
    randombytes_buf(random.data(), random.size());
    return base64url_encode(random);
}

std::string base64url_encode(std::string_view bytes) {
    constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
    sodium_bin2base64(text.data(), text.size(), unsigned_bytes(bytes), bytes.size(), variant);
    text.resize(text.find('\0'));
    return text;
}

std::string hmac_text(std::string_view key, std::string_view bytes) {
    return base64url_encode(bytes_of(hmac_sha256_hex(key, bytes)));
}

std::uint32_t crc32(std::string_view bytes) {
    constexpr std::uint32_t polynomial = 0xEDB88320U;
    std::uint32_t sum = 0xFFFFFFFFU;
    for (const char byte : bytes) {
        sum ^= static_cast<unsigned char>(byte);
        for (int bit = 0; bit < 8; ++bit) {
            const bool odd = (sum & 1U) != 0;
            sum = (sum >> 1U) ^ (odd ? polynomial : 0U);
        }
    }
    return ~sum;
}

std::string checksum_text(std::string_view bytes) {
    constexpr std::string_view digits =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    std::uint32_t rest = crc32(bytes);
    std::string text(6, '0');
    for (auto digit = text.rbegin(); digit != text.rend(); ++digit) {
        *digit = digits[rest % digits.size()];
        rest /= static_cast<std::uint32_t>(digits.size());
    }
    return text;
}

bool same_secret(std::string_view a, std::string_view b) {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace patchlab
