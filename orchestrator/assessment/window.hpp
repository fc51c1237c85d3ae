// SPDX-License-Identifier: Apache-2.0
//
// Maintenance windows, of hosts (the inventory) and of rings (a rollout): days and times of day in
// an IANA time zone. Both are read, checked and understood here. The zone's own rules decide what
// they mean on a day on which clocks are changed. Where a time of day happens twice, the window is
// what every reading of it permits (opens at the later, closes at the earlier one); where it does
// not happen, it stands for the moment of the change. So a window is never longer than its owner
// meant. Pure functions over the system's time zone database (tzdata); thread-safe.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "platform/core/clock.hpp"
#include "platform/core/json_fwd.hpp"

namespace patchlab::assessment {

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

/// Is told the path ("/windows/night/zone") and the message of each mistake.
using MistakeSink = std::function<void(const std::string& path, const std::string& message)>;

/// A window as a definition writes it: {"zone": "Europe/Zurich", "from": "22:00", "to": "04:00",
/// "days": ["mon"], "except": ["2026-12-24"]}. The definition's schema has checked the form; a
/// zone or a day that does not exist is a mistake.
Window read_window(const Json& json, const std::string& path, const MistakeSink& mistake);
/// The same form, as it is stored: `days` and `except` are left out where they say nothing.
Json to_json(const Window& window);
/// Reads what to_json() wrote. The zone is not looked up.
Window window_from_json(const Json& json);
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

/// True when this host's time zone database has rules for it. "leapseconds" is a file in there, and
/// no zone.
bool zone_exists(const std::string& zone);
/// True for a day of the calendar, written as 2026-12-24.
bool is_date(const std::string& text);

/// "mon-fri 22:00-04:00 Europe/Zurich"
std::string describe(const Window& window);

}  // namespace patchlab::assessment
