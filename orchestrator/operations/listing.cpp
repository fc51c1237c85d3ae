// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/listing.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "platform/core/error.hpp"
#include "platform/core/text.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::operations {

namespace {

constexpr std::array listings{
    Listing{"audit.list", "rows", "time", true},
    Listing{"campaign.list", "campaigns", "created_at"},
    Listing{"catalog.channels", "channels", "created"},
    Listing{"catalog.list", "entries", "created"},
    Listing{"feed.list", "feeds", "dated_at"},
    Listing{"image.list", "images", "created"},
    Listing{"inventory.groups", "groups"},
    Listing{"inventory.list", "hosts"},
    Listing{"key.list", "keys", "created"},
    Listing{"lab.list", "labs", "added"},
    Listing{"node.list", "nodes", "added"},
    Listing{"notify.list", "deliveries", "time"},
    Listing{"patch.list", "patches", "added"},
    Listing{"patch.rank", "patches", "due_at"},
    Listing{"policy.list", "policies", "added", true},
    Listing{"rollout.list", "rollouts", "created"},
    Listing{"run.list", "runs", "requested"},
    Listing{"snapshot.list", "snapshots"},
    Listing{"token.list", "tokens", "created"},
    Listing{"user.list", "users", "added"},
    Listing{"watch.list", "watches", "created_at"},
};

/// "7d" is seven days ago; else a date or a time.
TimePoint time_from(const std::string& text, TimePoint now) {
    if (const auto length = parse_duration(text); length && text.find('-') == std::string::npos)
        return now - std::chrono::duration_cast<TimePoint::duration>(*length);
    try {
        return from_rfc3339(text);
    } catch (const Error&) {
        throw Error(ErrorCode::usage, "'" + text.substr(0, 40) + "' is no time",
                    "give a date (2026-11-30), a time (2026-11-30T06:00:00Z), or how long ago "
                    "(90m, 12h, 7d)");
    }
}

bool says(const Json& value, const std::vector<std::string>& wanted) {
    if (value.is_array())
        return std::any_of(value.begin(), value.end(),
                           [&](const Json& item) { return says(item, wanted); });
    const std::string text = value.is_string() ? value.get<std::string>() : to_line(value);
    return std::find(wanted.begin(), wanted.end(), text) != wanted.end();
}

std::vector<std::string> members_of(const Json& items) {
    std::vector<std::string> names;
    for (const auto& [name, value] : items.front().items()) names.push_back(name);
    return names;
}

void require_member(const Json& items, const std::string& member) {
    if (items.empty() || items.front().contains(member)) return;
    const std::vector<std::string> members = members_of(items);
    throw Error(ErrorCode::usage,
                "nothing of this list has '" + member + "'" + did_you_mean(member, members),
                "it has: " + joined(members));
}

void keep_where(Json& items, const JsonReader& filter) {
    if (!filter.has("where")) return;
    for (const auto& [member, value] : filter.raw("where").items()) {
        require_member(items, member);
        const auto wanted = value.get<std::vector<std::string>>();
        Json kept = Json::array();
        for (Json& item : items)
            if (says(item.at(member), wanted)) kept.push_back(std::move(item));
        items = std::move(kept);
    }
}

std::optional<TimePoint> time_of(const Json& item, std::string_view member) {
    const auto found = item.find(member);
    if (found == item.end() || !found->is_string() || found->get<std::string>().empty())
        return std::nullopt;
    return from_rfc3339(found->get<std::string>());
}

void keep_between(Json& items, const Listing& listing, const JsonReader& filter, TimePoint now) {
    const bool since = filter.has("since"), until = filter.has("until");
    if (!since && !until) return;
    if (listing.time.empty()) throw Error(ErrorCode::usage, "this list has no times to filter by");
    const TimePoint from = since ? time_from(filter.string("since"), now) : TimePoint::min();
    const TimePoint to = until ? time_from(filter.string("until"), now) : TimePoint::max();
    Json kept = Json::array();
    for (Json& item : items)
        if (const auto time = time_of(item, listing.time); time && *time >= from && *time <= to)
            kept.push_back(std::move(item));
    items = std::move(kept);
}

bool comes_before(const Json& a, const Json& b) {
    if (a.is_number() && b.is_number()) return a.get<double>() < b.get<double>();
    if (a.is_null() || b.is_null()) return a.is_null() && !b.is_null();
    const std::string left = a.is_string() ? a.get<std::string>() : to_line(a);
    return left < (b.is_string() ? b.get<std::string>() : to_line(b));
}

/// "requested" from small to large, "-requested" the other way.
void sort_by(Json& items, const std::string& asked) {
    const bool backwards = asked.starts_with('-');
    const std::string member = asked.substr(backwards ? 1 : 0);
    require_member(items, member);
    std::vector<Json> sorted(items.begin(), items.end());
    std::stable_sort(sorted.begin(), sorted.end(), [&](const Json& a, const Json& b) {
        const Json &left = a.at(member), &right = b.at(member);
        return backwards ? comes_before(right, left) : comes_before(left, right);
    });
    items = sorted;
}

void cut(Json& items, std::size_t limit, bool from_the_front) {
    if (items.size() <= limit) return;
    const auto extra = static_cast<std::ptrdiff_t>(items.size() - limit);
    if (from_the_front) items.erase(items.begin(), items.begin() + extra);
    else items.erase(items.end() - extra, items.end());
}

const ListColumn* column_of(std::span<const ListColumn> columns, std::string_view member) {
    const auto found = std::find_if(columns.begin(), columns.end(),
                                    [&](const ListColumn& one) { return one.member == member; });
    return found == columns.end() ? nullptr : &*found;
}

/// As says() has it: a null is the word "null".
std::string condition_of(const ListColumn& column) {
    static constexpr const char* wanted = " IN (SELECT value FROM json_each(?))";
    if (!column.values.empty())
        return "EXISTS (SELECT 1 FROM (" + std::string(column.values) + ") WHERE value" + wanted +
               ")";
    const std::string sql(column.sql);
    return (column.nullable ? "COALESCE(" + sql + ", 'null')" : sql) + wanted;
}

/// Times are kept in whole seconds: what is not before 12:00:00.5 is not before 12:00:01.
std::string second_from(TimePoint time) {
    return to_rfc3339(std::chrono::ceil<std::chrono::seconds>(time));
}

bool select_between(store::Selection& selection, const Listing& listing, const JsonReader& filter,
                    std::span<const ListColumn> columns, TimePoint now) {
    if (!filter.has("since") && !filter.has("until")) return true;
    const ListColumn* column = column_of(columns, listing.time);
    if (!column) return false;
    const std::string sql(column->sql);
    if (filter.has("since"))
        selection.narrow(sql + " >= ?", second_from(time_from(filter.string("since"), now)));
    if (filter.has("until"))
        selection.narrow(sql + " <= ?", to_rfc3339(time_from(filter.string("until"), now)));
    return true;
}

bool select_order(store::Selection& selection, const JsonReader& filter,
                  std::span<const ListColumn> columns, std::string_view usual_order) {
    selection.order = usual_order;
    const std::string asked = filter.string_or("sort", "");
    if (asked.empty()) return true;
    const bool backwards = asked.starts_with('-');
    const ListColumn* column = column_of(columns, asked.substr(backwards ? 1 : 0));
    if (!column || !column->values.empty()) return false;
    selection.order = std::string(column->sql) + (backwards ? " DESC, " : ", ") + selection.order;
    return true;
}

}  // namespace

