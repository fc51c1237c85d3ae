// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/words.hpp"

#include <vector>

#include "orchestrator/cli/examples.hpp"
#include "orchestrator/cli/options.hpp"
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
    for (const CLI::App* child : verbs_of(at))
        if (!child->get_group().empty()) verbs.push_back(child->get_name());
    if (verbs.empty()) return "did not expect '" + word + "'";
    return "there is no command '" + word + "'" + did_you_mean(word, verbs);
}

/// What every verb understands besides its own options.
constexpr const char* everywhere =
    "Everywhere: -C DIR (the state folder), --as USER (who acts); exit codes: 0 done, 1 the answer "
    "is no, 2 the command line or a definition is wrong, 3 the lab or the host failed, 4 not "
    "allowed, 5 needs review";

void shape_below(CLI::App& app, const std::string& path) {
    if (verbs_of(app).empty()) {
        if (app.get_footer().empty()) add_examples(app, examples_of(path));
        const std::string own = app.get_footer();
        app.footer(own.empty() ? everywhere : own + "\n\n" + everywhere);
        return;
    }
    // without a maximum, CLI11 would take an argument that is called like another noun for that
    // noun
    app.require_subcommand(0, 1);
    for (CLI::App* child : app.get_subcommands([](CLI::App*) { return true; })) {
        child->fallthrough();
        shape_below(*child, path + (path.empty() ? "" : " ") + child->get_name());
    }
}

}  // namespace

void shape(CLI::App& app) { shape_below(app, ""); }

std::string words_so_far(const CLI::App& app) {
    std::string words;
    for (const CLI::App* at = &app; !at->get_subcommands().empty();) {
        at = at->get_subcommands().front();
        words += (words.empty() ? "" : " ") + at->get_name();
    }
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

bool noun_without_verb(const CLI::App& app) { return !verbs_of(deepest(app)).empty(); }

}  // namespace patchlab::cli
