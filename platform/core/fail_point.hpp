// SPDX-License-Identifier: Apache-2.0
//
// Fail points: places where a test lets this process die, as a power cut would. The released
// program installs no handler, so that nothing happens there; patchlab-sim and the tests install
// one (orchestrator/pipeline/fake/fault_injection.hpp). Thread-safe.
#pragma once

#include <string_view>

namespace patchlab {

using FailPointHandler = void (*)(std::string_view name);

/// What is called at every fail point from now on; null for nothing.
void on_fail_point(FailPointHandler handler);

/// This process passes the point `name`.
void fail_point(std::string_view name);

}  // namespace patchlab
