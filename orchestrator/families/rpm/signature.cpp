// SPDX-License-Identifier: Apache-2.0
//
// Digests and signatures of packages, checked by rpm's own tool with a database of keys that holds
// what was given and nothing else.
#include "orchestrator/families/rpm/family.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/text.hpp"

namespace patchlab::families::rpm {

namespace {

constexpr std::size_t most_keys = 16U << 20;
constexpr std::string_view armour = "-----BEGIN PGP PUBLIC KEY BLOCK-----";

/// The checksum of armoured data (RFC 4880, 6.1), which rpm demands.
std::string armour_checksum(std::string_view bytes) {
    std::uint32_t crc = 0xb704ceU;
    for (const char byte : bytes) {
        crc ^= static_cast<std::uint32_t>(static_cast<unsigned char>(byte)) << 16U;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc & 0x800000U) != 0 ? (crc << 1U) ^ 0x864cfbU : crc << 1U;
    }
    const std::string sum{static_cast<char>(crc >> 16U & 0xffU),
                          static_cast<char>(crc >> 8U & 0xffU), static_cast<char>(crc & 0xffU)};
    return "=" + base64_encode(sum) + "\n";
}

/// rpm takes armoured keys only.
std::string armoured(const std::string& keys, const fs::path& keyring) {
    if (keys.find(armour) != std::string::npos) return keys;
    if (keys.empty() || (static_cast<unsigned char>(keys[0]) & 0x80U) == 0)
        throw Error(ErrorCode::invalid, keyring.string() + " is no OpenPGP keyring");
    std::string text = std::string(armour) + "\n\n";
    const std::string body = base64_encode(keys);
    for (std::size_t at = 0; at < body.size(); at += 64) text += body.substr(at, 64) + "\n";
    return text + armour_checksum(keys) + "-----END PGP PUBLIC KEY BLOCK-----\n";
}

process::CommandSpec rpmkeys(std::vector<std::string> args, const std::string& purpose) {
    process::CommandSpec spec;
    spec.program = "rpmkeys";
    spec.args = std::move(args);
    spec.purpose = purpose;
    spec.deadline = Seconds(600);
    spec.max_output = 1U << 20;
    spec.environment = {{"LC_ALL", "C"}};
    return spec;
}

/// What is wrong, in rpm's words: "Header V4 RSA/SHA256 Signature, key ID 1a2b: NOKEY".
std::string bad_line(const std::string& out) {
    for (const std::string_view line : split_lines(out))
        if (line.starts_with(" ") && !line.ends_with(": OK") && !line.ends_with(": NOTFOUND"))
            return std::string(trimmed(line));
    return {};
}

bool has_signature(const std::string& out) {
    for (const std::string_view line : split_lines(out))
        if (line.find("ignature, key ID ") != std::string_view::npos) return true;
    return false;
}

}  // namespace

void require_good_digests(const fs::path& file, process::CommandRunner& runner) {
    const TempFolder keys(fs::temp_directory_path(), "patchlab-rpm");
    const auto result = runner.run(
        rpmkeys({"--dbpath", keys.path().string(), "-Kv", "--nosignature", "--", file.string()},
                "checking the digests of " + file.filename().string()));
    if (!result.ok())
        throw Error(ErrorCode::invalid,
                    file.filename().string() + ": is damaged: " + bad_line(result.out),
                    "get the file again");
}

bool signed_by(const fs::path& file, const fs::path& keyring, process::CommandRunner& runner) {
    const TempFolder work(fs::temp_directory_path(), "patchlab-rpm");
    const fs::path keys = work.path() / "keys.asc";
    write_file_atomic(keys, armoured(read_file(keyring, most_keys), keyring), 0600);
    const std::string database = (work.path() / "db").string();
    make_folder(database, 0700);
    const auto imported = runner.run(
        rpmkeys({"--dbpath", database, "--import", keys.string()}, "reading the vendor's keys"));
    if (!imported.ok())
        throw Error(ErrorCode::invalid, keyring.string() +
                                            " is no OpenPGP keyring that rpm takes: " +
                                            one_line(trimmed(imported.err)));
    const auto checked = runner.run(rpmkeys(
        {"--dbpath", database, "--define", "_pkgverify_level all", "-Kv", "--", file.string()},
        "checking the signature of " + file.filename().string()));
    if (!has_signature(checked.out)) return false;
    if (const std::string bad = bad_line(checked.out); !checked.ok() || !bad.empty())
        throw Error(ErrorCode::refused,
                    file.filename().string() + ": has no good signature by a key of " +
                        keyring.string() + ": " + one_line(bad.substr(0, 200)),
                    "get the file again from the vendor, or name its keys with --keyring FILE");
    return true;
}

}  // namespace patchlab::families::rpm
