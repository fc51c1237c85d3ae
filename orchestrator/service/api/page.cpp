// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/api/page.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/secret.hpp"

namespace patchlab::service::api {

namespace {

constexpr std::size_t deepest = 900'000;
/// Items that may have come since the last page without anything being told twice.
constexpr std::size_t slack = 100;
constexpr std::array page_parameters{"limit", "cursor", "sort", "since", "until"};

std::size_t limit_from(const std::string& text) {
    std::size_t limit = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (error != std::errc{} || end != text.data() + text.size() || limit == 0 ||
        limit > largest_page)
        throw Error(ErrorCode::usage,
                    "limit: give a number from 1 to " + std::to_string(largest_page));
    return limit;
}

/// What an item is told by.
std::string key_of(const Json& item) {
    for (const char* name : {"id", "name", "digest", "number", "row", "sha256", "host", "time"})
        if (const auto found = item.find(name); found != item.end() && !found->is_null())
            return found->is_string() ? found->get<std::string>() : to_line(*found);
    return sha256_hex(to_line(item));
}

void take_cursor(Page& page, const std::string& text, const std::string& question) {
    const auto cursor = Cursor::from(text);
    if (!cursor || cursor->after > deepest)
        throw Error(ErrorCode::usage, "cursor: not one that a page ended with",
                    "begin again without a cursor");
    if (cursor->question != question)
        throw Error(ErrorCode::usage, "cursor: it belongs to another question",
                    "keep order and filters from page to page, or begin without a cursor");
    page.cursor = *cursor;
}

/// Where the page begins, counted from the side that the list is read from.
std::size_t begin_of(const std::vector<Json>& items, const Cursor& cursor) {
    if (cursor.after == 0) return 0;
    const std::size_t first = cursor.after - 1;
    for (std::size_t i = first; i < items.size(); ++i)
        if (key_of(items[i]) == cursor.item) return i + 1;
    for (std::size_t i = std::min(first, items.size()); i-- > 0;)
        if (key_of(items[i]) == cursor.item) return i + 1;
    return std::min(cursor.after, items.size());
}

}  // namespace

std::string Cursor::text() const {
    return base64url_encode(to_line(Json{{"v", 1}, {"n", after}, {"i", item}, {"q", question}}));
}

std::optional<Cursor> Cursor::from(std::string_view text) {
    if (text.size() > 2048) return std::nullopt;
    const auto bytes = from_base64url(text);
    if (!bytes) return std::nullopt;
    try {
        const Json document = parse_json(*bytes, "cursor", 2048);
        const JsonReader json(document, "cursor");
        const std::int64_t after = json.integer("n");
        if (json.integer("v") != 1 || after < 0) return std::nullopt;
        return Cursor{static_cast<std::size_t>(after), json.string("i"), json.string("q")};
    } catch (const Error&) {
        return std::nullopt;
    }
}

bool is_page_parameter(std::string_view name) {
    return std::find(page_parameters.begin(), page_parameters.end(), name) != page_parameters.end();
}

Page page_from(const std::string& operation, const Parameters& parameters, const Json& request) {
    Page page;
    std::string cursor;
    for (const auto& [name, value] : parameters) {
        if (name == "limit") page.limit = limit_from(value);
        else if (name == "cursor") cursor = value;
        else if (name == "sort") page.sort = value;
        else if (name == "since") page.since = value;
        else if (name == "until") page.until = value;
        else page.where[name].push_back(value);
    }
    const Json question{operation, request, page.where, page.since, page.until, page.sort};
    const std::string digest = sha256_hex(to_line(question)).substr(0, 16);
    page.cursor.question = digest;
    if (!cursor.empty()) take_cursor(page, cursor, digest);
    return page;
}

Json Page::filter() const {
    Json filter{{"limit", cursor.after + limit + 1 + (cursor.after > 0 ? slack : 0)}};
    if (!where.empty()) filter["where"] = where;
    if (!since.empty()) filter["since"] = since;
    if (!until.empty()) filter["until"] = until;
    if (!sort.empty()) filter["sort"] = sort;
    return filter;
}

void cut_page(Json& response, std::string_view items, const Page& page, bool newest_last) {
    Json& list = response.at(std::string(items));
    std::vector<Json> all(list.begin(), list.end());
    const bool from_behind = newest_last && page.sort.empty();
    if (from_behind) std::reverse(all.begin(), all.end());
    const std::size_t begin = begin_of(all, page.cursor);
    const std::size_t end = std::min(all.size(), begin + page.limit);
    const bool more = end < all.size();
    std::vector<Json> kept(all.begin() + static_cast<std::ptrdiff_t>(begin),
                           all.begin() + static_cast<std::ptrdiff_t>(end));
    Json next = nullptr;
    if (more && !kept.empty()) next = Cursor{end, key_of(kept.back()), page.cursor.question}.text();
    if (from_behind) std::reverse(kept.begin(), kept.end());
    list = kept;
    response["next_cursor"] = next;
}

}  // namespace patchlab::service::api
