// SPDX-License-Identifier: Apache-2.0
//
// An example or two for each verb, as its help shows them. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace patchlab::cli {

/// Of "run list"; empty for a verb that has none, or shows its own.
std::vector<std::string> examples_of(std::string_view verb);

}  // namespace patchlab::cli
