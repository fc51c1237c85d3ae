// SPDX-License-Identifier: Apache-2.0
//
// What this user logged in to services with, in a file that nobody else may read:
// ~/.config/patchlab/credentials.yaml, or the one that PATCHLAB_CREDENTIALS names. Thread safety:
// one at a time.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace patchlab::cli {

struct StoredCredential {
    std::string kind;   ///< "token" or "session"
    std::string value;  ///< the secret
    std::string user;   ///< as whom it acts; empty: not known
};

/// Error(usage) when nothing says where it is.
std::filesystem::path credentials_file();
/// What was stored for this server ("unix:/run/patchlab.sock", "https://patchlab.example.org");
/// nullopt: nothing. Error(lab) when others can read the file.
std::optional<StoredCredential> credential_for(const std::string& server);
/// Stores it in place of the one before; nullopt: forgets it.
void store_credential(const std::string& server, const std::optional<StoredCredential>& credential);

}  // namespace patchlab::cli
