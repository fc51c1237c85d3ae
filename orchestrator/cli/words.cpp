// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/words.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

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
        const std::string meant = nearest(word, options);
        return "there is no option '" + word + "'" +
               (meant.empty() ? "" : " (did you mean '" + meant + "'?)");
    }
    std::vector<std::string> verbs;
    for (const CLI::App* child : verbs_of(at))
        if (!child->get_group().empty()) verbs.push_back(child->get_name());
    if (verbs.empty()) return "did not expect '" + word + "'";
    const std::string meant = nearest(word, verbs);
    return "there is no command '" + word + "'" +
           (meant.empty() ? "" : " (did you mean '" + meant + "'?)");
}

std::size_t edit_distance(const std::string& a, const std::string& b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row.back();
}

void shape_below(CLI::App& app) {
    if (verbs_of(app).empty()) return;
    // without a maximum, CLI11 would take an argument that is called like another noun for that
    // noun
    app.require_subcommand(0, 1);
    for (CLI::App* child : app.get_subcommands([](CLI::App*) { return true; })) {
        child->fallthrough();
        shape_below(*child);
    }
}

}  // namespace

void shape(CLI::App& app) { shape_below(app); }

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

std::string nearest(const std::string& word, const std::vector<std::string>& known) {
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
    for (const std::string& candidate : known) {
        const std::size_t distance = edit_distance(word, candidate);
        if (distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    }
    return best;
}

}  // namespace patchlab::cli