std::optional<store::Selection> selection_for(const JsonReader& filter, const Listing& listing,
                                              std::span<const ListColumn> columns,
                                              std::string_view usual_order, TimePoint now) {
    store::Selection selection;
    if (filter.has("where"))
        for (const auto& [member, wanted] : filter.raw("where").items()) {
            const ListColumn* column = column_of(columns, member);
            if (!column) return std::nullopt;
            selection.narrow(condition_of(*column), to_line(wanted));
        }
    if (!select_between(selection, listing, filter, columns, now) ||
        !select_order(selection, filter, columns, usual_order))
        return std::nullopt;
    selection.most = filter.integer_or("limit", -1);
    return selection;
}

store::Selection wanted_rows(const JsonReader& request, std::string_view operation,
                             std::span<const ListColumn> columns, std::string_view usual_order,
                             TimePoint now) {
    std::optional<store::Selection> wanted;
    if (request.has("filter"))
        wanted = selection_for(request.object("filter"), *listing_of(operation), columns,
                               usual_order, now);
    if (wanted) return *std::move(wanted);
    store::Selection all;
    all.order = usual_order;
    return all;
}

const Listing* listing_of(std::string_view operation) {
    const auto found = std::find_if(listings.begin(), listings.end(),
                                    [&](const Listing& one) { return one.operation == operation; });
    return found == listings.end() ? nullptr : &*found;
}

void permit_filter(Json& request_schema, const std::string& definition) {
    Json& definitions = request_schema.at("$defs");
    Json request = definitions.at(definition);
    while (request.contains("$ref"))
        request = Json(definitions.at(
            request.at("$ref").get<std::string>().substr(std::string("#/$defs/").size())));
    request["properties"]["filter"] = {{"$ref", "#/$defs/list_filter"}};
    definitions[definition] = std::move(request);
}

void narrow(Json& response, const Listing& listing, const JsonReader& filter, TimePoint now) {
    Json& items = response.at(std::string(listing.items));
    keep_where(items, filter);
    keep_between(items, listing, filter, now);
    const std::string sort = filter.string_or("sort", "");
    if (!sort.empty()) sort_by(items, sort);
    if (filter.has("limit"))
        cut(items, static_cast<std::size_t>(filter.integer("limit")),
            listing.oldest_first && sort.empty());
}

}  // namespace patchlab::operations
