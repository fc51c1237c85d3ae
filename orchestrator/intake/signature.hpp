// SPDX-License-Identifier: Apache-2.0
//
// Detached OpenPGP signatures of local files, checked by gpgv against a keyring the user names.
// Thread-safe.
#pragma once

#include <filesystem>
#include <string>

#include "platform/process/command.hpp"

namespace patchlab::intake {

/// The signature beside `file` (FILE.asc or FILE.sig), or an empty path.
std::filesystem::path signature_of(const std::filesystem::path& file);

/// The fingerprint of the key that signed `file`. Error(refused) unless a key of `keyring` (binary
/// or armoured) made a good signature.
std::string verify_signature(const std::filesystem::path& file,
                             const std::filesystem::path& signature,
                             const std::filesystem::path& keyring, process::CommandRunner& runner);

}  // namespace patchlab::intake
