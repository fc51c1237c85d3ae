// SPDX-License-Identifier: Apache-2.0
//
// What all verbs of the program share, found by walking its own help.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <sstream>

#include "tests/support/program.hpp"

namespace patchlab::tests {
namespace {

using testing::HasSubstr;
using Words = std::vector<std::string>;

class Verbs : public testing::Test {
  protected:
    std::string help(Words words) {
        words.push_back("--help");
        const process::CommandResult result = lab_.run(words);
        EXPECT_EQ(result.exit_code, 0) << testing::PrintToString(words) << result.err;
        return result.out;
    }

    /// The commands below `words`; empty for a verb.
    static Words commands_in(const std::string& help) {
        static const std::regex command("^  ([a-z][a-z-]*)( .*)?$");
        Words found;
        std::istringstream lines(help.substr(std::min(help.find("\nSubcommands:"), help.size())));
        std::smatch match;
        for (std::string line; std::getline(lines, line);)
            if (std::regex_match(line, match, command)) found.push_back(match[1]);
        return found;
    }

    void walk(const Words& words,
              const std::function<void(const Words&, const std::string&)>& see) {
        const std::string text = help(words);
        const Words commands = commands_in(text);
        if (commands.empty()) return see(words, text);
        for (const std::string& command : commands) {
            Words below = words;
            below.push_back(command);
            walk(below, see);
        }
    }

    PlayedLab lab_;
};

std::string verb_of(const Words& words) {
    std::string verb;
    for (const std::string& word : words) verb += (verb.empty() ? "" : " ") + word;
    return verb;
}

TEST_F(Verbs, all_show_examples_of_themselves_and_have_json) {
    /// They write a document byte for byte.
    const std::set<std::string> documents{"audit head", "key export", "catalog key export",
                                          "completion", "man"};
    std::size_t seen = 0;
    walk({}, [&](const Words& words, const std::string& text) {
        ++seen;
        const std::string verb = verb_of(words);
        EXPECT_THAT(text, HasSubstr("\nExamples:\n")) << verb;
        EXPECT_THAT(text, HasSubstr(verb + " ")) << verb;
        if (!documents.contains(verb)) {
            EXPECT_THAT(text, HasSubstr("--json")) << verb;
        }
    });
    EXPECT_GT(seen, 70U);
}

}  // namespace
}  // namespace patchlab::tests
