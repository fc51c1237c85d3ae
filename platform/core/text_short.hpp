// SPDX-License-Identifier: Apache-2.0
//
// What a reader needs of long values: digests and running times. Of the text kit (text.hpp). Pure;
// thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace patchlab {

/// The same text with digests (32 hexadecimal digits and more) cut to their first twelve.
std::string with_short_digests(std::string_view text);

/// As duration_text(), in whole seconds, rounded down: "3 s", "1 min 52 s". For what counts on a
/// screen.
std::string whole_duration_text(double seconds);

}  // namespace patchlab
