// SPDX-License-Identifier: Apache-2.0
#include "tests/live/images/patchlab_program.hpp"

#include <iostream>

namespace patchlab::live {

process::CommandResult patchlab(const std::filesystem::path& state, const std::vector<std::string>& words, Seconds deadline) {
    process::CommandSpec spec;
    spec.program = PATCHLAB_PROGRAM;
    spec.args = {"--state", state.string()};
    spec.args.insert(spec.args.end(), words.begin(), words.end());
    spec.purpose = "running patchlab";
    spec.deadline = deadline;
    spec.on_output_line = [](std::string_view line) { std::cerr << "    " << line << '\n'; };
    return process::SystemCommandRunner().run(spec);
}

void host(const std::string& program, const std::vector<std::string>& args) {
    process::CommandSpec spec;
    spec.program = program;
    spec.args = args;
    spec.purpose = "preparing a test";
    process::SystemCommandRunner().require(spec);
}

}  // namespace patchlab::live
