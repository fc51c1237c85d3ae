// SPDX-License-Identifier: Apache-2.0
//
// Bytes locked with a passphrase (libsodium: Argon2id for the key, XChaCha20-Poly1305 for the
// bytes). Whoever lacks the passphrase can neither read them nor alter them, nor put them beside
// other companions than those they were locked with. Thread safety: free functions.
#pragma once

#include <string>
#include <string_view>

namespace patchlab {

/// `companion`: what the bytes belong to; it has to be the same when they are unlocked.
std::string lock_with_passphrase(std::string_view bytes, std::string_view passphrase,
                                 std::string_view companion);
/// Error(refused): another passphrase, another companion, or altered bytes. Error(invalid): these
/// are no locked bytes.
std::string unlock_with_passphrase(std::string_view locked, std::string_view passphrase,
                                   std::string_view companion);

}  // namespace patchlab
