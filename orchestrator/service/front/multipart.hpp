// SPDX-License-Identifier: Apache-2.0
//
// Forms with files (multipart/form-data, RFC 7578). The bytes are of a stranger; the parts are
// views of them. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace patchlab::service::front {

struct Part {
    std::string name;
    std::string file;  ///< its name; empty: the part is a field
    bool is_file = false;
    std::string_view content;
};

/// "boundary" of a Content-Type; empty when it is no form with files, or has no proper one.
std::string boundary_of(std::string_view content_type);
/// Error(invalid) for what is no such form, or has more than `most` parts.
std::vector<Part> parts_of(std::string_view body, std::string_view boundary,
                           std::size_t most = 300);

}  // namespace patchlab::service::front
