// SPDX-License-Identifier: Apache-2.0
//
// Not a test: what ./bench nodes measures on the real Slurm, the same run here and there, in turns.
#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "tests/live/nodes/cluster_fixture.hpp"

namespace patchlab::tests {
namespace {

class NodesBench : public Cluster {};

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

TEST_F(NodesBench, a_run_here_and_there) {
    if (!std::getenv("PATCHLAB_BENCH")) GTEST_SKIP() << "a measurement";
    constexpr int runs = 9;
    std::vector<double> here, there;
    for (int i = 0; i < runs; ++i) {
        const Stopwatch local;
        ASSERT_EQ(lab().rehearse().exit_code, 0);
        here.push_back(local.seconds());
        const Stopwatch slurm;
        ASSERT_EQ(rehearse().exit_code, 0);
        there.push_back(slurm.seconds());
    }
    std::cout << to_line({{"runs", runs},
                          {"local_seconds", median(here)},
                          {"slurm_seconds", median(there)}})
              << std::endl;
}

}  // namespace
}  // namespace patchlab::tests
