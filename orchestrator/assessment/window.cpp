// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/assessment/window.hpp"

#include <date/tz.h>

#include <algorithm>
#include <sstream>

#include "platform/core/error.hpp"
#include "platform/core/schema.hpp"
#include "platform/core/text.hpp"

namespace patchlab::assessment {

namespace {

using SysSeconds = std::chrono::sys_seconds;

constexpr int days_ahead = 400;

/// As they are written, from Monday.
constexpr std::array<const char*, 7> day_names{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

const date::time_zone& zone_of(const std::string& name) {
    try {
        return *date::locate_zone(name);
    } catch (const std::exception&) {
        throw Error(ErrorCode::invalid, "there is no time zone '" + name + "'");
    }
}

/// Both readings of a local time; equal, except where clocks are set back. One that is skipped is
/// the moment of the change.
struct Readings {
    SysSeconds first, last;
};

Readings readings(const date::time_zone& zone, date::local_seconds local) {
    const date::local_info info = zone.get_info(local);
    if (info.result == date::local_info::nonexistent) return {info.first.end, info.first.end};
    const SysSeconds first{local.time_since_epoch() - info.first.offset};
    if (info.result == date::local_info::unique) return {first, first};
    return {first, SysSeconds{local.time_since_epoch() - info.second.offset}};
}

/// The opening that begins on this day of the zone's calendar; nullopt when there is none.
std::optional<Opening> opening_of(const Window& window, const date::time_zone& zone,
                                  date::local_days day) {
    const date::weekday weekday{day};
    if (!window.days[weekday.iso_encoding() - 1]) return std::nullopt;
    if (!window.except.empty() && window.except.contains(date::format("%F", day)))
        return std::nullopt;
    const Readings from = readings(zone, day + std::chrono::minutes(window.from));
    const Readings to = readings(
        zone, day + date::days(window.to <= window.from ? 1 : 0) + std::chrono::minutes(window.to));
    // Both within the hour that happens twice: it is the same one of the two that is meant.
    const SysSeconds opens =
        to.first <= from.last && to.first > from.first ? from.first : from.last;
    if (to.first <= opens) return std::nullopt;
    return Opening{opens, to.first};
}

std::vector<std::string> zone_names() {
    std::vector<std::string> names;
    for (const date::time_zone& zone : date::get_tzdb().zones) names.push_back(zone.name());
    return names;
}

std::string clock_text(int minutes) {
    const auto two_digits = [](int number) {
        return (number < 10 ? "0" : "") + std::to_string(number);
    };
    return two_digits(minutes / 60) + ":" + two_digits(minutes % 60);
}

}  // namespace

std::optional<Opening> opening_at_or_after(const Window& window, TimePoint time) {
    const date::time_zone& zone = zone_of(window.zone);
    const auto now = std::chrono::floor<std::chrono::seconds>(time);
    // An opening lasts a day at most, so the one of yesterday may still be open.
    const date::local_days today = std::chrono::floor<date::days>(zone.to_local(now));
    for (int offset = -1; offset <= days_ahead; ++offset)
        if (const auto opening = opening_of(window, zone, today + date::days(offset));
            opening && opening->closes > time)
            return opening;
    return std::nullopt;
}

std::optional<TimePoint> next_start(const std::vector<const Window*>& windows, TimePoint time,
                                    Seconds needed) {
    const auto length = std::chrono::ceil<std::chrono::seconds>(needed);
    const TimePoint limit = time + std::chrono::hours(24 * days_ahead);
    TimePoint start = time;
    for (std::size_t agreed = 0, i = 0; agreed < windows.size() && start < limit;) {
        const auto opening = opening_at_or_after(*windows[i % windows.size()], start);
        if (!opening) return std::nullopt;
        const TimePoint from = std::max(start, opening->opens);
        if (opening->closes - from < length) {  // too short, or what is left of it is
            start = opening->closes;
            agreed = 0;
            continue;  // the same window again
        }
        agreed = from == start ? agreed + 1 : 1;
        start = from;
        ++i;
    }
    if (start >= limit) return std::nullopt;
    return start;
}

int minutes_of(const std::string& clock) {
    return std::stoi(clock.substr(0, 2)) * 60 + std::stoi(clock.substr(3));
}

Seconds nominal_length(const Window& window) {
    return std::chrono::minutes((window.to <= window.from ? 24 * 60 : 0) + window.to - window.from);
}

bool zone_exists(const std::string& zone) {
    try {
        date::locate_zone(zone);
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

bool is_date(const std::string& text) {
    std::istringstream in(text);
    date::sys_days day;
    in >> date::parse("%F", day);
    return !in.fail() && date::format("%F", day) == text;
}

std::string describe(const Window& window) {
    std::string days;
    for (std::size_t first = 0; first < 7; ++first) {
        if (!window.days[first]) continue;
        std::size_t last = first;
        while (last + 1 < 7 && window.days[last + 1]) ++last;
        days += (days.empty() ? "" : ",") + std::string(day_names[first]) +
                (last > first ? std::string("-") + day_names[last] : "");
        first = last;
    }
    return days + " " + clock_text(window.from) + "-" + clock_text(window.to) + " " + window.zone;
}

Window window_from_json(const Json& json) {
    Window window;
    window.zone = json.at("zone").get<std::string>();
    window.from = minutes_of(json.at("from").get<std::string>());
    window.to = minutes_of(json.at("to").get<std::string>());
    if (json.contains("days")) {
        const Json& days = json.at("days");
        for (std::size_t i = 0; i < day_names.size(); ++i)
            window.days[i] = std::find(days.begin(), days.end(), Json(day_names[i])) != days.end();
    }
    if (json.contains("except")) window.except = json.at("except").get<std::set<std::string>>();
    return window;
}

Window read_window(const Json& json, const std::string& path, const MistakeSink& mistake) {
    Window window = window_from_json(json);
    if (!zone_exists(window.zone)) {
        const std::string meant = nearest_word(window.zone, zone_names());
        mistake(path + "/zone", "there is no time zone '" + window.zone + "'" +
                                    (meant.empty() ? "" : "; did you mean '" + meant + "'?"));
    }
    if (!json.contains("except")) return window;
    std::size_t index = 0;
    for (const Json& day : json.at("except")) {
        const auto text = day.get<std::string>();
        if (!is_date(text))
            mistake(path + "/except/" + std::to_string(index),
                    "'" + text + "' is not a day of the calendar");
        ++index;
    }
    return window;
}

Json to_json(const Window& window) {
    Json json{
        {"zone", window.zone}, {"from", clock_text(window.from)}, {"to", clock_text(window.to)}};
    Json days = Json::array();
    for (std::size_t i = 0; i < day_names.size(); ++i)
        if (window.days[i]) days.push_back(day_names[i]);
    if (days.size() < day_names.size()) json["days"] = std::move(days);
    if (!window.except.empty()) json["except"] = window.except;
    return json;
}

}  // namespace patchlab::assessment
