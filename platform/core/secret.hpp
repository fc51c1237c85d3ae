// SPDX-License-Identifier: Apache-2.0
//
// Passwords and other secrets that people and programs log in with: hashed so that whoever reads
// the store learns nothing (argon2id by libsodium), made of the kernel's random bytes, and compared
// in constant time. Thread safety: free functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace patchlab {

/// argon2id with a salt of its own, as one line of text. Takes 64 MiB and a fraction of a second.
/// Error(lab) when there is not enough memory.
std::string hash_password(std::string_view password);
/// Whether this is the password. False for a hash that is none.
bool is_password(std::string_view hash, std::string_view password);

/// `bytes` random bytes of the kernel, as base64url: 43 characters for 32 bytes.
std::string random_text(std::size_t bytes);
/// The alphabet of URLs, without padding.
std::string base64url_encode(std::string_view bytes);
/// base64url of the HMAC-SHA256.
std::string hmac_text(std::string_view key, std::string_view bytes);

/// CRC-32 (IEEE 802.3): finds a token that was cut off or mistyped before anything is looked up.
std::uint32_t crc32(std::string_view bytes);
/// Six characters of [0-9A-Za-z].
std::string checksum_text(std::string_view bytes);

/// How long it takes says nothing about where the two differ.
bool same_secret(std::string_view a, std::string_view b);

}  // namespace patchlab
