// SPDX-License-Identifier: Apache-2.0
//
// Fail points: places where a test lets this process die, as a power cut would. PATCHLAB_FAULT
// names one, "publish-sealed:kill"; with "@3" the third passage counts. Thread-safe.
#pragma once

#include <string_view>

namespace patchlab {

/// Ends the process with SIGKILL when PATCHLAB_FAULT asks for a kill at `name`.
void fail_point(std::string_view name);

}  // namespace patchlab
