// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/stages/stale.hpp"

#include "guest_scripts.hpp"

namespace patchlab::pipeline {

std::string_view stale_script() { return embedded::guest_scripts::file("stale.pl"); }

}  // namespace patchlab::pipeline
