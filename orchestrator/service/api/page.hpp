// SPDX-License-Identifier: Apache-2.0
//
// Pages of lists. A cursor is opaque: it says after which item the next page begins, and of which
// question it is. Items that came in between shift nothing. Pure; thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "orchestrator/service/api/url.hpp"
#include "platform/core/json.hpp"

namespace patchlab::service::api {

inline constexpr std::size_t usual_page = 50;
inline constexpr std::size_t largest_page = 1000;

struct Cursor {
    std::size_t after = 0;  ///< so many items came before
    std::string item;       ///< the last of them
    std::string question;   ///< digest of what was asked

    std::string text() const;
    /// nullopt for what this program never wrote.
    static std::optional<Cursor> from(std::string_view text);
};

struct Page {
    std::size_t limit = usual_page;
    Cursor cursor = {};
    Json where = Json::object();
    std::string since = {}, until = {}, sort = {};

    /// What the operation is asked for: common.json, list_filter.
    Json filter() const;
};

/// limit, cursor, sort, since, until.
bool is_page_parameter(std::string_view name);
/// All other parameters are members of the items that must have this value. `request`: what else
/// makes up the question. Error(usage).
Page page_from(const std::string& operation, const Parameters& parameters, const Json& request);

/// Leaves the page in the response's list; its cursor, or null, becomes the member `next_cursor`.
/// `newest_last`: without a sort, the list is cut at its beginning.
void cut_page(Json& response, std::string_view items, const Page& page, bool newest_last);

}  // namespace patchlab::service::api
