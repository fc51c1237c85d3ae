// SPDX-License-Identifier: Apache-2.0
#include "platform/core/dated_id.hpp"

#include <algorithm>
#include <charconv>

#include "platform/core/error.hpp"

namespace patchlab {

namespace {

constexpr int most_a_day = 9999;

}  // namespace

std::string dated_prefix(std::string_view kind, TimePoint now) {
    std::string day = to_rfc3339(now).substr(0, 10);
    std::erase(day, '-');
    return std::string(kind) + "-" + day + "-";
}

std::string free_dated_id(std::string_view kind, TimePoint now,
                          const std::function<bool(const std::string& id)>& taken, int first) {
    const std::string prefix = dated_prefix(kind, now);
    for (int number = first; number <= most_a_day; ++number) {
        const std::string id = prefix + std::to_string(10000 + number).substr(1);
        if (!taken(id)) return id;
    }
    throw Error(ErrorCode::lab, "no name is free any more: " + prefix + "9999 is taken",
                "they begin anew at midnight (UTC)");
}

std::string next_dated_id(std::string_view kind, TimePoint now, const std::string& newest) {
    const std::string prefix = dated_prefix(kind, now);
    int number = 0;
    if (newest.starts_with(prefix))
        std::from_chars(newest.data() + prefix.size(), newest.data() + newest.size(), number);
    const auto taken = [](const std::string&) { return false; };  // none behind the newest is
    return free_dated_id(kind, now, taken, number + 1);
}

}  // namespace patchlab
