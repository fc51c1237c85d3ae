// SPDX-License-Identifier: Apache-2.0
#include "platform/core/digest.hpp"

#include <sodium.h>

#include <cstdio>
#include <cstring>
#include <vector>

#include "platform/core/error.hpp"

namespace patchlab {

struct Sha256::State {
    crypto_hash_sha256_state sodium;
};

static std::string to_hex(const unsigned char* bytes, std::size_t size) {
    std::string text(size * 2 + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), bytes, size);
    text.pop_back();
    return text;
}

Sha256::Sha256() : state_(std::make_unique<State>()) { crypto_hash_sha256_init(&state_->sodium); }
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::string_view bytes) {
    crypto_hash_sha256_update(&state_->sodium, unsigned_bytes(bytes), bytes.size());
}

std::string Sha256::finish() const {
    crypto_hash_sha256_state copy = state_->sodium;
    unsigned char out[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_final(&copy, out);
    return to_hex(out, sizeof out);
}

bool is_sha256(std::string_view text) {
    return text.size() == 64 &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string sha256_hex(std::string_view bytes) {
    Sha256 sha;
    sha.update(bytes);
    return sha.finish();
}

std::string sha256_file(const std::filesystem::path& path) {
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                         &std::fclose);
    if (!file)
        throw Error(ErrorCode::lab, "cannot open " + path.string() + ": " + std::strerror(errno));
    std::vector<char> buffer(1 << 20);
    Sha256 sha;
    while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), file.get()))
        sha.update({buffer.data(), got});
    if (std::ferror(file.get()))
        throw Error(ErrorCode::lab, "cannot read " + path.string() + ": " + std::strerror(errno));
    return sha.finish();
}

std::string hmac_sha256_hex(std::string_view key, std::string_view bytes) {
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, unsigned_bytes(key), key.size());
    crypto_auth_hmacsha256_update(&state, unsigned_bytes(bytes), bytes.size());
    unsigned char out[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_final(&state, out);
    sodium_memzero(&state, sizeof state);
    return to_hex(out, sizeof out);
}

std::string base64_encode(std::string_view bytes) {
    std::string text(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(text.data(), text.size(), unsigned_bytes(bytes), bytes.size(),
                      sodium_base64_VARIANT_ORIGINAL);
    text.pop_back();
    return text;
}

std::string base64_decode(std::string_view text) {
    std::string bytes(text.size() / 4 * 3 + 3, '\0');
    std::size_t size = 0;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                          text.size(), nullptr, &size, nullptr,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        throw Error(ErrorCode::invalid, "text is not base64");
    bytes.resize(size);
    return bytes;
}

std::string random_hex(std::size_t bytes) {
    std::vector<unsigned char> raw(bytes);
    randombytes_buf(raw.data(), raw.size());
    return to_hex(raw.data(), raw.size());
}

}  // namespace patchlab
