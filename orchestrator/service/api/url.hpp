// SPDX-License-Identifier: Apache-2.0
//
// The encodings of URLs and forms (RFC 3986, application/x-www-form-urlencoded). Pure; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchlab::service::api {

/// nullopt when a '%' is not followed by two hex digits, or the result holds a NUL or is no UTF-8.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_blank = false);
/// Everything but letters, digits and -._~ is encoded.
std::string percent_encoded(std::string_view text);

using Parameters = std::vector<std::pair<std::string, std::string>>;
/// "a=1&b=x%20y": names and values in their order; nullopt when one cannot be decoded, or there are
/// more than `most`.
std::optional<Parameters> parameters_in(std::string_view text, std::size_t most = 1000);

/// URL-safe base64 without padding, as base64url_encode() makes it; nullopt for what is none.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace patchlab::service::api
