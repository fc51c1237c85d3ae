// SPDX-License-Identifier: Apache-2.0
//
// The name of the JSON type, for headers that take or return it without looking inside. Whoever
// makes a value or reads one includes json.hpp, which brings in the whole library.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace patchlab {

/// Objects keep the order in which their members were added.
using Json = nlohmann::ordered_json;

}  // namespace patchlab
