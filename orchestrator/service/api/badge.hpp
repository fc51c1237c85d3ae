// SPDX-License-Identifier: Apache-2.0
//
// The verdict of a run as a small picture, for the page of a project. Pure; thread-safe.
#pragma once

#include <string>

#include "platform/core/json.hpp"

namespace patchlab::service::api {

/// Of the document that run.show gives: its verdict, or the state that it is in. Only words of the
/// product get into it.
std::string badge_svg(const Json& run);

}  // namespace patchlab::service::api
