// SPDX-License-Identifier: Apache-2.0
//
// Ed25519 keys and signatures (libsodium). Keys are read and written as PEM (SubjectPublicKeyInfo,
// PKCS#8), so that other tools read them too: `openssl pkey -pubin -in KEY.pub -text`. A key's id
// is the sha256 of its DER SubjectPublicKeyInfo. A SecretKey owns its bytes and wipes them when it
// goes. Values; thread-safe as such.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace patchlab {

class PublicKey {
  public:
    /// `bytes`: the 32 bytes of an Ed25519 public key.
    explicit PublicKey(const std::array<unsigned char, 32>& bytes) : bytes_(bytes) {}
    /// Reads exactly one key. Error(invalid): no key, several, or one that is not Ed25519. `where`
    /// names the text in it.
    static PublicKey from_pem(std::string_view pem, std::string_view where);

    std::string pem() const;
    /// 64 hex digits.
    std::string id() const;
    /// True when `signature` (64 bytes) was made over exactly these bytes by the secret key that
    /// belongs to this one.
    bool verifies(std::string_view bytes, std::string_view signature) const;
    /// The same key as it counts after it was retired: for the documents alone that it is known to
    /// have signed before, each by the sha256 of its text.
    PublicKey retired_after(std::set<std::string> documents) const;
    /// The same key as it counts while it is in use.
    PublicKey in_use() const { return PublicKey(bytes_); }
    bool is_retired() const { return documents_ != nullptr; }
    /// Whether its signature of a document with this sha256 counts; of one that is in use, always.
    bool vouches_for(const std::string& document) const;
    /// nullptr: it is in use.
    const std::set<std::string>* documents() const { return documents_.get(); }
    bool operator==(const PublicKey& other) const { return bytes_ == other.bytes_; }

  private:
    std::array<unsigned char, 32> bytes_;
    std::shared_ptr<const std::set<std::string>> documents_;
};

/// A key in use is its PEM alone; before a retired one stand comments with the documents for which
/// it counts, so that whoever gets the file knows them.
std::string pem_with_documents(const PublicKey& key);

/// Every key of a PEM text, as pem_with_documents() writes it (other text around the blocks is
/// passed over). Error(invalid) when there is none, or a block is not an Ed25519 key.
std::vector<PublicKey> public_keys_from_pem(std::string_view pem, std::string_view where);
/// The keys of a file. Error(not_found), Error(invalid).
std::vector<PublicKey> read_public_keys(const std::filesystem::path& file);

class SecretKey {
  public:
    /// A new key from the kernel's random bytes.
    static SecretKey generate();
    /// Error(invalid) when it is not one Ed25519 key in PKCS#8; the text itself is never part of
    /// the error.
    static SecretKey from_pem(std::string_view pem, std::string_view where);
    ~SecretKey();
    SecretKey(SecretKey&& other) noexcept;
    SecretKey& operator=(SecretKey&& other) noexcept;
    SecretKey(const SecretKey&) = delete;
    SecretKey& operator=(const SecretKey&) = delete;

    PublicKey public_key() const;
    /// 64 bytes.
    std::string sign(std::string_view bytes) const;
    /// For writing to a file of mode 0600, and for nothing else.
    std::string pem() const;

  private:
    SecretKey() = default;
    std::array<unsigned char, 64> bytes_{};
};

/// Reads a secret key from a file that nobody else may read. Error(not_found), Error(invalid),
/// Error(lab) when its mode lets others in.
SecretKey read_secret_key(const std::filesystem::path& file);
/// Writes it with mode 0600; Error(conflict) when the file is there already.
void write_secret_key(const std::filesystem::path& file, const SecretKey& key);

}  // namespace patchlab
