// SPDX-License-Identifier: Apache-2.0
//
// OpenPGP signatures, checked by gpgv, which knows no keys but those it is given. Thread safety:
// free function.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "platform/process/command.hpp"

namespace patchlab::process {

/// The fingerprint of the key that signed `file`; nullopt unless a key of `keyring` (binary) made a
/// good signature. `signature` is the file with it, empty where it is in `file` itself. `what`
/// names the file in errors.
std::optional<std::string> signing_key(const std::filesystem::path& file,
                                       const std::filesystem::path& signature,
                                       const std::filesystem::path& keyring,
                                       const std::string& what, CommandRunner& runner);

}  // namespace patchlab::process
