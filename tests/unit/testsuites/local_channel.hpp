// SPDX-License-Identifier: Apache-2.0
//
// A channel into this very machine: the program that runs checks needs only sh and perl, so its
// tests need no guest.
#pragma once

#include <gtest/gtest.h>

#include "platform/guest/channel.hpp"
#include "platform/process/command.hpp"
#include "testsuites/batch.hpp"

namespace patchlab::testsuites {

class LocalChannel final : public guest::GuestChannel {
  public:
    void wait_until_ready(Seconds) override {}
    guest::GuestResult run(const guest::GuestCommand& command) override {
        process::CommandSpec spec;
        spec.program = command.argv.at(0);
        spec.args.assign(command.argv.begin() + 1, command.argv.end());
        spec.purpose = "running checks on this machine";
        spec.deadline = command.deadline;
        spec.input = command.input;
        spec.max_output = command.max_output;
        const process::CommandResult done = runner_.run(spec);
        last_error = done.err;
        return {done.exit_code, done.signal, done.timed_out, done.truncated, done.out, done.err};
    }
    void freeze() override {}
    void thaw() override {}
    void set_time(TimePoint) override {}

    std::string last_error;  ///< what the last command wrote to stderr

  private:
    process::SystemCommandRunner runner_;
};

/// The result of this check alone; the test fails when the program warns.
inline CheckResult run_one(Check check) {
    LocalChannel channel;
    const auto results = run_suites(channel, {{"s", "", {std::move(check)}, ""}});
    EXPECT_EQ(channel.last_error, "") << "the program is free of warnings";
    return results.at(0);
}

}  // namespace patchlab::testsuites
