// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/nodes/head/fence.hpp"

namespace patchlab::nodes {

void expect_newest(const pipeline::RunFolder& run, int attempt) {
    if (const std::string why = pipeline::why_superseded(run, attempt); !why.empty())
        throw Superseded(why);
}

}  // namespace patchlab::nodes
