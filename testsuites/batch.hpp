// SPDX-License-Identifier: Apache-2.0
//
// A batch: all checks of some suites as one Perl program (it needs no more than perl-base), and
// what it printed as results. The data of the checks stands behind the program's __END__ as base64,
// never as code. All but run_suites(), which runs it in a guest, are pure functions; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/core/clock.hpp"
#include "platform/guest/channel.hpp"
#include "testsuites/model.hpp"

namespace patchlab::testsuites {

/// The program, for the standard input of `perl -`. `nonce` opens every line of its answer; it must
/// be fresh random hex for each batch, so that nothing in the guest could have prepared a result.
std::string compile_batch(const std::vector<Suite>& suites, const std::string& nonce);

/// The results of a batch, in the order of the suites. Strict: a check without exactly one
/// well-formed line is `unknown`, `why_missing` (when given) being the reason. The bytes are the
/// guest's: capped, made valid UTF-8 without control characters.
std::vector<CheckResult> parse_batch(const std::vector<Suite>& suites, const std::string& nonce,
                                     std::string_view answer, const std::string& why_missing = {});

/// What one check of these suites yields when it could not be asked.
std::vector<CheckResult> all_unknown(const std::vector<Suite>& suites, const std::string& why);

/// The longest these suites may take inside the guest, every attempt of every check running into
/// its limit.
Seconds longest_run(const std::vector<Suite>& suites);

/// The most that their answer may be long.
std::size_t longest_answer(const std::vector<Suite>& suites);

/// One check as one line of data for the program that runs in the guest: "INDEX \t KIND \t
/// key=BASE64 \t …\n". `services`: the units whose memory is read beside each sample.
std::string plan_line(std::size_t index, const Check& check,
                      const std::vector<std::string>& services);

// Runs suites in a guest: all checks are compiled into one script, sent once, and answered once,
// since every round trip through the agent costs up to half a second under emulation.

/// One result for each check (adapters: one for each test of their report), in order. A check that
/// gave no answer is `unknown` with the reason. Throws guest::ChannelLost when the guest falls
/// silent.
std::vector<CheckResult> run_suites(guest::GuestChannel& channel, const std::vector<Suite>& suites);

}  // namespace patchlab::testsuites
