// SPDX-License-Identifier: Apache-2.0
//
// The API as OpenAPI 3.1, made from the routes and the schemas of the operations. Pure.
#pragma once

#include "platform/core/json.hpp"

namespace patchlab::service::api {

Json openapi();

}  // namespace patchlab::service::api
