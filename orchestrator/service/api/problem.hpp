// SPDX-License-Identifier: Apache-2.0
//
// What went wrong, as a problem document (RFC 9457) that also is what the command line prints with
// --json (patchlab/error/v1). Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "platform/core/error_document.hpp"
#include "platform/core/json.hpp"

namespace patchlab::service::api {

inline constexpr std::string_view problem_type = "application/problem+json";

/// The status of an error's code ("not-found", also "not_found"); 500 for one that is unknown.
int status_of(std::string_view code);

using patchlab::error_document;

/// type, title, status, detail, and the members of the error.
Json problem_of(int status, const Json& error);

}  // namespace patchlab::service::api
