// SPDX-License-Identifier: Apache-2.0
//
// Counts, sizes and durations, written and read in one way everywhere: on the command line, in
// definitions, tables and reports. Of the text kit (text.hpp). Pure; thread-safe.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/core/clock.hpp"

namespace patchlab {

/// "5,000"
std::string number_text(std::uint64_t n);
std::string count_text_of(std::uint64_t n, std::string_view one, std::string_view many);
std::string size_text_of(std::uint64_t bytes);

/// A count or a size as JSON holds it: a negative one counts as none.
template <std::integral N>
std::uint64_t magnitude(N n) {
    return n < N{0} ? 0 : static_cast<std::uint64_t>(n);
}

/// "1 change", "5,000 changes". `many`: the plural; empty: `one` with an s.
template <std::integral N>
std::string count_text(N n, std::string_view one, std::string_view many = {}) {
    return count_text_of(magnitude(n), one, many);
}

/// In binary units, to the nearest: "812 B", "1.9 MiB", "237 MiB", "3 GiB".
template <std::integral N>
std::string size_text(N bytes) {
    return size_text_of(magnitude(bytes));
}

/// "0.4 s", "12 s", "1 min 52 s", "2 h 5 min", "3 d 4 h".
std::string duration_text(double seconds);
/// In one word, rounded down: "less than a minute", "24 minutes", "3 hours", "2 days".
std::string rough_duration_text(double seconds);

/// What parse_duration() reads, for messages.
inline constexpr std::string_view duration_form = "a duration such as 90s, 15m, 2h or 7d";
/// "500ms", "90s", "15m", "1.5h", "7d"; a bare number is seconds. nullopt for anything else.
std::optional<Seconds> parse_duration(std::string_view text);

// What a reader needs of long values: digests and running times.

/// The same text with digests (32 hexadecimal digits and more) cut to their first twelve.
std::string with_short_digests(std::string_view text);

/// As duration_text(), in whole seconds, rounded down: "3 s", "1 min 52 s". For what counts on a
/// screen.
std::string whole_duration_text(double seconds);

}  // namespace patchlab
