// SPDX-License-Identifier: Apache-2.0
//
// Reads single files of sealed evidence, each checked against the manifest as it is read: a report
// shows the bytes that were sealed or nothing. Owns the open folder. Thread safety: one a thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "reports/evidence_tree.hpp"
#include "reports/manifest.hpp"

namespace patchlab::reports {

class SealedFolder {
  public:
    /// Error(not_found) without a manifest, Error(invalid) with a broken one.
    explicit SealedFolder(const std::filesystem::path& folder);

    /// The sealed bytes. Error(not_found) when the manifest does not list the file, Error(refused)
    /// when it is not what was sealed, Error(invalid) when it is larger than `max_bytes`.
    std::string read(const std::string& path, std::uint64_t max_bytes = 64ULL << 20) const;
    bool has(const std::string& path) const { return manifest_.find(path) != nullptr; }
    const Manifest& manifest() const { return manifest_; }
    const std::string& digest() const { return digest_; }

  private:
    EvidenceTree tree_;
    Manifest manifest_;
    std::string digest_;
};

/// The text of the manifest in an open evidence folder; Error(not_found) when there is none.
std::string read_manifest_text(const EvidenceTree& tree, const std::filesystem::path& folder);

/// The text of the signature of an evidence folder; nullopt when there is none. A link or a special
/// file in its place is Error(invalid).
std::optional<std::string> read_signature_text(const std::filesystem::path& folder);

}  // namespace patchlab::reports
