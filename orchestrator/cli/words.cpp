// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/words.hpp"

#include "platform/core/text.hpp"

namespace patchlab::cli {

namespace {

const CLI::App& deepest(const CLI::App& app) {
    const CLI::App* at = &app;
    while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
    return *at;
}

std::vector<const CLI::App*> verbs_of(const CLI::App& app) {
    return app.get_subcommands([](const CLI::App*) { return true; });
}

/// What `explain` says about the first word that nothing took.
std::string unknown_word(const CLI::App& at, const std::string& word) {
    if (word.size() > 1 && word.front() == '-') {
        std::vector<std::string> options;
        for (const CLI::Option* option : at.get_options())
            for (const std::string& name : option->get_lnames()) options.push_back("--" + name);
        return "there is no option '" + word + "'" + did_you_mean(word, options);
    }
    std::vector<std::string> verbs;
    for (const CLI::App* child : shown_commands(at)) verbs.push_back(child->get_name());
    if (verbs.empty()) return "did not expect '" + word + "'";
    return "there is no command '" + word + "'" + did_you_mean(word, verbs);
}

constexpr const char* works_by_itself = "watch";  ///< a noun that is a verb, too

/// What every verb understands besides its own options.
constexpr const char* everywhere =
    "Everywhere: -C DIR (the state folder), --as USER (who acts); exit codes: 0 done, 1 the answer "
    "is no, 2 the command line or a definition is wrong, 3 the lab or the host failed, 4 not "
    "allowed, 5 needs review";

/// What stands below the options of a verb: what it says itself, its examples, what holds
/// everywhere.
std::string footer_of(const CLI::App& verb) {
    std::string footer;
    for (const std::string& part :
         {verb.get_footer(), examples_of(words_of(verb)), std::string(everywhere)})
        if (!part.empty()) footer += (footer.empty() ? "" : "\n\n") + part;
    return footer;
}

}  // namespace

void shape(CLI::App& app) {
    if (verbs_of(app).empty()) {
        app.footer(footer_of(app));
        return;
    }
    // without a maximum, CLI11 would take an argument that is called like another noun for that
    // noun
    app.require_subcommand(0, 1);
    for (CLI::App* child : app.get_subcommands([](CLI::App*) { return true; })) {
        child->fallthrough();
        shape(*child);
    }
}

std::string words_of(const CLI::App& command) {
    const CLI::App* above = command.get_parent();
    if (above == nullptr) return {};
    const std::string before = words_of(*above);
    return before + (before.empty() ? "" : " ") + command.get_name();
}

std::vector<const CLI::App*> shown_commands(const CLI::App& app) {
    return app.get_subcommands([](const CLI::App* child) { return !child->get_group().empty(); });
}

std::string words_so_far(const CLI::App& app) {
    const std::string words = words_of(deepest(app));
    return words.empty() ? "the command line" : words;
}

std::string explain(const CLI::App& app, const CLI::ParseError& error) {
    const std::vector<std::string> rest = app.remaining(true);
    const bool extras = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && !rest.empty();
    return words_so_far(app) + ": " +
           (extras ? unknown_word(deepest(app), rest.front()) : std::string(error.what()));
}

std::string hint(const CLI::App& app) {
    const CLI::App& at = deepest(app);
    const std::string words = &at == &app ? "" : words_so_far(app) + " ";
    return "usage: 'patchlab " + words + "--help' lists the words it knows";
}

bool noun_without_verb(const CLI::App& app) {
    const CLI::App& last = deepest(app);
    return !verbs_of(last).empty() && last.get_name() != works_by_itself;
}

}  // namespace patchlab::cli
