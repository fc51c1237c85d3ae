// SPDX-License-Identifier: Apache-2.0
//
// patchlab/error/v1: an error as programs read it, wherever it is printed or sent. Pure;
// thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "platform/core/error.hpp"
#include "platform/core/json_fwd.hpp"

namespace patchlab {

/// `code`: as name(ErrorCode) has it, or a word of HTTP; `exit`: of the command line, when it has
/// one.
Json error_document(std::string_view code, const std::string& message,
                    const std::string& advice = {}, std::optional<int> exit = {});
Json error_document(const Error& error);

}  // namespace patchlab
