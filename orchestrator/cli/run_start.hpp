// SPDX-License-Identifier: Apache-2.0
//
// `run start`: one rehearsal of all patches together, one for each patch, or the search for the
// patches of a bundle that fail.
#pragma once

#include "orchestrator/cli/context.hpp"
#include "orchestrator/intake/patch.hpp"
#include "orchestrator/pipeline/lab/backend.hpp"
#include "orchestrator/pipeline/run/planner.hpp"
#include "orchestrator/pipeline/run/run_folder.hpp"

namespace patchlab::cli {

struct StartOptions {
    std::string lab;
    std::vector<std::string> patches;
    std::vector<std::string> suites;
    bool detach = false;
    bool each = false;
    bool bisect = false;
    unsigned jobs = 0;  ///< trials at once; 0: as many as the host bears
    bool no_drill = false;
    bool no_endure = false;
    bool allow_downgrade = false;
    double apply_deadline = 1200;
    std::vector<std::string> faults;
};

/// What the runs of one command share: the lab, the host, the options.
class Rehearsals {
  public:
    /// Error(not_found) for a lab that is not there.
    Rehearsals(Context& context, const StartOptions& options);

    /// A checked request for these patches together. Error(invalid) when there is nothing to
    /// rehearse.
    pipeline::RunPlan plan(const std::vector<intake::Patch>& patches);
    std::string start(const std::vector<intake::Patch>& patches);
    const pipeline::Backend& backend() const { return backend_; }
    StartOptions options;

  private:
    Context& context_;
    pipeline::StoredLab lab_;
    images::ImageStore images_;
    pipeline::Backend backend_;
};

void add_run_start(CLI::App& noun, Context& context);
/// Follows one run to its end, prints it, and sets the exit code.
void finish_start(Context& context, const std::string& id);

/// The same for a run that was followed to its end, which was `state`. Error(lab) when it has no
/// verdict.
void conclude(Context& context, const std::string& id, const pipeline::RunState& state);

/// Each patch by itself, several at once (run_each.cpp).
void start_each(Context& context, Rehearsals& rehearsals,
                const std::vector<intake::Patch>& patches);
/// The bundle; when it is rejected, the smallest set of its patches that is (run_bisect.cpp).
void start_bisect(Context& context, Rehearsals& rehearsals,
                  const std::vector<intake::Patch>& patches);

}  // namespace patchlab::cli
