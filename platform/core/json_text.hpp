// SPDX-License-Identifier: Apache-2.0
//
// JSON as text that people may see on a terminal. Pure; thread-safe.
#pragma once

#include <string>

#include "platform/core/json_fwd.hpp"

namespace patchlab {

/// What to_text() gives, with every character that is not plain text as \uNNNN: the same document,
/// in which nothing steers a terminal or turns the direction of a line.
std::string to_plain_text(const Json& value);
/// The same on one line, with a line break at its end.
std::string to_plain_line(const Json& value);
/// The document as YAML.
std::string to_yaml(const Json& value);

}  // namespace patchlab
