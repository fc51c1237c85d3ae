// SPDX-License-Identifier: Apache-2.0
#include "platform/core/fail_point.hpp"

#include <atomic>

namespace patchlab {

namespace {

std::atomic<FailPointHandler> handler_of_fail_points{nullptr};

}  // namespace

void on_fail_point(FailPointHandler handler) { handler_of_fail_points = handler; }

void fail_point(std::string_view name) {
    if (const FailPointHandler handler = handler_of_fail_points.load()) handler(name);
}

}  // namespace patchlab
