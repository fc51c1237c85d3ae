// SPDX-License-Identifier: Apache-2.0
#include "reports/manifest.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/json.hpp"
#include "reports/evidence_tree.hpp"

namespace patchlab::reports {

namespace {

constexpr const char* schema = "patchlab/evidence/v1";

std::string text_with(const Manifest& manifest, const std::string& checksum) {
    Json files = Json::array();
    for (const ManifestEntry& entry : manifest.files)
        files.push_back({{"path", entry.path}, {"size", entry.size}, {"sha256", entry.sha256}});
    Json document;
    document["schema"] = schema;
    document["created"] = manifest.created;
    document["files"] = std::move(files);
    document["checksum"] = checksum;
    return to_text(document);
}

ManifestEntry read_entry(const JsonReader& json) {
    ManifestEntry entry;
    entry.path = json.string("path");
    if (!is_evidence_path(entry.path)) json.fail("path", "is not a path that evidence may hold");
    const std::int64_t size = json.integer("size");
    if (size < 0) json.fail("size", "must not be negative");
    entry.size = static_cast<std::uint64_t>(size);
    entry.sha256 = json.string("sha256");
    if (!is_sha256(entry.sha256)) json.fail("sha256", "must be 64 hex digits");
    return entry;
}

}  // namespace

const ManifestEntry* Manifest::find(std::string_view path) const {
    const auto at = std::lower_bound(
        files.begin(), files.end(), path,
        [](const ManifestEntry& entry, std::string_view wanted) { return entry.path < wanted; });
    return at != files.end() && at->path == path ? &*at : nullptr;
}

std::string manifest_text(const Manifest& manifest) {
    // the checksum is taken over the same text with an empty checksum
    return text_with(manifest, sha256_hex(text_with(manifest, "")));
}

Manifest parse_manifest(std::string_view text, std::string_view where) {
    const Json document = parse_json(text, where, max_manifest_bytes);
    const JsonReader json(document, std::string(where));
    json.expect_schema(schema);
    Manifest manifest;
    manifest.created = json.string("created");
    for (const JsonReader& entry : json.objects("files")) {
        manifest.files.push_back(read_entry(entry));
        if (manifest.files.size() > max_evidence_entries)
            json.fail("files", "has too many entries");
    }
    const auto unordered = [](const ManifestEntry& a, const ManifestEntry& b) {
        return !(a.path < b.path);
    };
    if (std::adjacent_find(manifest.files.begin(), manifest.files.end(), unordered) !=
        manifest.files.end())
        json.fail("files", "must be sorted by path, each once");
    if (manifest_text(manifest) != text)
        json.fail("checksum", "does not fit: the manifest was changed after sealing");
    return manifest;
}

HashedFile hash_file(int fd, const std::string& shown, std::uint64_t max_bytes) {
    Sha256 hash;
    HashedFile result;
    std::vector<char> buffer(1U << 20);
    for (;;) {
        const ssize_t got = ::read(fd, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0)
            throw Error(ErrorCode::lab, "cannot read " + shown + ": " + std::strerror(errno));
        if (got == 0) break;
        result.size += static_cast<std::uint64_t>(got);
        if (result.size > max_bytes)
            throw Error(ErrorCode::invalid,
                        shown + " is larger than " + std::to_string(max_bytes) + " bytes");
        hash.update({buffer.data(), static_cast<std::size_t>(got)});
    }
    result.sha256 = hash.finish();
    return result;
}

}  // namespace patchlab::reports
