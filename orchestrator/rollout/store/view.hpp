// SPDX-License-Identifier: Apache-2.0
//
// A rollout as a document (schema patchlab/rollout-status/v1, docs/formats/rollout.md): why it is
// where it is first, then rings and hosts. Without the hosts it is one walk over one index,
// whatever their number. Reads the store; one a thread.
#pragma once

#include "orchestrator/rollout/store/store.hpp"
#include "platform/core/json_fwd.hpp"

namespace patchlab::rollout {

/// `with_hosts`: every host with all that is known of it. Without: only those that a person must
/// look at, at most 50.
Json status_json(RolloutStore& store, const RolloutRow& row, bool with_hosts);
/// Everything about it (schema patchlab/rollout-report/v1): its status with every host, who started
/// it, when and how long, its definition, what was checked, and what happened.
/// `shown`: which of the hosts, for whoever reads page by page.
struct HostsShown {
    std::int64_t from = 0;  ///< counted from 0 in the order of the plan
    std::int64_t most = 10'000'000;
    std::int64_t first_of_rings = 0;  ///< names and states, besides, of so many of each ring
};
Json report_json(RolloutStore& store, const RolloutRow& row, const HostsShown& shown = {});
/// What turned it from its way, oldest first: [{time, event, text}]. It is told for ever, whatever
/// state the rollout comes to afterwards.
Json history_json(RolloutStore& store, const RolloutRow& row);
/// One line of a listing.
Json summary_json(const RolloutRow& row);

}  // namespace patchlab::rollout
