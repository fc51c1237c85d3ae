// SPDX-License-Identifier: Apache-2.0
//
// What drives a campaign: in the process of whoever asked for it, or in one of its own, which acts
// in the name of the same user. Everything that a driver knows is in the database, so that another
// one goes on where a lost one was.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "orchestrator/campaign/store.hpp"
#include "orchestrator/operations/operation.hpp"

namespace patchlab::operations {

/// Works until the campaign is over, stopped or cancelled. Error(conflict) while another process
/// drives it.
void drive_campaign(Call& call, const std::string& id);

/// Starts the process `patchlab internal-campaign ID`.
void launch_campaign(Call& call, const std::string& id);
/// The body of that process. Gives its exit code.
int campaign_process(Session& session, EventSink& events, const std::string& id);

/// Whether a process drives it now.
bool is_driven(Session& session, const std::string& id);

/// It has ended for good: no process takes it up again.
constexpr bool is_over(campaign::CampaignState state) {
    return state == campaign::CampaignState::finished ||
           state == campaign::CampaignState::cancelled;
}

/// Who asks for a campaign when it is no person, and what that means.
struct Commission {
    std::string watch;       ///< empty: a person
    bool undivided = false;  ///< one run of all patches, which is not narrowed down
    std::function<void(const std::string& campaign)> record_besides;  ///< in the same transaction
};

/// Records a campaign of these patches for `request` (see campaign.start.request); nothing is
/// started yet.
campaign::CampaignRow record_campaign(Call& call, const JsonReader& request,
                                      const std::vector<std::string>& patches,
                                      const Commission& by = {});

/// Schema patchlab/campaign/v1 (docs/formats/campaign.md).
Json campaign_document(Session& session, const campaign::CampaignRow& row);
/// The worst of the member `verdict` of these documents; null while one has none.
Json worst_verdict(const Json& documents);
/// Of a campaign as it stands: 0 everything validated, 1 something rejected, 5 something needs a
/// review, 3 anything else.
int exit_of_campaign(const Json& document);

}  // namespace patchlab::operations
