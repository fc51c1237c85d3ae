// SPDX-License-Identifier: Apache-2.0
//
// record_answers STATE USER < CALLS > ANSWERS: asks each call (a line {"operation": …, "request":
// …}) of a state with simulated machines, and writes the line again with the document, or the
// error, that came of it.
#include <iostream>
#include <span>

#include "orchestrator/operations/operation.hpp"
#include "orchestrator/pipeline/fake/fake_backend.hpp"
#include "platform/core/error.hpp"
#include "platform/process/command.hpp"

namespace {

using namespace patchlab;

pipeline::Backend simulated(const std::string&, const std::filesystem::path&,
                            process::CommandRunner& commands, const Clock& clock) {
    return pipeline::fake_backend(commands, clock);
}

Json answer_of(const Json& call, const std::string& state, const std::string& user) {
    process::SystemCommandRunner commands;
    const SystemClock clock;
    operations::SessionOptions options;
    options.state = state;
    options.user = user;
    options.backends = {"fake", simulated};
    operations::Session session(options, commands, clock);
    operations::NoEvents events;
    Json line = call;
    try {
        line["document"] =
            operations::invoke(session, events, call.at("operation").get<std::string>(),
                               call.at("request"))
                .document;
    } catch (const Error& error) {
        line["error"] = {{"code", std::string(name(error.code()))},
                         {"message", error.message()},
                         {"advice", error.advice()}};
    }
    return line;
}

}  // namespace

int main(int argc, char** argv) {
    const std::span<char*> words(argv, static_cast<std::size_t>(argc));
    if (words.size() != 3) {
        std::cerr << "usage: record_answers STATE USER\n";
        return 2;
    }
    try {
        for (std::string line; std::getline(std::cin, line);)
            std::cout << to_line(answer_of(parse_json(line, "call"), words[1], words[2])) << "\n";
    } catch (const std::exception& error) {
        std::cerr << "record_answers: " << error.what() << "\n";
        return 1;
    }
    return 0;
}
