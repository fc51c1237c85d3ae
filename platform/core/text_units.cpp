// SPDX-License-Identifier: Apache-2.0
#include "platform/core/text_units.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <utility>

#include "platform/core/text.hpp"

namespace patchlab {

namespace {

constexpr long long minute = 60, hour = 60 * minute, day = 24 * hour;
constexpr double longest_duration = 1e12;  ///< seconds; beyond it nothing is told apart

std::string with_tenths(double value) {
    char text[64];
    std::snprintf(text, sizeof text, "%.1f", value);
    return text;
}

std::string two_units(long long first, const char* unit, long long second, const char* smaller) {
    return std::to_string(first) + " " + unit + " " + std::to_string(second) + " " + smaller;
}

/// Seconds in a unit; 0 for a word that is none.
double seconds_of(std::string_view unit) {
    static constexpr std::array<std::pair<std::string_view, double>, 6> units{
        {{"", 1}, {"ms", 0.001}, {"s", 1}, {"m", minute}, {"h", hour}, {"d", day}}};
    for (const auto& [word, seconds] : units)
        if (word == unit) return seconds;
    return 0;
}

}  // namespace

std::string number_text(std::uint64_t n) {
    std::string text = std::to_string(n);
    for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
    return text;
}

std::string count_text_of(std::uint64_t n, std::string_view one, std::string_view many) {
    std::string unit(n == 1 || many.empty() ? one : many);
    if (n != 1 && many.empty()) unit += 's';
    return number_text(n) + " " + unit;
}

std::string size_text_of(std::uint64_t bytes) {
    static constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    // 1023.6 KiB would be written as 1024 KiB, which is 1 MiB
    while (unit + 1 < units.size() && std::round(value) >= 1024) {
        value /= 1024;
        ++unit;
    }
    std::string number =
        value < 9.95 && unit > 0 ? with_tenths(value) : std::to_string(std::llround(value));
    if (number.ends_with(".0")) number.resize(number.size() - 2);
    return number + " " + units[unit];
}

std::string duration_text(double seconds) {
    if (seconds < 9.95) return with_tenths(std::max(seconds, 0.0)) + " s";
    const long long whole = std::llround(std::min(seconds, longest_duration));
    if (whole < minute) return std::to_string(whole) + " s";
    if (whole < hour) return two_units(whole / minute, "min", whole % minute, "s");
    if (whole < 2 * day) return two_units(whole / hour, "h", whole % hour / minute, "min");
    return two_units(whole / day, "d", whole % day / hour, "h");
}

std::string rough_duration_text(double seconds) {
    const long long minutes =
        static_cast<long long>(std::clamp(seconds, 0.0, longest_duration)) / minute;
    if (minutes < 1) return "less than a minute";
    if (minutes < 120) return count_text(minutes, "minute");
    if (minutes < 48 * 60) return count_text(minutes / 60, "hour");
    return count_text(minutes / (24 * 60), "day");
}

std::optional<Seconds> parse_duration(std::string_view text) {
    constexpr std::size_t longest = 16;
    if (text.empty() || text.size() > longest || text.front() < '0' || text.front() > '9')
        return std::nullopt;
    double number = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    const double unit = seconds_of({end, text.data() + text.size()});
    if (error != std::errc() || unit == 0) return std::nullopt;
    return Seconds(number * unit);
}

std::string with_short_digests(std::string_view text) {
    constexpr std::size_t digest = 32, kept = 12;
    const auto is_hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); };
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        while (end < text.size() && is_hex(text[end])) ++end;
        const bool is_digest = end - at >= digest;
        out += text.substr(at, is_digest ? kept : std::max<std::size_t>(end - at, 1));
        if (is_digest) out += "…";
        at = std::max(end, at + 1);
    }
    return out;
}

std::string whole_duration_text(double seconds) {
    const double whole = std::floor(std::max(seconds, 0.0));
    return whole < 10 ? std::to_string(std::llround(whole)) + " s" : duration_text(whole);
}

}  // namespace patchlab
