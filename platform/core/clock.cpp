// SPDX-License-Identifier: Apache-2.0
#include "platform/core/clock.hpp"

#include <algorithm>
#include <ctime>

#include "platform/core/error.hpp"

namespace patchlab {

std::string to_rfc3339(TimePoint time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return text;
}

TimePoint from_rfc3339(const std::string& text) {
    // the system's clock counts nanoseconds in 64 bits, from 1677 to 2262; what lies near its ends
    // is no time of ours
    constexpr int first_year = 1700, last_year = 2200, of_tm = 1900;
    std::tm utc{};
    for (const char* format : {"%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"}) {
        utc = {};
        const char* end = strptime(text.c_str(), format, &utc);
        if (!end || *end != '\0') continue;
        if (utc.tm_year + of_tm < first_year || utc.tm_year + of_tm > last_year)
            throw Error(ErrorCode::invalid, "'" + text + "' is beyond the times that can be told");
        return std::chrono::system_clock::from_time_t(timegm(&utc));
    }
    throw Error(ErrorCode::invalid,
                "'" + text + "' is not a date (2026-12-31) or a UTC time (2026-12-31T00:00:00Z)");
}

std::string seconds_after(const std::string& time, std::int64_t seconds) {
    return to_rfc3339(from_rfc3339(time) + std::chrono::seconds(seconds));
}

std::chrono::milliseconds Deadline::left() const {
    const auto rest =
        std::chrono::ceil<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now());
    return std::max(rest, std::chrono::milliseconds(0));
}

}  // namespace patchlab
