// SPDX-License-Identifier: Apache-2.0
//
// Golden images: immutable, named by their content (sha256), read-only on disk. A name in the store
// points to one. On disk below the state folder: images/<sha256>.qcow2 (0444), images/<sha256>.json
// (schema patchlab/image/v1),
//                                  images/<sha256>.status (its package database, as its family
//                                  reads it: dpkg's status file, the headers that rpm exports),
//                                  images/<sha256>.debs/ or .rpms/ (the packages a built image was
//                                  made of: the exact old versions for the way back; of an RPM
//                                  image also updates/, the repository of what was pending)
// A file there that no name and no reference leads to is what a crash left; collect() removes it.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "platform/core/json_fwd.hpp"
#include "platform/disk/image/offline_disk.hpp"
#include "platform/store/database.hpp"

namespace patchlab::images {

/// A package whose version could not be had as asked for (`image build --like … --nearest`).
struct Deviation {
    std::string package;
    std::string asked;
    std::string got;  ///< empty: not installed
};

struct Image {
    std::string name;
    std::string digest;  ///< sha256 of the qcow2 file
    std::filesystem::path file;
    std::uint64_t file_bytes = 0;
    std::uint64_t virtual_bytes = 0;
    std::string created;                ///< RFC 3339
    std::string origin;                 ///< "built" or "imported"
    std::string suite;                  ///< of a built image: "bookworm"
    std::string sources;                ///< its own package sources with their keys, as its family
                                        ///< writes them; empty: those of the lab host
    disk::OsInspection os;              ///< with the installed packages
    std::string kernel;                 ///< of a built image: the release its first boot ran
    std::vector<Deviation> deviations;  ///< where the image is not what its host list asked for
    std::vector<std::string> warnings;  ///< what limits its use: "no guest agent"
};

/// The manifest, schema patchlab/image/v1. `with_packages`: with the list of installed packages.
Json to_json(const Image& image, bool with_packages = true);
Image image_from_json(const Json& json, const std::string& where);

/// Where a state folder has the image of this digest, if it has it.
std::filesystem::path image_file(const std::filesystem::path& state, const std::string& digest);

/// Error(usage) unless `name` is [a-z0-9][a-z0-9._-]*, at most 64 characters.
void check_image_name(const std::string& name);

/// The family of the image's packages; "deb" where an old manifest does not say.
std::string family_of(const Image& image);

/// The folder with the packages a built image was made of; it need not exist (imported images).
std::filesystem::path package_pool(const Image& image);

/// Names and files of images. Thread safety: one a thread.
class ImageStore {
  public:
    /// `state` is the state folder; the database must have images::migrations().
    ImageStore(std::filesystem::path state, store::Database& database);

    std::vector<Image> list();
    std::optional<Image> find(const std::string& name);
    /// Error(not_found), naming the images there are.
    Image get(const std::string& name);
    /// Takes a finished qcow2 (moved in; on the state's filesystem), records it. Error(conflict)
    /// when the name stands for another content, unless `replace`: the name then leads to the new
    /// image, and the old one goes when nothing references it. `packages`: a folder of package
    /// files to keep with it (moved in).
    Image add(Image image, const std::filesystem::path& qcow2, const std::string& package_database,
              bool replace = false,
              const std::optional<std::filesystem::path>& packages = std::nullopt);
    /// Error(conflict) with the users when a lab, a prepared lab or a run references it.
    void remove(const std::string& name);
    /// The image's package database, to solve against. Error(invalid) when its family has none.
    std::string package_database(const Image& image);

    /// References, so that nothing in use is removed; each is one statement and may be part of a
    /// transaction of the caller's. `user` is free text: "lab web-shop".
    void add_reference(const std::string& digest, const std::string& user);
    void remove_reference(const std::string& user);
    /// Who references the content, sorted.
    std::vector<std::string> references(const std::string& digest);
    /// Removes files that no name and no reference leads to (left by a crash, by a replaced image,
    /// by its last user); gives their digests. remove() does it too.
    std::vector<std::string> collect();

  private:
    Image load(const std::string& name, const std::string& digest) const;
    void delete_files(const std::string& digest) const;
    bool wanted(const std::string& digest);

    std::filesystem::path folder_;
    store::Database& database_;
};

std::vector<store::Migration> migrations();

}  // namespace patchlab::images
