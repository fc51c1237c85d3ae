// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/catalog/entry_seal.hpp"

#include <algorithm>

#include "orchestrator/catalog/entry.hpp"
#include "platform/core/attestation.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "reports/manifest.hpp"

namespace patchlab::catalog {

namespace {

/// The manifest vouches for all files of the evidence but itself and its signature.
bool vouched_for_by_manifest(const std::string& path) {
    constexpr std::string_view folder = "evidence/";
    if (!path.starts_with(folder)) return false;
    const std::string file = path.substr(folder.size());
    return file != reports::manifest_file && file != reports::signature_file;
}

}  // namespace

std::vector<std::string> files_to_sign(const fs::path& folder) {
    std::vector<std::string> files;
    for (const auto& item : fs::recursive_directory_iterator(folder)) {
        const std::string path = item.path().lexically_relative(folder).generic_string();
        const fs::file_type type = item.symlink_status().type();
        if (type == fs::file_type::directory || path == entry_signature_file ||
            vouched_for_by_manifest(path))
            continue;
        if (type != fs::file_type::regular)
            throw Error(ErrorCode::refused, path + " is no regular file");
        files.push_back(path);
    }
    std::sort(files.begin(), files.end());
    return files;
}

void sign_entry(const fs::path& folder, const SecretKey& key) {
    const Entry entry = entry_from_json(read_json(folder / entry_file));
    Statement statement;
    for (const std::string& path : files_to_sign(folder))
        statement.subjects.push_back({path, sha256_file(folder / path)});
    statement.predicate_type = entry_predicate;
    statement.predicate = {{"entry", entry.id},
                           {"run", entry.run},
                           {"evidence_digest", entry.evidence_digest},
                           {"approvers", entry.approvers}};
    write_file_atomic(folder / entry_signature_file, sign_statement(statement, key));
}

}  // namespace patchlab::catalog
