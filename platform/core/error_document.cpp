// SPDX-License-Identifier: Apache-2.0
#include "platform/core/error_document.hpp"

#include "platform/core/json.hpp"

namespace patchlab {

Json error_document(std::string_view code, const std::string& message, const std::string& advice,
                    std::optional<int> exit) {
    Json document{{"schema", "patchlab/error/v1"},
                  {"code", code},
                  {"message", message},
                  {"advice", text_or_null(advice)}};
    if (exit) document["exit"] = *exit;
    return document;
}

Json error_document(const Error& error) {
    return error_document(name(error.code()), error.what(), error.advice(),
                          exit_code(error.code()));
}

}  // namespace patchlab
