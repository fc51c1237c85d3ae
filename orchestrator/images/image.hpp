// SPDX-License-Identifier: Apache-2.0
//
// Golden images: immutable, named by their content (sha256), read-only on disk. A name in the store points to one.
// On disk below the state folder:  images/<sha256>.qcow2 (0444), images/<sha256>.json (schema patchlab/image/v1),
//                                  images/<sha256>.status (the dpkg status file of a Debian image)
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "platform/core/json.hpp"
#include "platform/disk/offline_disk.hpp"
#include "platform/store/database.hpp"

namespace patchlab::images {

struct Image {
    std::string name;
    std::string digest;  ///< sha256 of the qcow2 file
    std::filesystem::path file;
    std::uint64_t file_bytes = 0;
    std::uint64_t virtual_bytes = 0;
    std::string created;   ///< RFC 3339
    std::string origin;    ///< "built" or "imported"
    std::string suite;     ///< of a built image: "bookworm"
    disk::OsInspection os; ///< with the installed packages
    std::string kernel;    ///< of a built image: the release its first boot ran
};

Json to_json(const Image& image);

/// Names and files of images. Thread safety: one a thread.
class ImageStore {
  public:
    /// `state` is the state folder; the database must have images::migrations().
    ImageStore(std::filesystem::path state, store::Database& database);

    std::vector<Image> list();
    std::optional<Image> find(const std::string& name);
    /// Error(not_found), naming the images there are.
    Image get(const std::string& name);
    /// Takes a finished qcow2 (moved in), records it. Error(conflict) when the name stands for another content.
    Image add(Image image, const std::filesystem::path& qcow2, const std::string& dpkg_status);
    /// Error(conflict) with the users when a lab, a prepared lab or a run references it.
    void remove(const std::string& name);
    /// The dpkg status text of a Debian image, for apt to solve against.
    std::string dpkg_status(const Image& image);

    /// References, so that nothing in use is removed. `user` is free text: "lab web-shop".
    void add_reference(const std::string& digest, const std::string& user);
    void remove_reference(const std::string& user);

  private:
    std::filesystem::path folder_;
    store::Database& database_;
};

std::vector<store::Migration> migrations();

}  // namespace patchlab::images
