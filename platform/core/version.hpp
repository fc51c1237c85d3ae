// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace patchlab {

/// The version of the program, as `patchlab --version` and every evidence document name it.
inline constexpr const char* version = "0.1.0";

}  // namespace patchlab
