// SPDX-License-Identifier: Apache-2.0
//
// What all lists share: the member `filter` of a request narrows, sorts and cuts any of them, so
// that no list has words of its own for it. Pure; thread-safe.
#pragma once

#include <string_view>

#include "orchestrator/operations/operation.hpp"

namespace patchlab::operations {

/// Where a list keeps what is filtered.
struct Listing {
    std::string_view operation;
    std::string_view items;      ///< the member of the response that holds the list
    std::string_view time = {};  ///< the member of an item that says since when it is there
    bool oldest_first = false;   ///< the newest so many are the last ones
};

/// nullptr when the operation gives no list.
const Listing* listing_of(std::string_view operation);

/// Lets the request of a list have a `filter` (common.json: list_filter).
void permit_filter(Json& request_schema, const std::string& definition);

/// Leaves of the response's list what `filter` asks for. Error(usage) for a member that no item
/// has, or a time that is none.
void narrow(Json& response, const Listing& listing, const JsonReader& filter, TimePoint now);

}  // namespace patchlab::operations
