// SPDX-License-Identifier: Apache-2.0
//
// Text as libsodium takes it. For the files of this folder.
#pragma once

#include <string_view>

namespace patchlab {

inline const unsigned char* unsigned_bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace patchlab
