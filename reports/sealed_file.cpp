// SPDX-License-Identifier: Apache-2.0
#include "reports/sealed_file.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"

namespace patchlab::reports {

namespace {

std::string read_all(int fd, const std::string& shown, std::uint64_t max_bytes) {
    std::string bytes;
    char buffer[65536];
    for (;;) {
        const ssize_t got = ::read(fd, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0)
            throw Error(ErrorCode::lab, "cannot read " + shown + ": " + std::strerror(errno));
        if (got == 0) return bytes;
        bytes.append(buffer, static_cast<std::size_t>(got));
        if (bytes.size() > max_bytes)
            throw Error(ErrorCode::invalid,
                        shown + " is larger than " + std::to_string(max_bytes) + " bytes");
    }
}

}  // namespace

std::string read_manifest_text(const EvidenceTree& tree, const std::filesystem::path& folder) {
    const UniqueFd fd = tree.open_file(manifest_file);
    if (!fd)
        throw Error(ErrorCode::not_found, "there is no sealed evidence in " + folder.string(),
                    "name the folder that holds manifest.json");
    return read_all(fd.get(), manifest_file, max_manifest_bytes);
}

std::optional<std::string> read_signature_text(const std::filesystem::path& folder) {
    if (!std::filesystem::exists(std::filesystem::symlink_status(folder / signature_file)))
        return std::nullopt;
    const UniqueFd fd = EvidenceTree(folder).open_file(signature_file);
    if (!fd)
        throw Error(ErrorCode::invalid, std::string(signature_file) + " is not a regular file");
    return read_all(fd.get(), signature_file, max_manifest_bytes);
}

SealedFolder::SealedFolder(const std::filesystem::path& folder) : tree_(folder) {
    const std::string text = read_manifest_text(tree_, folder);
    manifest_ = parse_manifest(text, manifest_file);
    digest_ = sha256_hex(text);
}

std::string SealedFolder::read(const std::string& path, std::uint64_t max_bytes) const {
    const ManifestEntry* listed = manifest_.find(path);
    if (!listed) throw Error(ErrorCode::not_found, "the evidence has no file " + path);
    if (listed->size > max_bytes)
        throw Error(ErrorCode::invalid,
                    path + " is larger than " + std::to_string(max_bytes) + " bytes");
    const UniqueFd fd = tree_.open_file(path);
    std::string bytes = fd ? read_all(fd.get(), path, max_bytes) : std::string();
    if (!fd || bytes.size() != listed->size || sha256_hex(bytes) != listed->sha256)
        throw Error(ErrorCode::refused, path + " is not what was sealed",
                    "run `patchlab evidence verify` on the folder");
    return bytes;
}

}  // namespace patchlab::reports
