// SPDX-License-Identifier: Apache-2.0
//
// The Test Anything Protocol, versions 12 to 14. Pure; thread-safe.
#pragma once

#include <string_view>

#include "testsuites/adapters/report.hpp"

namespace patchlab::testsuites::adapters {

/// Subtests count through the line of their parent. A failed TODO test is a skip. `unsound` when
/// there is no plan, or two, when the tests are not exactly those of the plan, or when a number
/// stands twice.
Report read_tap(std::string_view text);

}  // namespace patchlab::testsuites::adapters
