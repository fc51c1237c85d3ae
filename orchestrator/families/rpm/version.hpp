// SPDX-License-Identifier: Apache-2.0
//
// The order of RPM versions, as rpm-version(7) defines it. Thread-safe.
#pragma once

#include <string_view>

namespace patchlab::families::rpm {

/// Less than, equal to or greater than zero, as `a` is older than, the same as or newer than `b`.
/// "[epoch:]version[-release]"; no epoch is 0; a release counts only when both have one.
int compare_versions(std::string_view a, std::string_view b);

}  // namespace patchlab::families::rpm
