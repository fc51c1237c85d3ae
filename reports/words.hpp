// SPDX-License-Identifier: Apache-2.0
//
// How reports say times and the words of the contract to people. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "platform/core/text_units.hpp"
#include "reports/run_document.hpp"

namespace patchlab::reports {

/// "2026-11-23 05:47 UTC" for RFC 3339; anything else as it is.
std::string time_words(const std::string& rfc3339);
/// "Validated"
std::string_view verdict_word(Verdict verdict);
/// What the verdict asks of the reader, one sentence.
std::string_view verdict_meaning(Verdict verdict);
/// "A check that passed before fails now" for check-failed; the kind itself when it is not known.
std::string reason_words(const std::string& kind);

}  // namespace patchlab::reports
