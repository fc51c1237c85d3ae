// SPDX-License-Identifier: Apache-2.0
//
// The signature of an entry's folder: an in-toto Statement over entry.json and every other file (of
// the evidence its manifest and its signature, which vouch for the rest). What is written here
// verify.hpp reads. Thread safety: free functions.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/signing.hpp"

namespace patchlab::catalog {

inline constexpr std::string_view entry_predicate = "urn:patchlab:catalog-entry:v1";
inline constexpr const char* entry_file = "entry.json";
inline constexpr const char* entry_signature_file = "entry.dsse.json";

/// Paths of the files that the entry's signature is about, sorted. Error(refused) for a link or a
/// special file.
std::vector<std::string> files_to_sign(const std::filesystem::path& folder);

/// Signs a complete folder; run, digest of the evidence and approvers stand beside the digests, for
/// readers that know in-toto alone.
void sign_entry(const std::filesystem::path& folder, const SecretKey& key);

}  // namespace patchlab::catalog
