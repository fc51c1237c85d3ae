// SPDX-License-Identifier: Apache-2.0
#include "testsuites/runner.hpp"

#include "platform/core/digest.hpp"
#include "suite_files.hpp"
#include "testsuites/batch.hpp"
#include "testsuites/guest_text.hpp"

namespace patchlab::testsuites {

namespace {

constexpr int exit_without_perl = 97;  // run_perl.sh

guest::GuestCommand command_for(const std::vector<Suite>& suites, const std::string& nonce) {
    guest::GuestCommand command;
    command.argv = guest::shell_words(embedded::suite_files::file("run_perl.sh"), {});
    command.input = compile_batch(suites, nonce);
    command.deadline = longest_run(suites);
    command.max_output = longest_answer(suites);
    return command;
}

/// Why a check has no line in the answer.
std::string why_missing(const guest::GuestResult& result) {
    if (result.exit_code == exit_without_perl) return "there is no perl in the guest";
    if (result.timed_out) return "the checks were not done in time";
    if (result.signal != 0)
        return "the program that runs the checks was ended by signal " +
               std::to_string(result.signal);
    if (result.exit_code != 0)
        return "the program that runs the checks failed with exit " +
               std::to_string(result.exit_code) + ": " + guest_text(result.err, 500);
    return result.truncated ? "the answer was too long" : "";
}

}  // namespace

std::vector<CheckResult> run_suites(guest::GuestChannel& channel,
                                    const std::vector<Suite>& suites) {
    if (all_unknown(suites, "").empty()) return {};
    const std::string nonce = random_hex(16);
    const guest::GuestResult result = channel.run(command_for(suites, nonce));
    return parse_batch(suites, nonce, result.out, why_missing(result));
}

}  // namespace patchlab::testsuites
