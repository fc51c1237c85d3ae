// SPDX-License-Identifier: Apache-2.0
//
// ETags of what people decide about: they change with everything that a decision rests on. Pure.
#pragma once

#include <string>
#include <string_view>

#include "platform/core/json.hpp"

namespace patchlab::service::api {

/// Of the response of an operation: of policy.explain the digest of the evidence and the number of
/// decisions so far; of catalog.show a digest of the entry and its standing. Empty: it has none.
std::string tag_in(std::string_view operation, const Json& response);

/// Whether what somebody has seen is what there is. The digest of the evidence alone, with which
/// the tag begins, is enough: it is what a decision is over.
bool still_holds(std::string_view told, std::string_view tag);
/// The same of If-Match, which may name several.
bool matches_tag(std::string_view if_match, std::string_view tag);

}  // namespace patchlab::service::api
