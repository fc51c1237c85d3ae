// SPDX-License-Identifier: Apache-2.0
//
// People of a played lab who can log in.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "tests/support/program.hpp"

namespace patchlab::tests {

inline constexpr const char* usual_password = "four words are enough";

/// Gives the user the usual password, as whoever owns the state does.
inline void give_password(const PlayedLab& lab, const std::string& user) {
    process::CommandSpec command;
    command.program = PATCHLAB_SIM;
    command.args = {"--state", lab.state().string(), "user", "password", user, "--fd", "0"};
    command.input = std::string(usual_password) + "\n";
    command.purpose = "setting a password";
    const auto result = process::SystemCommandRunner().run(command);
    EXPECT_EQ(result.exit_code, 0) << user << ": " << result.err;
}

}  // namespace patchlab::tests
