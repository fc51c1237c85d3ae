// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include "orchestrator/images/image.hpp"
#include "orchestrator/images/rpm_system.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::images {

namespace {

constexpr std::size_t max_manifest_bytes = 64U << 20;

void sync_file(const fs::path& file) {
    const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd || ::fsync(fd.get()) != 0)
        throw Error(ErrorCode::lab,
                    "cannot write " + file.string() + " to the disk: " + std::strerror(errno));
}

void move_in(const fs::path& from, const fs::path& to) {
    std::error_code why;
    fs::rename(from, to, why);
    if (why)
        throw Error(ErrorCode::lab,
                    "cannot move " + from.string() + " to " + to.string() + ": " + why.message());
}

std::string list_of(const std::vector<std::string>& items) {
    std::string text;
    for (const auto& item : items) text += (text.empty() ? "" : ", ") + item;
    return text;
}

}  // namespace

std::vector<store::Migration> migrations() {
    return {{"images", 1, R"(
        CREATE TABLE images (
            name    TEXT PRIMARY KEY,
            digest  TEXT NOT NULL,
            created TEXT NOT NULL
        ) STRICT;
        CREATE TABLE image_references (
            digest TEXT NOT NULL,
            user   TEXT NOT NULL,
            PRIMARY KEY (digest, user)
        ) STRICT;
    )"}};
}

std::filesystem::path image_file(const std::filesystem::path& state, const std::string& digest) {
    return state / "images" / (digest + ".qcow2");
}

ImageStore::ImageStore(std::filesystem::path state, store::Database& database)
    : folder_(std::move(state) / "images"), database_(database) {}

Image ImageStore::load(const std::string& name, const std::string& digest) const {
    const fs::path manifest = folder_ / (digest + ".json");
    Image image = image_from_json(read_json(manifest, max_manifest_bytes), manifest.string());
    image.name = name;
    image.digest = digest;
    image.file = folder_ / (digest + ".qcow2");  // the state folder may have moved since
    image.sources = with_pool(std::move(image.sources), package_pool(image));
    if (!fs::exists(image.file))
        throw Error(ErrorCode::lab,
                    "the file of image '" + name + "' is gone: " + image.file.string(),
                    "remove the image and build it again");
    return image;
}

std::vector<Image> ImageStore::list() {
    std::vector<Image> images;
    for (const auto& row : database_.query("SELECT name, digest FROM images ORDER BY name"))
        images.push_back(load(row.text("name"), row.text("digest")));
    return images;
}

std::optional<Image> ImageStore::find(const std::string& name) {
    const auto row = database_.query_one("SELECT digest FROM images WHERE name = ?", {name});
    if (!row) return std::nullopt;
    return load(name, row->text("digest"));
}

Image ImageStore::get(const std::string& name) {
    if (auto image = find(name)) return *std::move(image);
    std::vector<std::string> names;
    for (const auto& row : database_.query("SELECT name FROM images ORDER BY name"))
        names.push_back(row.text("name"));
    throw Error(ErrorCode::not_found, "there is no image '" + name + "'",
                names.empty() ? "`patchlab image build` or `patchlab image import` makes one"
                              : "images: " + list_of(names));
}

Image ImageStore::add(Image image, const std::filesystem::path& qcow2,
                      const std::string& package_database, bool replace,
                      const std::optional<std::filesystem::path>& packages) {
    check_image_name(image.name);
    make_folder(folder_, 0710);  // what QEMU may read is opened to its group when it is used
    const FileLock files_without_a_name = FileLock::acquire(folder_ / "lock");
    image.digest = sha256_file(qcow2);
    image.file = folder_ / (image.digest + ".qcow2");
    image.file_bytes = fs::file_size(qcow2);
    sync_file(qcow2);

    // Files first: after a crash there is at worst a file without a name.
    if (!package_database.empty())
        write_file_atomic(folder_ / (image.digest + ".status"), package_database, 0440);
    if (packages) {
        remove_tree(package_pool(image));
        move_in(*packages, package_pool(image));
    }
    write_json(folder_ / (image.digest + ".json"), to_json(image), 0440);
    fs::permissions(qcow2, fs::perms::owner_read | fs::perms::group_read);
    move_in(qcow2, image.file);
    sync_folder(folder_);

    std::string old;
    try {
        database_.transaction([&] {
            if (const auto row =
                    database_.query_one("SELECT digest FROM images WHERE name = ?", {image.name})) {
                old = row->text("digest");
                if (old != image.digest && !replace)
                    throw Error(ErrorCode::conflict,
                                "there is an image '" + image.name + "' with another content",
                                "choose another name, or --replace it");
            }
            database_.execute(
                "INSERT INTO images (name, digest, created) VALUES (?, ?, ?) "
                "ON CONFLICT (name) DO UPDATE SET digest = excluded.digest, created = "
                "excluded.created",
                {image.name, image.digest, image.created});
        });
    } catch (...) {
        if (!wanted(image.digest)) delete_files(image.digest);
        throw;
    }
    if (!old.empty() && !wanted(old)) delete_files(old);
    return image;
}

void ImageStore::remove(const std::string& name) {
    const std::string digest = get(name).digest;
    database_.transaction([&] {
        const auto names = database_.query("SELECT name FROM images WHERE digest = ?", {digest});
        const auto users = references(digest);
        if (names.size() == 1 && !users.empty())
            throw Error(
                ErrorCode::conflict, "the image '" + name + "' is in use by " + list_of(users),
                "remove those first (a prepared lab that no lab would use goes with: patchlab gc)");
        database_.execute("DELETE FROM images WHERE name = ?", {name});
    });
    collect();
}

std::string ImageStore::package_database(const Image& image) {
    if (auto text = read_file_if_any(folder_ / (image.digest + ".status"))) return *std::move(text);
    throw Error(ErrorCode::not_found, "the image '" + image.name +
                                          "' has no package database: what kind of packages " +
                                          "it holds is not known");
}

void ImageStore::add_reference(const std::string& digest, const std::string& user) {
    // One statement, so that it is whole with and without a transaction of the caller's.
    database_.execute(
        "INSERT OR IGNORE INTO image_references (digest, user) "
        "SELECT ?1, ?2 WHERE EXISTS (SELECT 1 FROM images WHERE digest = ?1) OR EXISTS (SELECT 1 "
        "FROM image_references WHERE digest = ?1)",
        {digest, user});
    if (!wanted(digest))
        throw Error(ErrorCode::not_found, "there is no image with the digest " + digest);
}

void ImageStore::remove_reference(const std::string& user) {
    database_.execute("DELETE FROM image_references WHERE user = ?", {user});
}

std::vector<std::string> ImageStore::references(const std::string& digest) {
    std::vector<std::string> users;
    for (const auto& row : database_.query(
             "SELECT user FROM image_references WHERE digest = ? ORDER BY user", {digest}))
        users.push_back(row.text("user"));
    return users;
}

bool ImageStore::wanted(const std::string& digest) {
    return database_
        .query_one(
            "SELECT 1 AS one FROM images WHERE digest = ?1 UNION SELECT 1 FROM image_references "
            "WHERE digest = ?1",
            {digest})
        .has_value();
}

void ImageStore::delete_files(const std::string& digest) const {
    for (const auto* extension : {".qcow2", ".json", ".status", ".debs", ".rpms"})
        remove_tree(folder_ / (digest + extension));
}

std::vector<std::string> ImageStore::collect() {
    if (!fs::exists(folder_)) return {};
    const FileLock nobody_adds = FileLock::acquire(folder_ / "lock");
    std::set<std::string> digests;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(folder_, none))
        if (const auto digest = entry.path().stem().string(); is_sha256(digest))
            digests.insert(digest);
    std::vector<std::string> removed;
    for (const auto& digest : digests) {
        if (wanted(digest)) continue;
        delete_files(digest);
        removed.push_back(digest);
    }
    return removed;
}

}  // namespace patchlab::images
