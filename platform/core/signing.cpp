// SPDX-License-Identifier: Apache-2.0
#include "platform/core/signing.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/text.hpp"

namespace patchlab {

namespace {

constexpr std::uint64_t max_key_file = 64U << 20;
constexpr std::size_t max_keys = 1000;

// The DER around the bytes of an Ed25519 key (RFC 8410).
constexpr std::string_view public_prefix("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 12);
constexpr std::string_view secret_prefix(
    "\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20", 16);

void start_sodium() {
    static const bool ready = sodium_init() >= 0;
    if (!ready) throw Error(ErrorCode::lab, "the crypto library cannot be initialised");
}

template <std::size_t Size>
std::string_view text_of(const std::array<unsigned char, Size>& bytes, std::size_t size = Size) {
    return {reinterpret_cast<const char*>(bytes.data()), size};
}

std::string armour(std::string_view label, std::string_view der) {
    std::string text = "-----BEGIN " + std::string(label) + "-----\n";
    text += base64_encode(der) + "\n";  // shorter than the 64 columns of a line
    return text + "-----END " + std::string(label) + "-----\n";
}

/// The DER of every block of this label.
std::vector<std::string> unarmour(std::string_view label, std::string_view pem,
                                  std::string_view where) {
    const std::string begin = "-----BEGIN " + std::string(label) + "-----";
    const std::string end = "-----END " + std::string(label) + "-----";
    std::vector<std::string> blocks;
    for (std::size_t at = pem.find(begin); at != std::string_view::npos; at = pem.find(begin, at)) {
        at += begin.size();
        const std::size_t to = pem.find(end, at);
        if (to == std::string_view::npos)
            throw Error(ErrorCode::invalid, std::string(where) + ": a key has no end");
        std::string base64(pem.substr(at, to - at));
        std::erase_if(base64, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
        try {
            blocks.push_back(base64_decode(base64));
        } catch (const Error&) {
            throw Error(ErrorCode::invalid, std::string(where) + ": a key is not base64");
        }
        sodium_memzero(base64.data(), base64.size());
        if (blocks.size() > max_keys)
            throw Error(ErrorCode::invalid, std::string(where) + " holds too many keys");
        at = to;
    }
    return blocks;
}

}  // namespace

PublicKey PublicKey::from_pem(std::string_view pem, std::string_view where) {
    const auto keys = public_keys_from_pem(pem, where);
    if (keys.size() != 1)
        throw Error(ErrorCode::invalid, std::string(where) + " holds " +
                                            std::to_string(keys.size()) + " keys, not one");
    return keys.front();
}

std::string PublicKey::pem() const {
    return armour("PUBLIC KEY", std::string(public_prefix).append(text_of(bytes_)));
}

std::string PublicKey::id() const {
    return sha256_hex(std::string(public_prefix).append(text_of(bytes_)));
}

bool PublicKey::verifies(std::string_view bytes, std::string_view signature) const {
    start_sodium();
    return signature.size() == crypto_sign_BYTES &&
           crypto_sign_verify_detached(unsigned_bytes(signature), unsigned_bytes(bytes),
                                       bytes.size(), bytes_.data()) == 0;
}

PublicKey PublicKey::retired_after(std::set<std::string> documents) const {
    PublicKey key = *this;
    key.documents_ = std::make_shared<const std::set<std::string>>(std::move(documents));
    return key;
}

bool PublicKey::vouches_for(const std::string& document) const {
    return !documents_ || documents_->contains(document);
}

namespace {

constexpr std::string_view retired_line = "# retired: it counts for these documents alone";
constexpr std::string_view document_line = "# document ";

/// What stands before each key of the text: nothing, or the documents for which it counts.
std::vector<std::optional<std::set<std::string>>> documents_of_keys(std::string_view pem) {
    std::vector<std::optional<std::set<std::string>>> all;
    std::optional<std::set<std::string>> next;
    for (const std::string_view line : split_lines(pem)) {
        if (line == retired_line) next.emplace();
        else if (next && line.starts_with(document_line))
            next->emplace(line.substr(document_line.size()));
        else if (line == "-----END PUBLIC KEY-----")
            all.push_back(std::exchange(next, std::nullopt));
    }
    return all;
}

}  // namespace

std::string pem_with_documents(const PublicKey& key) {
    std::string text;
    if (key.is_retired()) {
        text = std::string(retired_line) + "\n";
        for (const std::string& document : *key.documents())
            text += std::string(document_line) + document + "\n";
    }
    return text + key.pem();
}

std::vector<PublicKey> public_keys_from_pem(std::string_view pem, std::string_view where) {
    const auto documents = documents_of_keys(pem);
    std::vector<PublicKey> keys;
    for (const std::string& der : unarmour("PUBLIC KEY", pem, where)) {
        if (der.size() != public_prefix.size() + 32 || !der.starts_with(public_prefix))
            throw Error(ErrorCode::invalid,
                        std::string(where) + ": a key is not an Ed25519 public key");
        std::array<unsigned char, 32> bytes{};
        std::memcpy(bytes.data(), der.data() + public_prefix.size(), bytes.size());
        const auto& known = keys.size() < documents.size() ? documents[keys.size()] : std::nullopt;
        const PublicKey key(bytes);
        keys.push_back(known ? key.retired_after(*known) : key);
    }
    if (keys.empty())
        throw Error(ErrorCode::invalid, std::string(where) + " holds no public key",
                    "a public key begins with -----BEGIN PUBLIC KEY-----");
    return keys;
}

std::vector<PublicKey> read_public_keys(const std::filesystem::path& file) {
    return public_keys_from_pem(read_file(file, max_key_file), file.string());
}

SecretKey SecretKey::generate() {
    start_sodium();
    SecretKey key;
    std::array<unsigned char, 32> ignored{};
    crypto_sign_keypair(ignored.data(), key.bytes_.data());
    return key;
}

SecretKey SecretKey::from_pem(std::string_view pem, std::string_view where) {
    start_sodium();
    std::vector<std::string> blocks = unarmour("PRIVATE KEY", pem, where);
    if (blocks.size() != 1 || blocks[0].size() != secret_prefix.size() + 32 ||
        !blocks[0].starts_with(secret_prefix))
        throw Error(ErrorCode::invalid, std::string(where) + " is not an Ed25519 secret key");
    SecretKey key;
    std::array<unsigned char, 32> ignored{};
    crypto_sign_seed_keypair(ignored.data(), key.bytes_.data(),
                             unsigned_bytes(blocks[0]) + secret_prefix.size());
    sodium_memzero(blocks[0].data(), blocks[0].size());
    return key;
}

SecretKey::~SecretKey() { sodium_memzero(bytes_.data(), bytes_.size()); }

SecretKey::SecretKey(SecretKey&& other) noexcept : bytes_(other.bytes_) {
    sodium_memzero(other.bytes_.data(), other.bytes_.size());
}

SecretKey& SecretKey::operator=(SecretKey&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
}

PublicKey SecretKey::public_key() const {
    std::array<unsigned char, 32> bytes{};
    std::copy(bytes_.begin() + 32, bytes_.end(),
              bytes.begin());  // libsodium keeps seed and public key side by side
    return PublicKey(bytes);
}

std::string SecretKey::sign(std::string_view bytes) const {
    std::array<unsigned char, crypto_sign_BYTES> signature{};
    crypto_sign_detached(signature.data(), nullptr, unsigned_bytes(bytes), bytes.size(),
                         bytes_.data());
    return std::string(text_of(signature));
}

std::string SecretKey::pem() const {
    return armour("PRIVATE KEY", std::string(secret_prefix) + std::string(text_of(bytes_, 32)));
}

SecretKey read_secret_key(const std::filesystem::path& file) {
    struct stat info {};
    if (::stat(file.c_str(), &info) == 0 && (info.st_mode & 077) != 0)
        throw Error(ErrorCode::lab, "the secret key " + file.string() + " can be read by others",
                    "chmod 600 " + file.string());
    std::string pem = read_file(file, max_key_file);
    SecretKey key = SecretKey::from_pem(pem, file.string());
    sodium_memzero(pem.data(), pem.size());
    return key;
}

void write_secret_key(const std::filesystem::path& file, const SecretKey& key) {
    {  // the name is taken first, so that no key is ever written over another
        const UniqueFd taken(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (!taken && errno == EEXIST)
            throw Error(ErrorCode::conflict, "there is a file " + file.string() + " already");
        if (!taken)
            throw Error(ErrorCode::lab,
                        "cannot create " + file.string() + ": " + std::strerror(errno));
    }
    std::string pem = key.pem();
    write_file_atomic(file, pem, 0600);
    sodium_memzero(pem.data(), pem.size());
}

}  // namespace patchlab
