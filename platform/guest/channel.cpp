// SPDX-License-Identifier: Apache-2.0
#include "platform/guest/channel.hpp"

#include <iterator>

#include "platform/core/text.hpp"

namespace patchlab::guest {

namespace {

constexpr std::size_t most_words = 200;

std::string last_words(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    return printable(std::string_view(text).substr(text.rfind('\n') + 1),
                     most_words);  // no newline: npos + 1 is 0
}

}  // namespace

std::string how_it_ended(const GuestResult& result) {
    if (result.timed_out) return "was not done in time";
    if (result.signal != 0) return "was killed by signal " + std::to_string(result.signal);
    const std::string words = last_words(result.err);
    return "ended with " + std::to_string(result.exit_code) + (words.empty() ? "" : ": " + words);
}

std::vector<std::string> shell_words(std::string_view script,
                                     const std::vector<std::string>& arguments) {
    std::vector<std::string> words{"/bin/sh", "-c", std::string(script), "sh"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return words;
}

GuestResult GuestChannel::run_script(std::string_view script, Seconds deadline,
                                     std::size_t max_output) {
    return run_script(script, {}, deadline, max_output);
}

GuestResult GuestChannel::run_script(std::string_view script, std::vector<std::string> arguments,
                                     Seconds deadline, std::size_t max_output) {
    GuestCommand command;
    command.argv = {"/bin/sh", "-s"};
    if (!arguments.empty()) command.argv.emplace_back("--");
    command.argv.insert(command.argv.end(), std::make_move_iterator(arguments.begin()),
                        std::make_move_iterator(arguments.end()));
    command.input = script;
    command.deadline = deadline;
    command.max_output = max_output;
    return run(command);
}

}  // namespace patchlab::guest
