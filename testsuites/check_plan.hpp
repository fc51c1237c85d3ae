// SPDX-License-Identifier: Apache-2.0
//
// One check as one line of data for the program that runs in the guest. Pure; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "testsuites/model.hpp"

namespace patchlab::testsuites {

/// "INDEX \t KIND \t key=BASE64 \t …\n". `services`: the units whose memory is read beside each
/// sample.
std::string plan_line(std::size_t index, const Check& check,
                      const std::vector<std::string>& services);

}  // namespace patchlab::testsuites
