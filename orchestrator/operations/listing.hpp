// SPDX-License-Identifier: Apache-2.0
//
// What all lists share: the member `filter` of a request narrows, sorts and cuts any of them, so
// that no list has words of its own for it. A list of very many has its database choose, so that a
// page of it costs a page. Pure; thread-safe.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "orchestrator/operations/operation.hpp"
#include "platform/store/selection.hpp"

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

/// How a member of a list's items stands in the database.
struct ListColumn {
    std::string_view member;
    std::string_view sql;          ///< an expression that gives text, or NULL for null
    bool nullable = false;         ///< it may be NULL
    std::string_view values = {};  ///< of a member that is a list: a query for its values
};

/// The rows that can be in the narrowed list, as few as the database can tell; narrow() is asked
/// all the same. nullopt: the filter speaks of what has no column, and every row is wanted.
/// `usual_order`: of the list without a filter. Error(usage).
std::optional<store::Selection> selection_for(const JsonReader& filter, const Listing& listing,
                                              std::span<const ListColumn> columns,
                                              std::string_view usual_order, TimePoint now);

/// The same of a list's request, in which nothing may be filtered: then all, in their usual order.
store::Selection wanted_rows(const JsonReader& request, std::string_view operation,
                             std::span<const ListColumn> columns, std::string_view usual_order,
                             TimePoint now);

/// Leaves of the response's list what `filter` asks for. Error(usage) for a member that no item
/// has, or a time that is none.
void narrow(Json& response, const Listing& listing, const JsonReader& filter, TimePoint now);

}  // namespace patchlab::operations
