// SPDX-License-Identifier: Apache-2.0
//
// Digests and signatures of packages, checked by rpm's own tool with a database of keys that holds
// what was given and nothing else.
#include "orchestrator/families/openpgp_armour.hpp"
#include "orchestrator/families/rpm/family.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/text.hpp"

namespace patchlab::families::rpm {

namespace {

constexpr std::size_t most_keys = 16U << 20;

/// rpm takes armoured keys only.
std::string armoured(const std::string& keys, const fs::path& keyring) {
    if (keys.find(armour_begin) != std::string::npos) return keys;
    if (keys.empty() || (static_cast<unsigned char>(keys[0]) & 0x80U) == 0)
        throw Error(ErrorCode::invalid, keyring.string() + " is no OpenPGP keyring");
    return std::string(armour_begin) + "\n\n" + armour_body(keys);
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

PackageKeys::PackageKeys(const fs::path& keyring, process::CommandRunner& runner)
    : keyring_(keyring), runner_(runner), work_(fs::temp_directory_path(), "patchlab-rpm") {
    const fs::path keys = work_.path() / "keys.asc";
    write_file_atomic(keys, armoured(read_file(keyring, most_keys), keyring), 0600);
    make_folder(work_.path() / "db", 0700);
    const auto imported =
        runner.run(rpmkeys({"--dbpath", (work_.path() / "db").string(), "--import", keys.string()},
                           "reading the vendor's keys"));
    if (!imported.ok())
        throw Error(ErrorCode::invalid, keyring.string() +
                                            " is no OpenPGP keyring that rpm takes: " +
                                            one_line(trimmed(imported.err)));
}

bool PackageKeys::signed_by_one(const fs::path& file) const {
    const auto checked =
        runner_.run(rpmkeys({"--dbpath", (work_.path() / "db").string(), "--define",
                             "_pkgverify_level all", "-Kv", "--", file.string()},
                            "checking the signature of " + file.filename().string()));
    if (!has_signature(checked.out)) return false;
    if (const std::string bad = bad_line(checked.out); !checked.ok() || !bad.empty())
        throw Error(ErrorCode::refused,
                    file.filename().string() + ": has no good signature by a key of " +
                        keyring_.string() + ": " + one_line(bad.substr(0, 200)),
                    "get the file again from the vendor, or name its keys with --keyring FILE");
    return true;
}

}  // namespace patchlab::families::rpm
