// SPDX-License-Identifier: Apache-2.0
//
// The archives that packages are made of: ar members (read here, strictly), compressed tars and
// packed files (libarchive). Caps guard against bombs. Thread safety: one object a thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct archive;  // libarchive's

namespace patchlab::families {

/// Error(invalid): what is wrong with the file called `where`.
[[noreturn]] void refuse(std::string_view where, const std::string& why);

struct ArMember {
    std::string name;
    std::string_view data;
};

/// The members of an ar archive, as views into `bytes`. Error(invalid) when it is none or is cut
/// short.
std::vector<ArMember> read_ar(std::string_view bytes, std::string_view where);

struct TarEntry {
    std::string path;  ///< as it stands in the archive
    std::string type;  ///< file | directory | symlink | hardlink | device | other
    std::string target;
    unsigned mode = 0;
    std::uint64_t bytes = 0;
};

struct TarLimits {
    std::uint64_t expanded = 8ULL << 30;  ///< bytes after decompression
    std::size_t entries = 500'000;
    std::size_t kept_file = 4U << 20;  ///< larger files are not handed over
};

/// Walks a tar compressed with gzip, xz, zstd, bzip2 or not at all, to its end. For each entry
/// `visit` says whether it wants the content; then `take` gets it. With `digest`, that gets the
/// sha256 of each regular file, or nothing for one with holes. Error(invalid) for a broken archive
/// or an exceeded limit.
void walk_tar(std::string_view bytes, std::string_view where, const TarLimits& limits,
              const std::function<bool(const TarEntry&)>& visit,
              const std::function<void(const TarEntry&, std::string&&)>& take,
              const std::function<void(const TarEntry&, std::string&& sha256)>& digest = {});

/// The same of a cpio archive, as rpm packages hold their files: of files that are one (hard links)
/// the last carries the content.
void walk_cpio(std::string_view bytes, std::string_view where, const TarLimits& limits,
               const std::function<bool(const TarEntry&)>& visit,
               const std::function<void(const TarEntry&, std::string&&)>& take,
               const std::function<void(const TarEntry&, std::string&& sha256)>& digest = {});

/// Expands a file that is packed with gzip, xz, zstd or bzip2; one that is not packed stays as it
/// is. Error(invalid) when it is broken, or larger than `max_bytes` when expanded.
std::string expand(std::string_view bytes, std::string_view where, std::size_t max_bytes);

// For the files of this folder that read with libarchive.

struct ArchiveCloser {
    void operator()(archive* reader) const;
};
using ArchiveReader = std::unique_ptr<archive, ArchiveCloser>;
/// Takes what is packed with gzip, xz, lzma, zstd, bzip2 or not at all; in which format it is, the
/// caller says.
ArchiveReader new_archive_reader();
/// Error(invalid) with what libarchive says.
[[noreturn]] void refuse_broken(std::string_view where, archive* reader);

/// Stops a decompression bomb.
class ExpansionGuard {
  public:
    /// For a file of `packed` bytes that may expand to `most`. `where` must live longer.
    ExpansionGuard(std::uint64_t packed, std::uint64_t most, std::string_view where);
    /// Error(invalid) for more bytes than that, and for more than so small a file has.
    void check(std::uint64_t expanded) const;

  private:
    std::uint64_t limit_;
    std::string_view where_;
};

}  // namespace patchlab::families
