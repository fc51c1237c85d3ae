// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include "orchestrator/intake/patch.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::intake {

namespace {

constexpr std::string_view first_migration = R"sql(
CREATE TABLE patches (
    id      TEXT PRIMARY KEY,
    source  TEXT NOT NULL,
    version TEXT NOT NULL,
    digest  TEXT NOT NULL,
    added   TEXT NOT NULL
);
CREATE TABLE patch_users (
    patch_id TEXT NOT NULL REFERENCES patches(id),
    user     TEXT NOT NULL,
    PRIMARY KEY (patch_id, user)
);
)sql";

void make_read_only(const fs::path& folder) {
    for (const auto& item : fs::recursive_directory_iterator(folder)) {
        const unsigned mode = item.is_directory() ? 0755 : 0444;
        if (!item.is_symlink() && ::chmod(item.path().c_str(), mode) != 0)
            throw Error(ErrorCode::lab, "cannot set the mode of " + item.path().string());
    }
    ::chmod(folder.c_str(), 0755);
}

// What patch.json says must be what lies in the folder: a run trusts it from here on.
void check_files(const Patch& patch, const fs::path& folder) {
    for (const PatchPackage& package : patch.packages) {
        const fs::path file = folder / "new" / package.file;
        if (package.file.empty() || sha256_file(file) != package.sha256)
            throw Error(ErrorCode::invalid,
                        "the file of package " + package.name + " is not what the patch says");
        if (!package.old_file.empty() &&
            sha256_file(folder / "old" / package.old_file) != package.old_sha256)
            throw Error(ErrorCode::invalid,
                        "the old file of package " + package.name + " is not what the patch says");
    }
}

}  // namespace

std::vector<store::Migration> migrations() { return {{"intake", 1, first_migration}}; }

fs::path patches_folder(const fs::path& state) { return state / "patches"; }

fs::path patch_folder(const fs::path& state, const std::string& id) {
    return patches_folder(state) / id;
}

PatchStore::PatchStore(fs::path state, store::Database& database)
    : folder_(patches_folder(state)), database_(database) {}

std::vector<Patch> PatchStore::list() {
    store::Selection all;
    all.order = "added DESC, id";
    return list(all);
}

std::vector<Patch> PatchStore::list(const store::Selection& selection) {
    std::vector<Patch> patches;
    for (const store::Row& row :
         database_.query(selection.after("SELECT id FROM patches"), selection.values))
        patches.push_back(get(row.text("id")));
    return patches;
}

bool PatchStore::has(const std::string& id) {
    return database_.query_one("SELECT 1 AS one FROM patches WHERE id = ?", {id}).has_value();
}

std::optional<Patch> PatchStore::find(const std::string& id) {
    if (!has(id)) return std::nullopt;
    return get(id);
}

Patch PatchStore::get(const std::string& id) {
    if (!has(id))
        throw Error(ErrorCode::not_found, "there is no patch '" + id + "'",
                    "see them with: patchlab patch list");
    return during("reading patch '" + id + "'", [&] {
        Patch patch = patch_from_json(read_json(folder_ / id / "patch.json"));
        if (patch.id != id) throw Error(ErrorCode::lab, "its patch.json is of another patch");
        patch.folder = folder_ / id;
        return patch;
    });
}

std::string PatchStore::free_id(const Patch& patch) {
    const std::string digest = digest_of(patch.packages);
    const auto known = database_.query_one("SELECT digest FROM patches WHERE id = ?", {patch.id});
    if (!known || known->text("digest") == digest) return patch.id;
    return patch.id + "_" + digest.substr(0, 8);
}

Patch PatchStore::add(Patch patch, const fs::path& folder) {
    patch.digest = digest_of(patch.packages);
    const auto known = database_.query_one("SELECT digest FROM patches WHERE id = ?", {patch.id});
    if (known) {
        if (known->text("digest") == patch.digest) return get(patch.id);
        throw Error(ErrorCode::conflict, "patch '" + patch.id + "' is there with other files",
                    "remove it first: patchlab patch remove " + patch.id);
    }
    return during("storing patch '" + patch.id + "'", [&] {
        check_files(patch, folder);
        patch.folder = folder_ / patch.id;
        patch_from_json(to_json(patch));  // refuses what could not be read again
        write_json(folder / "patch.json", to_json(patch), 0444);
        make_read_only(folder);
        make_folder(folder_);
        // The folder first: a crash in between leaves an unnamed folder, which the next add of this
        // patch replaces.
        remove_tree(patch.folder);
        std::error_code error;
        fs::rename(folder, patch.folder, error);
        if (error) throw Error(ErrorCode::lab, "cannot move it into the store: " + error.message());
        sync_folder(folder_);
        database_.execute(
            "INSERT INTO patches (id, source, version, digest, added) VALUES (?, ?, ?, ?, ?)",
            {patch.id, patch.source, patch.version, patch.digest, patch.added});
        return patch;
    });
}

void PatchStore::remove(const std::string& id) {
    const Patch patch = get(id);
    database_.transaction([&] {
        const std::vector<std::string> by = users(id);
        std::string names;
        for (const std::string& user : by) names += (names.empty() ? "" : ", ") + user;
        if (!by.empty())
            throw Error(ErrorCode::conflict, "patch '" + id + "' is in use by " + names,
                        "wait for the end of that, or: patchlab run cancel RUN");
        database_.execute("DELETE FROM patches WHERE id = ?", {id});
    });
    remove_tree(patch.folder);
}

void PatchStore::add_user(const std::string& id, const std::string& user) {
    if (!has(id))
        throw Error(ErrorCode::not_found, "there is no patch '" + id + "'",
                    "see them with: patchlab patch list");
    database_.execute("INSERT OR IGNORE INTO patch_users (patch_id, user) VALUES (?, ?)",
                      {id, user});
}

void PatchStore::remove_user(const std::string& user) {
    database_.execute("DELETE FROM patch_users WHERE user = ?", {user});
}

std::vector<std::string> PatchStore::users(const std::string& id) {
    std::vector<std::string> out;
    for (const store::Row& row :
         database_.query("SELECT user FROM patch_users WHERE patch_id = ? ORDER BY user", {id}))
        out.push_back(row.text("user"));
    return out;
}

}  // namespace patchlab::intake
