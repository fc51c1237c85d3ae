// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "platform/core/clock.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "reports/evidence.hpp"
#include "reports/evidence_tree.hpp"
#include "reports/manifest.hpp"

namespace patchlab::reports {

namespace {

[[noreturn]] void fail(const std::string& what, const std::string& path) {
    throw Error(ErrorCode::lab, "cannot " + what + " " + path + ": " + std::strerror(errno));
}

void refuse_what_is_not_evidence(const TreeListing& listing, const std::filesystem::path& folder) {
    for (const TreeFile& file : listing.files) {
        if (file.path == manifest_file)
            throw Error(ErrorCode::conflict, folder.string() + " is sealed already");
        if (file.path == signature_file)
            throw Error(ErrorCode::conflict,
                        folder.string() + " holds a signature but no manifest");
        // through its other name the file could be altered after the seal
        if (file.other_names)
            throw Error(ErrorCode::invalid, file.path + " has a second name (hard link)");
    }
    if (!listing.odd.empty())
        throw Error(ErrorCode::invalid, listing.odd.front().file + " " + listing.odd.front().what);
}

/// Hashes one file while it is made read-only and durable. The mode changes first: who opens it for
/// writing later, fails.
ManifestEntry seal_file(const EvidenceTree& tree, const TreeFile& file) {
    const UniqueFd fd = tree.open_file(file.path);
    if (!fd) throw Error(ErrorCode::conflict, file.path + " vanished while it was sealed");
    if (::fchmod(fd.get(), 0440) != 0) fail("make read-only", file.path);
    const HashedFile hashed = hash_file(fd.get(), file.path, max_evidence_bytes);
    if (::fsync(fd.get()) != 0) fail("sync", file.path);
    return {file.path, hashed.size, hashed.sha256};
}

/// Deepest first, so that a folder is synced after the names in it stand still. An empty folder is
/// removed: a manifest lists files, it could not vouch for it.
void seal_folders(const EvidenceTree& tree, const std::vector<std::string>& folders) {
    for (auto path = folders.rbegin(); path != folders.rend(); ++path) {
        if (::unlinkat(tree.root(), path->c_str(), AT_REMOVEDIR) == 0) continue;
        const UniqueFd fd = tree.open_folder(*path);
        if (!fd || ::fchmod(fd.get(), 0550) != 0) fail("make read-only", *path);
        if (::fsync(fd.get()) != 0) fail("sync", *path);
    }
}

}  // namespace

SealedEvidence seal(const std::filesystem::path& folder) {
    return during("sealing the evidence", [&] {
        const EvidenceTree tree(folder);
        const TreeListing listing = tree.list();
        refuse_what_is_not_evidence(listing, folder);
        Manifest manifest;
        manifest.created = to_rfc3339(SystemClock().now());
        for (const TreeFile& file : listing.files) manifest.files.push_back(seal_file(tree, file));
        seal_folders(tree, listing.folders);
        const std::string text = manifest_text(manifest);
        if (text.size() > max_manifest_bytes)
            throw Error(ErrorCode::invalid, "there are too many files for one manifest");
        write_file_atomic(folder / manifest_file, text, 0440);
        if (::fchmod(tree.root(), 0550) != 0 || ::fsync(tree.root()) != 0)
            fail("make read-only", folder.string());
        return SealedEvidence{sha256_hex(text), manifest.files.size()};
    });
}

}  // namespace patchlab::reports
