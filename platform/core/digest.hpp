// SPDX-License-Identifier: Apache-2.0
//
// SHA-256 of bytes, streams and files, as lower-case hex; its HMAC; base64. Thread safety: free
// functions; one Sha256 a thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace patchlab {

/// Incremental SHA-256 (OpenSSL's EVP would be faster; libsodium is the project's one crypto
/// library).
class Sha256 {
  public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    void update(std::string_view bytes);
    /// The digest of what came so far, 64 hex digits. More may follow.
    std::string finish() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// True for 64 lower-case hex digits.
bool is_sha256(std::string_view text);
/// 64 hex digits.
std::string sha256_hex(std::string_view bytes);
/// Streams the file. Throws Error(lab) when it cannot be read to its end.
std::string sha256_file(const std::filesystem::path& path);

/// HMAC-SHA256, 64 hex digits: only who has the key can make it. A key of any length.
std::string hmac_sha256_hex(std::string_view key, std::string_view bytes);

std::string base64_encode(std::string_view bytes);
/// Standard alphabet with padding; throws Error(invalid) on anything else.
std::string base64_decode(std::string_view text);

/// `bytes` random bytes from the kernel, as hex.
std::string random_hex(std::size_t bytes);

/// Text as libsodium takes it. For the files of this folder.
inline const unsigned char* unsigned_bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace patchlab
