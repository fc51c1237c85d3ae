// SPDX-License-Identifier: Apache-2.0
//
// On disk: "patchlab-locked-1\n", 16 bytes of salt, 24 of nonce, the bytes with their tag. The
// costs of the key stand in the version, not in the file: nobody else chooses how much memory
// unlocking takes.
#include "platform/core/passphrase.hpp"

#include <sodium.h>

#include <array>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"

namespace patchlab {

namespace {

constexpr std::string_view locked_magic = "patchlab-locked-1\n";
constexpr std::size_t shortest_passphrase = 12;
constexpr std::size_t salt_bytes = crypto_pwhash_argon2id_SALTBYTES;
constexpr std::size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

/// Wiped when it goes.
class DerivedKey {
  public:
    DerivedKey(std::string_view passphrase, std::string_view salt) {
        if (sodium_init() < 0) throw Error(ErrorCode::lab, "libsodium cannot be initialised");
        if (crypto_pwhash_argon2id(bytes_.data(), bytes_.size(), passphrase.data(),
                                   passphrase.size(), unsigned_bytes(salt),
                                   crypto_pwhash_argon2id_OPSLIMIT_MODERATE,
                                   crypto_pwhash_argon2id_MEMLIMIT_MODERATE,
                                   crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0)
            throw Error(ErrorCode::lab, "no memory to make a key of the passphrase",
                        "256 MiB must be free");
    }
    ~DerivedKey() { sodium_memzero(bytes_.data(), bytes_.size()); }
    DerivedKey(const DerivedKey&) = delete;
    DerivedKey& operator=(const DerivedKey&) = delete;
    const unsigned char* data() const { return bytes_.data(); }

  private:
    std::array<unsigned char, crypto_aead_xchacha20poly1305_ietf_KEYBYTES> bytes_{};
};

unsigned char* writable(std::string& text, std::size_t at) {
    return reinterpret_cast<unsigned char*>(text.data()) + at;
}

}  // namespace

std::string lock_with_passphrase(std::string_view bytes, std::string_view passphrase,
                                 std::string_view companion) {
    if (passphrase.size() < shortest_passphrase)
        throw Error(ErrorCode::invalid, "the passphrase is shorter than " +
                                            std::to_string(shortest_passphrase) + " characters");
    if (sodium_init() < 0) throw Error(ErrorCode::lab, "libsodium cannot be initialised");
    std::string locked(locked_magic);
    const std::size_t head = locked.size() + salt_bytes + nonce_bytes;
    locked.resize(head + bytes.size() + tag_bytes);
    randombytes_buf(writable(locked, locked_magic.size()), salt_bytes + nonce_bytes);
    const std::string_view salt = std::string_view(locked).substr(locked_magic.size(), salt_bytes);
    const std::string nonce = locked.substr(locked_magic.size() + salt_bytes, nonce_bytes);
    const DerivedKey key(passphrase, salt);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        writable(locked, head), nullptr, unsigned_bytes(bytes), bytes.size(),
        unsigned_bytes(companion), companion.size(), nullptr, unsigned_bytes(nonce), key.data());
    return locked;
}

std::string unlock_with_passphrase(std::string_view locked, std::string_view passphrase,
                                   std::string_view companion) {
    const std::size_t head = locked_magic.size() + salt_bytes + nonce_bytes;
    if (!locked.starts_with(locked_magic) || locked.size() < head + tag_bytes)
        throw Error(ErrorCode::invalid, "these are no bytes locked with a passphrase");
    const DerivedKey key(passphrase, locked.substr(locked_magic.size(), salt_bytes));
    const std::string_view nonce = locked.substr(locked_magic.size() + salt_bytes, nonce_bytes);
    const std::string_view sealed = locked.substr(head);
    std::string bytes(sealed.size() - tag_bytes, '\0');
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            writable(bytes, 0), nullptr, nullptr, unsigned_bytes(sealed), sealed.size(),
            unsigned_bytes(companion), companion.size(), unsigned_bytes(nonce), key.data()) != 0)
        throw Error(ErrorCode::refused,
                    "the passphrase does not fit, or something was altered since it was locked");
    return bytes;
}

}  // namespace patchlab
