// SPDX-License-Identifier: Apache-2.0
//
// One walk of a document along a schema whose keywords are known to be supported; the inner half of
// schema.hpp. Thread-safe.
#pragma once

#include "platform/core/diagnostics.hpp"
#include "platform/core/json_fwd.hpp"
#include "platform/core/yaml.hpp"

namespace patchlab {

/// Adds every mistake to `diagnostics`. Error(internal) when a reference of the schema leads to
/// itself.
void check_against_schema(const Json& schema, const YamlDocument& document,
                          Diagnostics& diagnostics);

}  // namespace patchlab
