// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/backup/backup.hpp"

#include <algorithm>

#include "orchestrator/backup/contents.hpp"
#include "orchestrator/backup/manifest.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "platform/core/passphrase.hpp"
#include "platform/core/version.hpp"

namespace patchlab::backup {

namespace {

constexpr Seconds patience_with_tar{4 * 3600};

/// All keys in one document; it is locked as a whole, so that their names are not seen either.
std::string keys_document(const fs::path& state, const std::vector<std::string>& paths) {
    Json files = Json::object();
    for (const std::string& path : paths)
        files[path] = {{"mode", item_at(state, path).mode},
                       {"base64", base64_encode(read_file(state / path))}};
    return to_line({{"schema", keys_schema}, {"files", files}});
}

void copy_changing(const fs::path& state, const fs::path& to, const std::string& path) {
    const Item item = item_at(state, path);
    if (item.kind == Item::Kind::folder) {
        make_folder(to / path, item.mode);
    } else if (item.kind == Item::Kind::link) {
        fs::create_symlink(item.target, to / path);
    } else {
        fs::copy_file(state / path, to / path);
        fs::permissions(to / path, static_cast<fs::perms>(item.mode));
    }
}

std::string with_zeros(const std::vector<std::string>& paths) {
    std::string list;
    for (const std::string& path : paths) {
        list += path;
        list += '\0';
    }
    return list;
}

/// The same state gives the same bytes, but for the time of its making.
void pack(process::CommandRunner& commands, const fs::path& staging, const fs::path& state,
          const Contents& contents, const fs::path& file) {
    write_file_atomic(staging / "changing.list", with_zeros(contents.changing), 0600);
    write_file_atomic(staging / "settled.list", with_zeros(contents.settled), 0600);
    write_file_atomic(file, "", 0600);  // tar keeps the mode of a file that is there
    process::CommandSpec tar;
    tar.program = "tar";
    tar.args = {"--create",
                "--zstd",
                "--file=" + file.string(),
                "--format=posix",
                "--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime",
                "--mtime=@0",
                "--owner=0",
                "--group=0",
                "--numeric-owner",
                "--no-recursion",
                "--directory=" + staging.string(),
                manifest_file,
                keys_file,
                "--directory=" + (staging / "tree").string(),
                database_file,
                "--null",
                "--verbatim-files-from",
                "--files-from=" + (staging / "changing.list").string(),
                "--directory=" + state.string(),
                "--files-from=" + (staging / "settled.list").string()};
    tar.purpose = "packing the backup";
    tar.deadline = patience_with_tar;
    commands.require(tar);
}

/// Nothing is written to the database meanwhile, so that it and the files beside it are of one
/// moment.
void copy_state(const Source& source, const fs::path& tree, Contents& contents) {
    source.database.transaction([&] {
        store::copy_database(source.state / database_file, tree / database_file);
        contents = contents_of(source.state);
        for (const std::string& path : contents.changing) copy_changing(source.state, tree, path);
    });
}

Manifest manifest_of(const Source& source, const fs::path& tree, const Contents& contents) {
    Manifest manifest{to_rfc3339(source.clock.now()), std::string(version), items_below(tree)};
    for (const std::string& path : contents.settled)
        manifest.items.push_back(item_at(source.state, path));
    std::sort(manifest.items.begin(), manifest.items.end(),
              [](const Item& a, const Item& b) { return a.path < b.path; });
    return manifest;
}

}  // namespace

Summary create(const Source& source, const fs::path& file, const std::string& passphrase) {
    return during("making the backup " + file.string(), [&] {
        if (fs::exists(fs::symlink_status(file)))
            throw Error(ErrorCode::conflict, "there is such a file already",
                        "give another name; a backup is never overwritten");
        const fs::path folder = fs::absolute(file).parent_path();
        const TempFolder staging(folder, ".patchlab-backup");
        make_folder(staging.path() / "tree", 0700);
        Contents contents;
        copy_state(source, staging.path() / "tree", contents);
        const Manifest manifest = manifest_of(source, staging.path() / "tree", contents);
        const std::string text = to_text(to_json(manifest));
        write_file_atomic(staging.path() / manifest_file, text, 0600);
        write_file_atomic(staging.path() / keys_file,
                          lock_with_passphrase(keys_document(source.state, contents.keys),
                                               passphrase, sha256_hex(text)),
                          0600);
        const fs::path packed = staging.path() / "packed";
        pack(source.commands, staging.path(), source.state, contents, packed);
        const Verification found = verify(source.commands, packed, passphrase);
        if (!found.ok())
            throw Error(ErrorCode::conflict,
                        found.problems.front().file + " " + found.problems.front().what +
                            " while it was copied",
                        "try again when nothing is published");
        fs::rename(packed, file);
        sync_folder(folder);
        return found.summary;
    });
}

}  // namespace patchlab::backup
