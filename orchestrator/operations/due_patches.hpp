// SPDX-License-Identifier: Apache-2.0
//
// Patches with the dates by which they are due, as patch.rank gives them: what figures, alerts and
// the page of today share. Thread safety: one a thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "orchestrator/operations/operation.hpp"

namespace patchlab::operations {

struct DuePatch {
    std::string id;
    std::string limit;  ///< the band: "three-days"; empty: nothing is known of its urgency
    std::string due;    ///< RFC 3339; empty: at the next upgrade
    bool overdue = false;
    std::int64_t hosts = 0;  ///< that need it
};

/// nullopt: nothing ranks patches here, so nobody knows what is overdue.
std::optional<std::vector<DuePatch>> due_patches(Call& call);

}  // namespace patchlab::operations
