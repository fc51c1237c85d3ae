// SPDX-License-Identifier: Apache-2.0
//
// The environment, as the command line reads it. Thread safety: nobody changes it.
#pragma once

#include <cstdlib>
#include <string>

namespace patchlab::cli {

/// Empty when the variable is not set.
inline std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

}  // namespace patchlab::cli
