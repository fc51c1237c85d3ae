// SPDX-License-Identifier: Apache-2.0
//
// `completion`: what a shell needs to complete the command line, made from the verbs themselves.
#include <map>

#include "cli_files.hpp"
#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/output.hpp"
#include "orchestrator/cli/words.hpp"

namespace patchlab::cli {

namespace {

/// By the words of a command, such as "run show".
struct Completions {
    std::map<std::string, std::vector<std::string>> words;  ///< what may follow: commands, options
    std::map<std::string, std::string> lists;  ///< the list that knows what its argument may be
};

void collect(const CLI::App& app, Completions& found) {
    static const std::map<std::string, std::string> known{
        {"RUN", "run list"},  {"OTHER", "run list"},       {"ENTRY", "catalog list"},
        {"ID", "patch list"}, {"ROLLOUT", "rollout list"}, {"HOST", "inventory list"},
        {"LAB", "lab list"},  {"DELIVERY", "notify list"}};
    const std::string path = words_of(app);
    std::vector<std::string>& here = found.words[path];
    for (const CLI::App* child : shown_commands(app)) {
        here.push_back(child->get_name());
        collect(*child, found);
    }
    for (const CLI::Option* option : app.get_options()) {
        if (option->get_group().empty()) continue;  // hidden
        for (const std::string& name : option->get_lnames()) here.push_back("--" + name);
        if (const auto list = known.find(option->get_name(true)); list != known.end())
            found.lists[path] = list->second;
    }
}

std::string joined_by_blanks(const std::vector<std::string>& words) {
    std::string all;
    for (const std::string& word : words) all += (all.empty() ? "" : " ") + word;
    return all;
}

std::string bash_script(const Completions& found) {
    std::string script = "# completion of patchlab for bash\ndeclare -A _patchlab_words=(\n";
    for (const auto& [path, after] : found.words)
        script += "  ['" + (path.empty() ? "." : path) + "']='" + joined_by_blanks(after) + "'\n";
    script += ")\ndeclare -A _patchlab_lists=(\n";
    for (const auto& [path, list] : found.lists) script += "  ['" + path + "']='" + list + "'\n";
    return script + ")\n" + std::string(embedded::cli_files::file("completion.bash"));
}

std::string fish_script(const Completions& found) {
    std::string script = "# completion of patchlab for fish\n";
    for (const auto& [path, after] : found.words) {
        const std::string when =
            path.empty() ? "__fish_use_subcommand"
                         : "__fish_seen_subcommand_from " + path.substr(path.rfind(' ') + 1);
        for (const std::string& word : after)
            script += "complete -c patchlab -n '" + when + "' " +
                      (word.starts_with("--") ? "-l " + word.substr(2) : "-f -a " + word) + "\n";
    }
    return script;
}

std::string script_for(const std::string& shell, const CLI::App& app) {
    Completions found;
    collect(app, found);
    if (shell == "fish") return fish_script(found);
    const std::string before =
        shell == "zsh" ? std::string(embedded::cli_files::file("completion.zsh")) : "";
    return before + bash_script(found);
}

}  // namespace

void add_completion(CLI::App& app, Context&) {
    CLI::App* verb =
        app.add_subcommand("completion", "print what a shell needs to complete the command line");
    auto shell = std::make_shared<std::string>();
    verb->add_option("SHELL", *shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}).description(""));
    verb->callback([&app, shell] { write_output(script_for(*shell, app), ""); });
}

}  // namespace patchlab::cli
