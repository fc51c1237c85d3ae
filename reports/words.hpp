// SPDX-License-Identifier: Apache-2.0
//
// How reports say times, stages and the words of the contract to people. Pure functions.
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

/// What a stage does, for a reader who knows none of them: "Reboot check", "the patched machines
/// are rebooted and looked at once more". Both are empty for a stage of another version.
struct StageWords {
    std::string_view title, meaning;
};
StageWords words_of_stage(std::string_view stage);
/// The names of all stages, in the order in which a run passes them.
std::vector<std::string> stages_of_a_run();

/// A stage that a user may leave out, and that was left out or not reached: what was not practised
/// proves nothing.
struct NotPractised {
    std::string stage;  ///< "endure"
    std::string what;   ///< "Reboot check"
    std::string why;    ///< "not asked for (--no-reboot-check)", "not reached"
};
/// The reboot check, the rollback drill and fault tests, as far as the run did not practise them.
/// A patch whose own reboot was looked at has had its reboot check. Runs of older versions, which
/// called a stage without work done, are taken at their word.
std::vector<NotPractised> not_practised(const RunDocument& run);

}  // namespace patchlab::reports
