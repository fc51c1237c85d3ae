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

}  // namespace

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
