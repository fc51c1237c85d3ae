// SPDX-License-Identifier: Apache-2.0
//
// JSON of any length, read as a stream: whoever reads says of each value whether it wants it, and
// gets it whole; everything else is walked past and takes no memory. Depth, strings and what is
// built are capped, and an object that names a member twice is refused: two readers could take it
// for two different things. Thread safety: one call a thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "orchestrator/feeds/byte_source.hpp"
#include "platform/core/json_fwd.hpp"

namespace patchlab::feeds {

/// Where a value stands: the members that lead to it; "[]" for an element of an array.
using JsonPath = std::vector<std::string>;

struct JsonLimits {
    std::size_t depth = 64;
    std::size_t string = 1U << 20;   ///< bytes
    std::size_t values = 1'000'000;  ///< within one value that is wanted
};

struct JsonWanted {
    std::function<bool(const JsonPath& path)> wants;
    std::function<void(const JsonPath& path, Json&& value)> take;
};

/// Error(invalid) "WHERE: …" for what is no JSON, is cut short or is beyond a limit.
void walk_json(ByteSource& source, const std::string& where, const JsonWanted& wanted,
               const JsonLimits& limits = {});

/// The whole document, which must be an object.
Json read_document(ByteSource& source, const std::string& where);

/// Of the object with which the text begins, as far as the text goes: each member with those
/// members of it that are objects' own ("member", "member/inner"). For telling what a file is.
std::vector<std::string> members_at_the_beginning(std::string_view text);

}  // namespace patchlab::feeds
