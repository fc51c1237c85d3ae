// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/intake/signature.hpp"

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/process/gpgv.hpp"

namespace patchlab::intake {

namespace {

constexpr std::size_t most_keyring = 16U << 20;
constexpr std::string_view armour_begin = "-----BEGIN PGP PUBLIC KEY BLOCK-----";

// gpgv reads binary keyrings only: the radix-64 body between the blank line and the checksum is
// that.
std::string without_armour(const std::string& text, const fs::path& keyring) {
    const auto fail = [&] {
        throw Error(ErrorCode::invalid, keyring.string() + " is no OpenPGP keyring");
    };
    std::string binary;
    std::size_t at = text.find(armour_begin);
    while (at != std::string::npos) {
        std::size_t line = text.find('\n', at);
        while (line != std::string::npos && text.compare(line, 2, "\n\n") != 0 &&
               text.compare(line, 3, "\n\r\n") != 0)
            line = text.find('\n', line + 1);
        const std::size_t end = text.find("-----END", at);
        if (line == std::string::npos || end == std::string::npos || line > end) fail();
        std::string body = text.substr(line, end - line);
        if (const auto checksum = body.find("\n="); checksum != std::string::npos)
            body.resize(checksum);
        std::erase_if(body, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
        binary += base64_decode(body);
        at = text.find(armour_begin, end);
    }
    if (binary.empty()) fail();
    return binary;
}

}  // namespace

fs::path signature_of(const fs::path& file) {
    for (const char* ending : {".asc", ".sig"})
        if (fs::path signature = file.string() + ending; fs::exists(signature)) return signature;
    return {};
}

std::string verify_signature(const fs::path& file, const fs::path& signature,
                             const fs::path& keyring, process::CommandRunner& runner) {
    std::string keys = read_file(keyring, most_keyring);
    if (keys.find(armour_begin) != std::string::npos) keys = without_armour(keys, keyring);
    const TempFolder work(fs::temp_directory_path(), "patchlab-keyring");
    write_file_atomic(work.path() / "keys.gpg", keys, 0600);
    const auto key = process::signing_key(file, signature, work.path() / "keys.gpg",
                                          file.filename().string(), runner);
    if (!key)
        throw Error(ErrorCode::refused,
                    file.filename().string() + ": " + signature.filename().string() +
                        " is no good signature by a key of " + keyring.string(),
                    "get the file and its signature again from the vendor");
    return *key;
}

}  // namespace patchlab::intake
