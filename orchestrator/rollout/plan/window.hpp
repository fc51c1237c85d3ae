// SPDX-License-Identifier: Apache-2.0
//
// Maintenance windows: days and times of day in an IANA time zone. The zone's own rules decide what
// they mean on a day on which clocks are changed. Where a time of day happens twice, the window is
// what every reading of it permits (opens at the later, closes at the earlier one); where it does
// not happen, it stands for the moment of the change. So a window is never longer than its owner
// meant. Pure functions over the system's time zone database (tzdata); thread-safe.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "platform/core/clock.hpp"

namespace patchlab::rollout {

struct Window {
    std::string zone = "UTC";
    std::array<bool, 7> days{true, true, true, true,
                             true, true, true};  ///< from Monday: on which it opens
    int from = 0;                                ///< minutes after midnight
    int to = 0;                    ///< minutes after midnight; at or before `from`: on the next day
    std::set<std::string> except;  ///< dates ("2026-12-24") on which it does not open
};

/// Windows by name; the empty name is always open.
using Windows = std::map<std::string, Window>;

struct Opening {
    TimePoint opens;
    TimePoint closes;
};

/// As they are written, from Monday.
constexpr std::array<const char*, 7> day_names{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
/// "22:30" (which the schema has checked) → minutes after midnight.
int minutes_of(const std::string& clock);

/// The opening at `time`, else the next one within 400 days; nullopt when there is none.
std::optional<Opening> opening_at_or_after(const Window& window, TimePoint time);

/// The earliest moment, `time` or later, from which all of these windows stay open for `needed`;
/// nullopt when there is none within 400 days. No window: `time`.
std::optional<TimePoint> next_start(const std::vector<const Window*>& windows, TimePoint time,
                                    Seconds needed);

/// The length of the window on a day without a change of clocks.
Seconds nominal_length(const Window& window);

bool zone_exists(const std::string& zone);
std::vector<std::string> zone_names();
/// True for a day of the calendar, written as 2026-12-24.
bool is_date(const std::string& text);

/// "2026-11-23 22:00 CET": a moment as the clocks of the zone show it.
std::string local_time(const std::string& zone, TimePoint time);
/// "mon-fri 22:00-04:00 Europe/Zurich"
std::string describe(const Window& window);

}  // namespace patchlab::rollout
