// SPDX-License-Identifier: Apache-2.0
//
// Public keys of OpenPGP as text (RFC 4880, 6). Thread safety: free function.
#pragma once

#include <string>
#include <string_view>

namespace patchlab::families {

inline constexpr std::string_view armour_begin = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
inline constexpr std::string_view armour_end = "-----END PGP PUBLIC KEY BLOCK-----";

/// What stands behind `armour_begin` and the blank line after it: the bytes as base64, their
/// checksum, `armour_end`.
std::string armour_body(std::string_view bytes);

}  // namespace patchlab::families
