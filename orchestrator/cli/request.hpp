// SPDX-License-Identifier: Apache-2.0
//
// Requests made of what was given on the command line: an option that was not given is no member of
// the request. Files whose content an operation wants are read here, so that the operation may run
// on another host. Thread safety: all functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/core/json.hpp"

namespace patchlab::cli {

void put(Json& request, const char* key, const std::string& text);
void put(Json& request, const char* key, const std::vector<std::string>& words);

/// A file as a request holds one: its content as `text`, and `file`, by which mistakes name it.
/// Error(not_found), Error(invalid) when it is larger than `most` bytes.
Json text_file(const std::string& file, std::uint64_t most = 1U << 20);
/// Puts a file as the `definition` of a request.
void put_definition(Json& request, const std::string& file);

/// Error(invalid) that lists the mistakes of a check's response, one a line, unless there are none.
void throw_mistakes(const Json& checked, const std::string& what);

}  // namespace patchlab::cli
