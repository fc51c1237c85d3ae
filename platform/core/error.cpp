// SPDX-License-Identifier: Apache-2.0
#include "platform/core/error.hpp"

#include <utility>

namespace patchlab {

std::string_view name(ErrorCode code) {
    switch (code) {
        case ErrorCode::usage: return "usage";
        case ErrorCode::invalid: return "invalid";
        case ErrorCode::not_found: return "not-found";
        case ErrorCode::conflict: return "conflict";
        case ErrorCode::not_allowed: return "not-allowed";
        case ErrorCode::not_authenticated: return "not-authenticated";
        case ErrorCode::refused: return "refused";
        case ErrorCode::lab: return "lab";
        case ErrorCode::timeout: return "timeout";
        case ErrorCode::internal: return "internal";
    }
    return "internal";
}

int exit_code(ErrorCode code) {
    switch (code) {
        case ErrorCode::usage:
        case ErrorCode::invalid:
        case ErrorCode::not_found:
        case ErrorCode::conflict: return 2;
        case ErrorCode::refused: return 1;
        case ErrorCode::not_allowed:
        case ErrorCode::not_authenticated: return 4;
        case ErrorCode::lab:
        case ErrorCode::timeout:
        case ErrorCode::internal: return 3;
    }
    return 3;
}

Error::Error(ErrorCode code, std::string message, std::string advice)
    : code_(code), message_(std::move(message)), advice_(std::move(advice)) {
    compose();
}

Error& Error::during(std::string_view activity) {
    context_.emplace_back(activity);
    compose();
    return *this;
}

void Error::compose() {
    what_.clear();
    for (auto it = context_.rbegin(); it != context_.rend(); ++it) what_ += *it + ": ";
    what_ += message_;
}

}  // namespace patchlab
