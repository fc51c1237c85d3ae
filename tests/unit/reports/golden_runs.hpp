// SPDX-License-Identifier: Apache-2.0
//
// The runs of tests/golden as documents.
#pragma once

#include <string>

#include "platform/core/json.hpp"
#include "reports/run_document.hpp"

namespace patchlab::reports {

inline RunDocument example(const std::string& name) {
    return parse_run_document(read_json(std::string(PATCHLAB_GOLDEN) + "/run/" + name + ".json"));
}

}  // namespace patchlab::reports
