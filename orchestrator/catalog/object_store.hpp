// SPDX-License-Identifier: Apache-2.0
//
// The bytes of the catalog: every package that an entry names, forward and back, kept once under
// its sha256, read-only and durable.
//   catalog/objects/sha256/ab/abcdef…
// What stands under a digest may have been damaged since: whoever uses it checks it again
// (problem()). Thread safety: all functions; several processes may use one store.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace patchlab::catalog {

class ObjectStore {
  public:
    explicit ObjectStore(const std::filesystem::path& state)
        : folder_(state / "catalog" / "objects" / "sha256") {}

    /// Takes a copy of `file` in. Error(refused) unless its bytes have this sha256;
    /// Error(not_found) when it is not there. A good object that is there already is kept, a
    /// damaged one replaced.
    void put(const std::filesystem::path& file, const std::string& sha256) const;

    /// Where the object is, or would be.
    std::filesystem::path path(const std::string& sha256) const {
        return folder_ / sha256.substr(0, 2) / sha256;
    }

    /// Why the object is not what it should be ("is missing", "has other bytes"); empty when it is.
    /// Reads all of it.
    std::string problem(const std::string& sha256, std::uint64_t bytes) const;

    /// Makes the object appear as `to` (place_file). Error(not_found).
    void place(const std::string& sha256, const std::filesystem::path& to) const;

  private:
    std::filesystem::path folder_;
};

/// Makes the read-only file `from` appear as `to`, by a hard link where the filesystem allows it,
/// else as a copy. Error(lab).
void place_file(const std::filesystem::path& from, const std::filesystem::path& to);

/// fsync of a file's bytes. Error(lab).
void sync_file(const std::filesystem::path& file);

/// Why `file` does not hold exactly these bytes; empty when it does. A symbolic link or special
/// file never does.
std::string file_problem(const std::filesystem::path& file, const std::string& sha256,
                         std::uint64_t bytes);

}  // namespace patchlab::catalog
