// SPDX-License-Identifier: Apache-2.0
//
// The grammar `patchlab NOUN VERB`, on top of CLI11: what is wrong with the words, said so that the
// user can mend it. Thread safety: none needed, the door has one thread.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace patchlab::cli {

/// Makes the nouns behave alike: one noun, one verb, options of the top level accepted anywhere.
void shape(CLI::App& app);

/// "image build": the words that call a command; empty for the program itself.
std::string words_of(const CLI::App& command);
/// The commands below one that its help lists.
std::vector<const CLI::App*> shown_commands(const CLI::App& app);

/// What the help of "image build" shows below "Examples:"; empty for a verb that has none.
std::string examples_of(std::string_view verb);

/// "image build": the nouns and verbs that were recognised; "the command line" when none was.
std::string words_so_far(const CLI::App& app);

/// "image: there is no verb 'biuld' (did you mean 'build'?)"
std::string explain(const CLI::App& app, const CLI::ParseError& error);

/// "usage: patchlab image --help tells the words" for the command that was recognised so far.
std::string hint(const CLI::App& app);

/// True when a noun was given without one of its verbs.
bool noun_without_verb(const CLI::App& app);

}  // namespace patchlab::cli
