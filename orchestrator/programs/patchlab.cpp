// SPDX-License-Identifier: Apache-2.0
//
// patchlab: real machines, and nothing that plays them.
#include "orchestrator/cli/program.hpp"

int main(int argc, char** argv) {
    return patchlab::cli::run_program(argc, argv, patchlab::operations::real_backends());
}
