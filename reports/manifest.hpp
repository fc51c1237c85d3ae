// SPDX-License-Identifier: Apache-2.0
//
// The manifest of sealed evidence (schema patchlab/evidence/v1). Its text is canonical: one value
// has one text, so a changed blank is found as well; and it carries a checksum over itself, so that
// any byte damaged in it is found without knowing the digest it should have. Who forges the whole
// of it is found by the digest (in the store, in an approval) and by the signature.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace patchlab::reports {

inline constexpr const char* manifest_file = "manifest.json";
inline constexpr const char* signature_file =
    "evidence.dsse.json";  ///< beside the manifest and not in it: it signs the manifest
inline constexpr std::size_t max_manifest_bytes = 64U << 20;

struct ManifestEntry {
    std::string path;
    std::uint64_t size = 0;
    std::string sha256;
};

struct Manifest {
    std::string created;               ///< RFC 3339
    std::vector<ManifestEntry> files;  ///< sorted by path, each once

    const ManifestEntry* find(std::string_view path) const;
};

/// The canonical text.
std::string manifest_text(const Manifest& manifest);
/// Reads a manifest. Error(invalid) unless `text` is exactly what manifest_text() would write for
/// it, with paths that evidence may hold, sorted, each once.
Manifest parse_manifest(std::string_view text, std::string_view where);

/// The size and sha256 of an open file, read once from its start to its end.
struct HashedFile {
    std::uint64_t size = 0;
    std::string sha256;
};

/// `shown` names the file in errors. Error(invalid) when it is larger than `max_bytes`, Error(lab)
/// when it cannot be read.
HashedFile hash_file(int fd, const std::string& shown, std::uint64_t max_bytes);

}  // namespace patchlab::reports
