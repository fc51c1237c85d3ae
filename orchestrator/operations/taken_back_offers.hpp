// SPDX-License-Identifier: Apache-2.0
//
// Whether what a host needs was taken back: an entry that may not be deployed, or a patch whose
// very packages were withdrawn or quarantined. Such an offer is shown, and never recommended.
// Thread safety: one a thread.
#pragma once

#include "orchestrator/catalog/standing.hpp"
#include "orchestrator/intake/patch.hpp"
#include "orchestrator/inventory/need.hpp"
#include "orchestrator/operations/operation.hpp"

namespace patchlab::operations {

class TakenBackOffers {
  public:
    explicit TakenBackOffers(Call& call);
    /// {entry, state, since, reason}; null: nothing speaks against the offer.
    Json of(const inventory::Offer& offer);

  private:
    Json entry(const std::string& id);
    Json patch(const std::string& id);

    Session& session_;
    catalog::EntryStore entries_;
    intake::PatchStore patches_;
    catalog::Standings standings_;
};

}  // namespace patchlab::operations
