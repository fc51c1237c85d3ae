// SPDX-License-Identifier: Apache-2.0
//
// How reports say numbers, times and the words of the contract to people. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "reports/run_document.hpp"

namespace patchlab::reports {

/// "0.4 s", "12 s", "1 min 52 s", "2 h 5 min".
std::string duration_words(double seconds);
/// "812 bytes", "1.4 MB".
std::string size_words(std::uint64_t bytes);
/// "2026-11-23 05:47 UTC" for RFC 3339; anything else as it is.
std::string time_words(const std::string& rfc3339);
/// "1 change", "5,000 changes".
std::string count_words(std::uint64_t n, std::string_view one, std::string_view many);
/// "5,000"
std::string number_words(std::uint64_t n);

/// "Validated"
std::string_view verdict_word(Verdict verdict);
/// What the verdict asks of the reader, one sentence.
std::string_view verdict_meaning(Verdict verdict);
/// "A check that passed before fails now" for check-failed; the kind itself when it is not known.
std::string reason_words(const std::string& kind);

}  // namespace patchlab::reports
