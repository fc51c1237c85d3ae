// SPDX-License-Identifier: Apache-2.0
//
// When candidate patches are due: the feeds' answers, and what the inventory says of the hosts that
// need them. Thread safety: one a thread.
#pragma once

#include <map>

#include "orchestrator/feeds/ranking/rank.hpp"
#include "orchestrator/intake/patch.hpp"
#include "orchestrator/inventory/host.hpp"
#include "orchestrator/inventory/need_finder.hpp"
#include "platform/core/clock.hpp"
#include "platform/store/database.hpp"

namespace patchlab::operations {

class PatchUrgency {
  public:
    PatchUrgency(store::Database& database, TimePoint now, feeds::Table table);
    feeds::RankedPatch rank(const intake::Patch& patch);

  private:
    feeds::Stakes stakes_of(const intake::Patch& patch);

    TimePoint now_;
    feeds::Table table_;
    feeds::AnswerBook book_;
    inventory::NeedFinder finder_;
    std::map<std::string, inventory::Host> hosts_;
};

}  // namespace patchlab::operations
