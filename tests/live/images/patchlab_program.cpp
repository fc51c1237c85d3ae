// SPDX-License-Identifier: Apache-2.0
#include "tests/live/images/patchlab_program.hpp"

#include <cstdlib>
#include <iostream>
#include <string_view>

namespace patchlab::live {

namespace {

/// Prints what a person would read; a JSON document is for the test, and would drown the reason of
/// a failure in a log.
class Echo {
  public:
    void operator()(std::string_view line) {
        if (line == "{") in_document_ = true;
        if (!in_document_) std::cerr << "    " << line << '\n';
        if (line == "}") in_document_ = false;
    }

  private:
    bool in_document_ = false;
};

}  // namespace

process::CommandResult patchlab(const std::filesystem::path& state,
                                const std::vector<std::string>& words, Seconds deadline) {
    process::CommandSpec spec;
    // only the program with simulated machines meets faults on purpose, on real ones as well
    const bool faulty = std::getenv("PATCHLAB_FAULT") != nullptr;
    spec.program = faulty ? PATCHLAB_SIM : PATCHLAB_PROGRAM;
    if (faulty) spec.environment["PATCHLAB_BACKEND"] = "libvirt";
    spec.args = {"--state", state.string()};
    spec.args.insert(spec.args.end(), words.begin(), words.end());
    spec.purpose = "running patchlab";
    spec.deadline = deadline;
    spec.on_output_line = Echo();
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
