// SPDX-License-Identifier: Apache-2.0
//
// Runs suites in a guest: all checks are compiled into one script, sent once, and answered once,
// since every round trip through the agent costs up to half a second under emulation.
#pragma once

#include <vector>

#include "platform/guest/channel.hpp"
#include "testsuites/model.hpp"

namespace patchlab::testsuites {

/// One result for each check (adapters: one for each test of their report), in order. A check that
/// gave no answer is `unknown` with the reason. Throws guest::ChannelLost when the guest falls
/// silent.
std::vector<CheckResult> run_suites(guest::GuestChannel& channel, const std::vector<Suite>& suites);

}  // namespace patchlab::testsuites
