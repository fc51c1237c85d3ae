// SPDX-License-Identifier: Apache-2.0
//
// The stages of a run in words, and which of them were left out: what was not practised proves
// nothing. For reports and change documents. Values; pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reports/run_document.hpp"

namespace patchlab::reports {

/// What a stage does, for a reader who knows none of them: "Reboot check", "the patched machines
/// are rebooted and looked at once more". Both are empty for a stage of another version.
struct StageWords {
    std::string_view title, meaning;
};
StageWords words_of_stage(std::string_view stage);

/// A stage that a user may leave out, and that was left out or not reached.
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
