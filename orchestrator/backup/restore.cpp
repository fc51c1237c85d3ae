// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "orchestrator/backup/backup.hpp"
#include "orchestrator/backup/manifest.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "platform/core/passphrase.hpp"

namespace patchlab::backup {

namespace {

constexpr Seconds patience_with_tar_back{4 * 3600};
constexpr std::uint64_t most_manifest_bytes = 1ULL << 30;

process::CommandSpec tar_of(const fs::path& file, const fs::path& into) {
    process::CommandSpec tar;
    tar.program = "tar";
    tar.args = {"--extract",
                "--zstd",
                "--file=" + fs::absolute(file).string(),
                "--directory=" + into.string(),
                "--no-same-owner",
                "--preserve-permissions",
                "--delay-directory-restore"};
    tar.purpose = "unpacking the backup";
    tar.deadline = patience_with_tar_back;
    return tar;
}

/// The manifest comes first in the file, so that what follows is known before it is unpacked.
Manifest unpack_manifest(process::CommandRunner& commands, const fs::path& file,
                         const fs::path& into) {
    if (!fs::is_regular_file(file))
        throw Error(ErrorCode::not_found, "there is no file " + file.string());
    process::CommandSpec tar = tar_of(file, into);
    tar.args.insert(tar.args.end(), {"--occurrence=1", manifest_file});
    const process::CommandResult result = commands.run(tar);
    const fs::path manifest = into / manifest_file;
    if (!result.ok() || !fs::is_regular_file(fs::symlink_status(manifest)))
        throw Error(ErrorCode::invalid, file.string() + " is no backup of patchlab");
    return manifest_from_json(
        parse_json(read_file(manifest, most_manifest_bytes), manifest_file, most_manifest_bytes));
}

void require_room(const Manifest& manifest, const fs::path& folder) {
    if (free_bytes(folder) < manifest.bytes())
        throw Error(ErrorCode::lab,
                    "the backup needs " + std::to_string(manifest.bytes() >> 20) + " MiB in " +
                        folder.string() + " to be unpacked",
                    "free some space there");
}

bool same(const Item& a, const Item& b) {
    return a.kind == b.kind && a.mode == b.mode && a.size == b.size && a.sha256 == b.sha256 &&
           a.target == b.target;
}

/// What lies in `folder` against what the manifest says.
std::vector<Problem> differences(const Manifest& manifest, const fs::path& folder) {
    std::map<std::string, Item> found;
    for (Item& item : items_below(folder)) found.emplace(item.path, std::move(item));
    for (const char* own : {manifest_file, keys_file}) found.erase(own);
    std::vector<Problem> problems;
    for (const Item& item : manifest.items) {
        const auto there = found.find(item.path);
        if (there == found.end()) problems.push_back({item.path, "is missing"});
        else if (!same(item, there->second)) problems.push_back({item.path, "was changed"});
        if (there != found.end()) found.erase(there);
    }
    for (const auto& [path, item] : found) problems.push_back({path, "is not in the manifest"});
    return problems;
}

std::string keys_in(const fs::path& folder, const std::string& digest,
                    const std::string& passphrase) {
    return unlock_with_passphrase(read_file(folder / keys_file), passphrase, digest);
}

struct Unpacked {
    Manifest manifest;
    Verification found;
    std::string keys;  ///< the document; empty without a passphrase
};

Unpacked unpack(process::CommandRunner& commands, const fs::path& file, const fs::path& into,
                const std::optional<std::string>& passphrase) {
    Unpacked unpacked;
    unpacked.manifest = unpack_manifest(commands, file, into);
    Verification& found = unpacked.found;
    const Manifest& manifest = unpacked.manifest;
    found.summary = {manifest.created, sha256_file(into / manifest_file), manifest.items.size(),
                     manifest.bytes()};
    require_room(manifest, into);
    if (!commands.run(tar_of(file, into)).ok()) {
        found.problems.push_back({file.filename().string(), "cannot be unpacked to its end"});
        return unpacked;
    }
    found.problems = differences(manifest, into);
    if (!fs::is_regular_file(fs::symlink_status(into / keys_file)))
        found.problems.push_back({keys_file, "is missing"});
    else if (passphrase) {
        try {
            unpacked.keys = keys_in(into, found.summary.digest, *passphrase);
            found.keys_opened = true;
        } catch (const Error& error) {
            if (error.code() == ErrorCode::lab) throw;
            found.problems.push_back({keys_file, error.message()});
        }
    }
    if (found.ok() && store::check_database(into / database_file) != "ok")
        found.problems.push_back({database_file, "is damaged"});
    return unpacked;
}

/// Folders on the way are the signers' own (0700).
void write_keys(const std::string& document, const fs::path& state) {
    const Json json = parse_json(document, keys_file, most_manifest_bytes);
    const JsonReader in(json, keys_file);
    in.expect_schema(keys_schema);
    for (const auto& [path, file] : in.raw("files").items()) {
        const fs::path to = fs::path(path).lexically_normal();
        if (to.is_absolute() || *to.begin() != "keys")
            throw Error(ErrorCode::invalid, "a key lies outside of keys/");
        fs::path folder = state;
        for (const fs::path& part : to.parent_path()) make_folder(folder /= part, 0700);
        const JsonReader one(file, path);
        write_file_atomic(state / to, base64_decode(one.string("base64")),
                          static_cast<unsigned>(one.integer("mode")) & 0777);
    }
}

/// What is there and empty may be used; a mistyped name must not hide somebody's files.
void require_nothing(const fs::path& state) {
    std::error_code error;
    const fs::file_status status = fs::symlink_status(state, error);
    if (!fs::exists(status)) return;
    if (!fs::is_directory(status) || !fs::is_empty(state))
        throw Error(ErrorCode::conflict, "there is something in " + state.string() + " already",
                    "name a folder that does not exist or is empty: --state-dir DIR");
}

}  // namespace

Verification verify(process::CommandRunner& commands, const fs::path& file,
                    const std::optional<std::string>& passphrase) {
    return during("verifying the backup " + file.string(), [&] {
        const TempFolder work(fs::absolute(file).parent_path(), ".patchlab-verify");
        return unpack(commands, file, work.path(), passphrase).found;
    });
}

Summary restore(process::CommandRunner& commands, const fs::path& file, const fs::path& state,
                const std::string& passphrase) {
    return during("restoring the backup " + file.string(), [&] {
        require_nothing(state);
        fs::create_directories(state.parent_path());
        TempFolder work(state.parent_path(), ".patchlab-restore");
        const Unpacked unpacked = unpack(commands, file, work.path(), passphrase);
        if (!unpacked.found.ok())
            throw Error(ErrorCode::refused,
                        "it is not intact: " + unpacked.found.problems.front().file + " " +
                            unpacked.found.problems.front().what,
                        "see all of it with: patchlab backup verify " + file.string());
        write_keys(unpacked.keys, work.path());
        for (const char* own : {manifest_file, keys_file}) fs::remove(work.path() / own);
        fs::permissions(work.path(), static_cast<fs::perms>(0711));
        std::error_code ignored;
        fs::remove(state, ignored);  // an empty one
        fs::rename(work.path(), state);
        work.keep();
        sync_folder(state.parent_path());
        return unpacked.found.summary;
    });
}

}  // namespace patchlab::backup
