// SPDX-License-Identifier: Apache-2.0
//
// The files below one folder, read without ever following a symlink: what guests and strangers left
// in an evidence folder is hostile. Every step is taken from an open folder (openat, O_NOFOLLOW),
// so a name swapped meanwhile cannot lead out of it. Owns the descriptor of the root. Thread
// safety: one a thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "platform/core/files.hpp"
#include "reports/evidence.hpp"

namespace patchlab::reports {

inline constexpr std::size_t max_evidence_entries = 100'000;
inline constexpr std::uint64_t max_evidence_bytes = 16ULL << 30;  ///< of all files together

struct TreeFile {
    std::string path;  ///< relative, parts joined by '/'
    std::uint64_t size = 0;
    bool other_names = false;  ///< the file has a second hard link somewhere
};

struct TreeListing {
    std::vector<TreeFile> files;  ///< sorted by path
    std::vector<std::string>
        folders;  ///< relative, a folder before what is in it; without the root
    std::vector<EvidenceProblem>
        odd;  ///< symlinks, special files and names that no evidence may hold
};

class EvidenceTree {
  public:
    /// Error(not_found) when `folder` is not a folder.
    explicit EvidenceTree(const std::filesystem::path& folder);

    /// Error(invalid) when there are more entries or bytes than evidence may have.
    TreeListing list() const;
    /// A regular file below the root, for reading; an empty descriptor when it is not there or not
    /// a regular file any more.
    UniqueFd open_file(const std::string& relative) const;
    UniqueFd open_folder(const std::string& relative) const;
    int root() const { return root_.get(); }

  private:
    std::filesystem::path folder_;
    UniqueFd root_;
};

/// True for a relative path that evidence may hold: plain parts (no "", ".", ".."), valid UTF-8
/// without control characters, at most 16 deep and 1024 bytes long.
bool is_evidence_path(std::string_view path);

}  // namespace patchlab::reports
