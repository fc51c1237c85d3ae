// SPDX-License-Identifier: Apache-2.0
//
// Rehearsals: one of all patches together (run.start), one for each patch (run.each), or the
// search for the patches of a bundle that fail (run.bisect). All three take the same options.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/intake/patch.hpp"
#include "orchestrator/operations/run_process.hpp"
#include "orchestrator/pipeline/stages/packages.hpp"

namespace patchlab::operations {

Outcome start_run(Call& call, const JsonReader& request);
/// Each patch by itself, several at once (run_each.cpp).
Outcome start_each(Call& call, const JsonReader& request);
/// The bundle; when it is rejected, the smallest set of its patches that is (run_bisect.cpp).
Outcome start_bisect(Call& call, const JsonReader& request);

/// What the runs of one request share: the lab, the host, the options.
class Rehearsals {
  public:
    /// Error(not_found) for a lab or a patch that is not there.
    Rehearsals(Call& call, const JsonReader& request);

    /// A checked request for these patches together. Error(invalid) when there is nothing to
    /// rehearse.
    pipeline::RunPlan plan(const std::vector<intake::Patch>& patches);
    std::string start(const std::vector<intake::Patch>& patches, const RecordWithRun& besides = {});

    std::vector<intake::Patch> patches;
    std::vector<std::string> faults;
    bool drill = true;
    bool reboot_check = true;
    std::string queue;  ///< empty: the usual one

  private:
    const std::vector<std::string>& suites();

    Call& call_;
    pipeline::StoredLab lab_;
    images::ImageStore images_;
    pipeline::Backend backend_;
    std::vector<std::string> suites_;
    bool dependents_ = false;  ///< the suites of what depends on the patches are still to be added
    bool allow_downgrade_ = false;
    double apply_deadline_ = 1200;
    double stall_after_ = 120;
};

/// What is installed in the images of the request's machines.
std::vector<pipeline::InstalledPackages> installed_in(Session& session,
                                                      const pipeline::RunRequest& request);

/// Where a scheduler has a run that is not over; null: none has it.
Json place_of(Session& session, const pipeline::RunRow& run);
/// The sealed document of a run that is over, or what can be told of one under way.
/// Error(not_found).
Json document_of(Session& session, const std::string& id);
/// The verdict that the run's evidence says; empty while there is none.
std::string verdict_of(Session& session, const pipeline::RunRow& run);
/// What document_of() gave says of it; empty when it says nothing.
std::string verdict_in(const Json& document);
/// Of a run and its verdict; of a preparation, which has none, 0 when it ended well.
int exit_of_run(Session& session, const pipeline::RunRow& run, const std::string& verdict);
/// 0 validated, 5 needs-review, 1 rejected, 3 anything else.
int exit_of(const std::string& verdict);
/// The outcome of a run that was followed to its end, which was `state`. Error(lab) when it has no
/// verdict.
Outcome conclude(Session& session, const std::string& id, const pipeline::RunState& state);

}  // namespace patchlab::operations
