// SPDX-License-Identifier: Apache-2.0
//
// One look at the vendors of watched labs: what it finds becomes candidates, candidates become
// campaigns, and what follows from a verdict is done. Everything is in the database, so that a look
// which is killed anywhere is made good by the next one.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "orchestrator/campaign/store.hpp"
#include "orchestrator/campaign/watch/definition.hpp"
#include "orchestrator/campaign/watch/store.hpp"
#include "orchestrator/intake/fetcher.hpp"
#include "orchestrator/notify/target.hpp"
#include "orchestrator/operations/operation.hpp"

namespace patchlab::operations {

/// watch.look (schema patchlab/watch-look/v1).
Outcome look_at_vendors(Call& call, const JsonReader& request);

/// What becomes of campaigns of a watch: started, taken up, settled.
class WatchedCampaigns {
  public:
    /// `detached`: campaigns work in processes of their own, and are settled by a later look.
    WatchedCampaigns(Call& call, bool detached)
        : call_(call),
          detached_(detached),
          watches_(call.session.database()),
          campaigns_(call.session.database()) {}

    /// Starts what waits for a lab, where it may. Gives why it may not; empty: nothing waits, or it
    /// was started.
    std::string start(const campaign::WatchDefinition& watch, const std::string& lab);
    /// Takes up campaigns that lost their process or may have more runs now, then acts on those
    /// that are over. Gives them all (schema patchlab/campaign/v1).
    Json follow(const campaign::WatchDefinition& watch);

  private:
    /// How many runs the watch may begin still: what campaigns at work may yet use counts as used.
    /// nullopt: as many as it likes.
    std::optional<std::size_t> runs_left(const campaign::WatchDefinition& watch);
    std::optional<std::size_t> share_of(const campaign::WatchDefinition& watch);
    void record(const campaign::WatchDefinition& watch, const std::string& lab,
                const std::vector<std::string>& patches);
    void go_on(const campaign::WatchDefinition& watch, const std::string& id);
    void settle(const campaign::WatchDefinition& watch, const Json& document);
    void promote(const std::string& channel, const std::string& run);

    Call& call_;
    const bool detached_;
    campaign::WatchStore watches_;
    campaign::CampaignStore campaigns_;
};

/// Quarantines the entries whose packages a vendor does not stand by any more, holds their rollouts
/// and tells their owners. `pending`: what the vendors of the lab have now. Gives what was taken
/// back.
Json act_on_retractions(Call& call, const intake::FetchRequest& vendors,
                        const std::vector<intake::Patch>& pending,
                        const std::vector<std::string>& tell);

/// Targets of the installation, by their names.
std::vector<notify::NotifyTarget> targets_named(const std::vector<std::string>& names);
/// Tells the general targets of the installation and these by name.
void tell(Call& call, const notify::Notice& notice, const std::vector<std::string>& names);

}  // namespace patchlab::operations
