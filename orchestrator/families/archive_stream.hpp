// SPDX-License-Identifier: Apache-2.0
//
// A file of any size as a stream: packed with gzip, xz, zstd, bzip2 or not at all; a tar, a zip, or
// a single file. Nothing is held but the block at hand, so gigabytes take no memory. Caps guard
// against bombs; an archive that is cut short is refused, also where it is cut between two files.
// Thread safety: one object a thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "platform/core/files.hpp"

namespace patchlab::families {

struct StreamLimits {
    std::uint64_t expanded = 32ULL << 30;  ///< bytes of all files together
    std::size_t entries = 2'000'000;
};

class ArchiveStream {
  public:
    /// Reads the open file from its beginning. `where` names it in errors.
    ArchiveStream(UniqueFd file, std::string where, StreamLimits limits = {});
    ~ArchiveStream();
    ArchiveStream(ArchiveStream&&) noexcept;

    struct Member {
        std::string name;   ///< empty: the file is no archive, this is its content
        bool file = false;  ///< a regular one
    };
    /// The next file; nullopt behind the last one. What was not read of the one before is read
    /// past. Error(invalid) for a broken archive or an exceeded limit.
    std::optional<Member> next();
    /// The next bytes of the file at hand, at most `size`; 0 at its end.
    std::size_t read(char* buffer, std::size_t size);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace patchlab::families
