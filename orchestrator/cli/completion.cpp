// SPDX-License-Identifier: Apache-2.0
//
// `completion`: what a shell needs to complete the command line, made from the verbs themselves.
#include <map>

#include "cli_files.hpp"
#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/output.hpp"

namespace patchlab::cli {

namespace {

/// "run show" → what may follow: commands, or options.
using WordsAfter = std::map<std::string, std::vector<std::string>>;

void collect(const CLI::App& app, const std::string& path, WordsAfter& words) {
    std::vector<std::string>& here = words[path];
    for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; })) {
        if (child->get_group().empty()) continue;  // hidden
        here.push_back(child->get_name());
        collect(*child, path.empty() ? child->get_name() : path + " " + child->get_name(), words);
    }
    for (const CLI::Option* option : app.get_options())
        if (!option->get_group().empty())
            for (const std::string& name : option->get_lnames()) here.push_back("--" + name);
}

/// Which list knows what a positional argument may be.
void collect_lists(const CLI::App& app, const std::string& path,
                   std::map<std::string, std::string>& lists) {
    static const std::map<std::string, std::string> known{
        {"RUN", "run list"},  {"OTHER", "run list"},       {"ENTRY", "catalog list"},
        {"ID", "patch list"}, {"ROLLOUT", "rollout list"}, {"HOST", "inventory list"},
        {"LAB", "lab list"},  {"DELIVERY", "notify list"}};
    for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; }))
        collect_lists(*child, path.empty() ? child->get_name() : path + " " + child->get_name(),
                      lists);
    for (const CLI::Option* option : app.get_options())
        if (const auto list = known.find(option->get_name(true)); list != known.end())
            lists[path] = list->second;
}

std::string joined_by_blanks(const std::vector<std::string>& words) {
    std::string all;
    for (const std::string& word : words) all += (all.empty() ? "" : " ") + word;
    return all;
}

std::string bash_script(const CLI::App& app) {
    WordsAfter words;
    std::map<std::string, std::string> lists;
    collect(app, "", words);
    collect_lists(app, "", lists);
    std::string script = "# completion of patchlab for bash\ndeclare -A _patchlab_words=(\n";
    for (const auto& [path, after] : words)
        script += "  ['" + (path.empty() ? "." : path) + "']='" + joined_by_blanks(after) + "'\n";
    script += ")\ndeclare -A _patchlab_lists=(\n";
    for (const auto& [path, list] : lists) script += "  ['" + path + "']='" + list + "'\n";
    return script + ")\n" + std::string(embedded::cli_files::file("completion.bash"));
}

std::string zsh_script(const CLI::App& app) {
    return std::string(embedded::cli_files::file("completion.zsh")) + bash_script(app);
}

std::string fish_script(const CLI::App& app) {
    WordsAfter words;
    collect(app, "", words);
    std::string script = "# completion of patchlab for fish\n";
    for (const auto& [path, after] : words) {
        const std::string when =
            path.empty() ? "__fish_use_subcommand"
                         : "__fish_seen_subcommand_from " + path.substr(path.rfind(' ') + 1);
        for (const std::string& word : after)
            script += "complete -c patchlab -n '" + when + "' " +
                      (word.starts_with("--") ? "-l " + word.substr(2) : "-f -a " + word) + "\n";
    }
    return script;
}

}  // namespace

void add_completion(CLI::App& app, Context&) {
    CLI::App* verb =
        app.add_subcommand("completion", "print what a shell needs to complete the command line");
    auto shell = std::make_shared<std::string>();
    verb->add_option("SHELL", *shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}).description(""));
    verb->callback([&app, shell] {
        if (*shell == "bash") write_output(bash_script(app), "");
        else write_output(*shell == "zsh" ? zsh_script(app) : fish_script(app), "");
    });
}

}  // namespace patchlab::cli
