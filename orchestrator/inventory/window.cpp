// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/inventory/window.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include "inventory_files.hpp"
#include "platform/core/clock.hpp"
#include "platform/core/error.hpp"
#include "platform/core/schema.hpp"
#include "platform/core/yaml.hpp"

namespace patchlab::inventory {

namespace {

constexpr std::array<const char*, 7> day_names{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr const char* zone_folder = "/usr/share/zoneinfo";

/// True for a day of the calendar: 2026-02-30 looks like one.
bool is_date(const std::string& text) {
    try {
        return to_rfc3339(from_rfc3339(text)).substr(0, 10) == text;
    } catch (const Error&) {
        return false;
    }
}

Window read(const Json& json) {
    Window window;
    window.zone = json.at("zone").get<std::string>();
    window.from = json.at("from").get<std::string>();
    window.to = json.at("to").get<std::string>();
    if (json.contains("days"))
        for (const char* day : day_names)
            if (std::find(json.at("days").begin(), json.at("days").end(), Json(day)) !=
                json.at("days").end())
                window.days.emplace_back(day);
    if (window.days.size() == day_names.size()) window.days.clear();
    if (json.contains("except")) window.except = json.at("except").get<std::set<std::string>>();
    return window;
}

}  // namespace

Windows parse_windows(const std::string& yaml, const std::string& file_name,
                      Diagnostics& diagnostics) {
    Diagnostics own;  // the caller's may hold the mistakes of other files already
    const YamlDocument document = parse_yaml(yaml, file_name, own);
    static const Schema schema(windows_schema());
    if (own.ok()) schema.check(document, own);
    Windows windows;
    if (own.ok())
        for (const auto& [name, json] : document.value.at("windows").items()) {
            const std::string path = json_pointer("/windows", name);
            const auto mistake = [&](const std::string& at, const std::string& message) {
                own.add(file_name, document.line_of(at), at, message);
            };
            const Window window = read(json);
            if (!zone_exists(window.zone))
                mistake(path + "/zone", "there is no time zone '" + window.zone + "'");
            for (const std::string& day : window.except)
                if (!is_date(day))
                    mistake(path + "/except", "'" + day + "' is not a day of the calendar");
            windows[name] = window;
        }
    diagnostics.items.insert(diagnostics.items.end(), own.items.begin(), own.items.end());
    return windows;
}

Json to_json(const Window& window) {
    Json json{{"zone", window.zone}, {"from", window.from}, {"to", window.to}};
    if (!window.days.empty()) json["days"] = window.days;
    if (!window.except.empty()) json["except"] = window.except;
    return json;
}

Window window_from_json(const Json& json) { return read(json); }

std::string describe(const Window& window) {
    std::string days;
    for (const std::string& day : window.days) days += (days.empty() ? "" : ",") + day;
    return (days.empty() ? "every day" : days) + " " + window.from + "-" + window.to + " " +
           window.zone;
}

bool zone_exists(const std::string& zone) {
    // the schema lets no dot through, so nothing outside of the folder is looked at
    std::error_code error;
    return !zone.empty() && zone.find('.') == std::string::npos && zone.front() != '/' &&
           std::filesystem::is_regular_file(std::filesystem::path(zone_folder) / zone, error);
}

std::string windows_schema() {
    return std::string(embedded::inventory_files::file("windows.schema.json"));
}

}  // namespace patchlab::inventory
