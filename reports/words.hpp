// SPDX-License-Identifier: Apache-2.0
//
// How reports say times and the words of the contract to people. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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
/// "12 files, 1 port, 2 ssh keys": what kinds of things these changes are about.
std::string classes_in_words(const std::vector<const RunChange*>& changes);
/// The same of the sensitive changes that a person has to look at; empty when there is none.
std::string sensitive_classes_in_words(const RunDocument& run);

}  // namespace patchlab::reports
