// SPDX-License-Identifier: Apache-2.0
//
// JUnit XML of one run. Only a check that passed without the patch and fails with it is a failure;
// what could not be observed is an error; what failed before as well is skipped with that reason.
// Pure functions.
#pragma once

#include <string>

#include "reports/run_document.hpp"

namespace patchlab::reports {

std::string junit_xml(const RunDocument& run);

}  // namespace patchlab::reports
