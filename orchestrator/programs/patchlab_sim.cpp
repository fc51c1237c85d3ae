// SPDX-License-Identifier: Apache-2.0
//
// patchlab-sim: the same program with simulated machines, and with faults on purpose
// (PATCHLAB_FAULT). For trying patchlab out, and for the tests. PATCHLAB_BACKEND=libvirt gives it
// real machines, to let faults happen there. Evidence of simulated machines says so.
#include "orchestrator/cli/program.hpp"
#include "orchestrator/pipeline/fake/fake_backend.hpp"
#include "orchestrator/pipeline/fake/fault_injection.hpp"

namespace {

using namespace patchlab;

pipeline::Backend make_simulated(const std::string& wanted, const std::filesystem::path& state,
                                 process::CommandRunner& commands, const Clock& clock) {
    const bool simulated = wanted == "fake";
    return pipeline::with_faults(simulated
                                     ? pipeline::fake_backend(commands, clock)
                                     : operations::make_backend(wanted, state, commands, clock));
}

}  // namespace

int main(int argc, char** argv) {
    pipeline::obey_fail_points();
    return cli::run_program(argc, argv, {"fake", make_simulated});
}
