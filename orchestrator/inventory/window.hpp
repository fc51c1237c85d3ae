// SPDX-License-Identifier: Apache-2.0
//
// Maintenance windows of hosts, by name: plain, checked values. What they mean on a given day is
// the business of the rollout, which stands above and reads the same words (rollout/window.hpp).
// YAML, schema patchlab/windows/v1, docs/reference/inventory.md. Values; thread-safe as such.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "platform/core/diagnostics.hpp"
#include "platform/core/json.hpp"

namespace patchlab::inventory {

struct Window {
    std::string zone = "UTC";
    std::vector<std::string> days;  ///< "mon" … "sun", from Monday; empty: every day
    std::string from;               ///< "22:00"
    std::string to;                 ///< "04:00": at or before `from` it is the next day's
    std::set<std::string> except;   ///< dates on which it does not open
};

using Windows = std::map<std::string, Window>;

/// Every mistake goes to `diagnostics`, with file, line and path.
Windows parse_windows(const std::string& yaml, const std::string& file_name,
                      Diagnostics& diagnostics);

Json to_json(const Window& window);
/// Of what to_json() wrote.
Window window_from_json(const Json& json);
/// "mon,tue 22:00-04:00 Europe/Zurich"
std::string describe(const Window& window);

/// True when this host's time zone database (tzdata) knows it.
bool zone_exists(const std::string& zone);

/// The published JSON Schema (2020-12).
std::string windows_schema();

}  // namespace patchlab::inventory
