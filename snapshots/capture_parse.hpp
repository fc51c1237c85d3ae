// SPDX-License-Identifier: Apache-2.0
//
// Reads what the capture script (script/*.pl) printed in a guest. The guest is untrusted: lengths
// are checked before use, counts and sizes capped, text made printable UTF-8, unknown classes
// refused. What is missing or malformed makes its class unreadable, never empty. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "snapshots/capture.hpp"

namespace patchlab::snapshots {

/// The capture that `output` holds. A wrong nonce, a cut or a malformed record leaves every class
/// without its end mark unreadable.
Capture parse_capture(std::string_view output, std::string_view nonce);

}  // namespace patchlab::snapshots
