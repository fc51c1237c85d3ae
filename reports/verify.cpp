// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "reports/evidence.hpp"
#include "reports/evidence_tree.hpp"
#include "reports/manifest.hpp"
#include "reports/sealed_file.hpp"

namespace patchlab::reports {

namespace {

/// What is wrong with one listed file, or an empty text.
std::string problem_of(const EvidenceTree& tree, const TreeFile& found,
                       const ManifestEntry& listed) {
    if (found.size != listed.size)
        return "changed: " + std::to_string(listed.size) + " bytes were sealed, " +
               std::to_string(found.size) + " are there";
    const UniqueFd fd = tree.open_file(found.path);
    if (!fd) return "cannot be read";
    try {
        return hash_file(fd.get(), found.path, listed.size).sha256 == listed.sha256 ? ""
                                                                                    : "changed";
    } catch (const Error& error) {
        // a file that cannot be read or grew meanwhile is not intact; the others are still worth
        // checking
        return error.code() == ErrorCode::invalid ? "changed" : "cannot be read";
    }
}

bool holds_a_listed_file(const Manifest& manifest, const std::string& folder) {
    const std::string prefix = folder + "/";
    const auto at = std::lower_bound(
        manifest.files.begin(), manifest.files.end(), prefix,
        [](const ManifestEntry& entry, const std::string& wanted) { return entry.path < wanted; });
    return at != manifest.files.end() && at->path.starts_with(prefix);
}

void compare(const EvidenceTree& tree, const Manifest& manifest, EvidenceVerification& result) {
    const TreeListing listing = tree.list();
    std::set<std::string_view> seen;
    for (const TreeFile& file : listing.files) {
        if (file.path == manifest_file || file.path == signature_file) continue;
        seen.insert(file.path);
        const ManifestEntry* listed = manifest.find(file.path);
        const std::string problem =
            listed ? problem_of(tree, file, *listed) : "not in the manifest";
        if (!problem.empty()) result.problems.push_back({file.path, problem});
    }
    for (const ManifestEntry& listed : manifest.files)
        if (!seen.contains(listed.path)) result.problems.push_back({listed.path, "missing"});
    for (const std::string& folder : listing.folders)
        if (!holds_a_listed_file(manifest, folder))
            result.problems.push_back({folder, "not in the manifest"});
    result.problems.insert(result.problems.end(), listing.odd.begin(), listing.odd.end());
    std::sort(result.problems.begin(), result.problems.end(),
              [](const EvidenceProblem& a, const EvidenceProblem& b) { return a.file < b.file; });
}

}  // namespace

EvidenceVerification verify(const std::filesystem::path& folder) {
    return during("verifying the evidence", [&] {
        const EvidenceTree tree(folder);
        const std::string text = read_manifest_text(tree, folder);
        const Manifest manifest = parse_manifest(text, manifest_file);
        EvidenceVerification result;
        result.digest = sha256_hex(text);
        result.files = manifest.files.size();
        compare(tree, manifest, result);
        return result;
    });
}

}  // namespace patchlab::reports
