// SPDX-License-Identifier: Apache-2.0
//
// What seems to be slower is measured once more beside unpatched clones, turn by turn: the host of
// this very minute is the same for both, however busy it is. Findings are below <trial>/beside, one
// file a machine and kind.
//   <machine>-rounds.json   [{suite, name, unpatched: [[seconds…]…], patched: [[seconds…]…]}] a
//                           check that seems slower
//   <machine>-boots.json    {unpatched: seconds, patched: seconds} a boot that seems slower
// What goes wrong with the clone beside is no finding and no fault: nothing is left then, and the
// stage `witness` decides.
#pragma once

#include "orchestrator/pipeline/stages/trial.hpp"
#include "orchestrator/pipeline/verdict/regression.hpp"

namespace patchlab::pipeline {

struct Beside {
    std::vector<Rounds> checks;
    std::optional<Boots> boots;

    /// Whether `regression`, a reason of this machine, was looked at so.
    bool settles(const Reason& regression) const;
};

std::filesystem::path beside_folder(const std::filesystem::path& trial);
/// Empty where nothing was measured.
Beside read_beside(const std::filesystem::path& trial, const std::string& machine);

/// Measures these checks ("suite/name", by machine) in turns. ChannelLost when a patched machine
/// falls silent.
void measure_beside(const Trial& trial,
                    const std::map<std::string, std::vector<std::string>>& checks);
/// Starts the patched machine and an unpatched clone anew, both at once. ChannelLost when the
/// patched machine falls silent.
void boot_beside(const Trial& trial, const std::string& machine);

/// The suites with these checks ("suite/name") alone.
std::vector<testsuites::Suite> only_checks(const std::vector<testsuites::Suite>& suites,
                                           const std::vector<std::string>& checks);

}  // namespace patchlab::pipeline
