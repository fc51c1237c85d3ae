// SPDX-License-Identifier: Apache-2.0
//
// The file that names maintenance windows, which hosts refer to: YAML, schema patchlab/windows/v1,
// docs/reference/inventory.md. What a window is and which are valid says assessment/window.
// Thread-safe.
#pragma once

#include <string>

#include "orchestrator/assessment/window.hpp"
#include "platform/core/diagnostics.hpp"

namespace patchlab::inventory {

/// Every mistake goes to `diagnostics`, with file, line and path.
assessment::Windows parse_windows(const std::string& yaml, const std::string& file_name,
                                  Diagnostics& diagnostics);

/// The published JSON Schema (2020-12).
std::string windows_schema();

}  // namespace patchlab::inventory
