// SPDX-License-Identifier: Apache-2.0
//
// `man`: manual pages, made from the verbs themselves.
#include <algorithm>
#include <filesystem>
#include <sstream>

#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/output.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/version.hpp"

namespace patchlab::cli {

namespace {

/// As roff prints it: no request, no escape.
std::string roff(const std::string& text) {
    std::string out;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (!out.empty()) out += "\n";
        if (line.starts_with('.') || line.starts_with('\'')) out += "\\&";
        for (const char c : line) {
            if (c == '\\') out += "\\e";
            else if (c == '-') out += "\\-";
            else out += c;
        }
    }
    return out;
}

std::vector<const CLI::App*> shown_commands(const CLI::App& app) {
    std::vector<const CLI::App*> commands;
    for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; }))
        if (!child->get_group().empty()) commands.push_back(child);
    return commands;
}

std::string options_of(const CLI::App& app) {
    std::string page;
    for (const CLI::Option* option : app.get_options()) {
        if (option->get_group().empty()) continue;
        const std::string type = option->get_positional() ? "" : option->get_type_name();
        page += ".TP\n\\fB" + roff(option->get_name(true, true)) + "\\fR " + roff(type) + "\n" +
                roff(option->get_description()) + "\n";
    }
    return page.empty() ? "" : ".SH OPTIONS\n" + page;
}

/// `words`: "run start".
std::string page_of(const CLI::App& app, const std::string& words) {
    const std::string command = "patchlab" + (words.empty() ? "" : " " + words);
    std::string title = command;
    for (char& c : title) c = c == ' ' ? '-' : c;
    std::string page = ".TH \"" + title + "\" 1 \"\" \"patchlab " + std::string(version) +
                       "\"\n.SH NAME\n" + roff(title) + " \\- " + roff(app.get_description()) +
                       "\n.SH SYNOPSIS\n\\fB" + roff(command) + "\\fR [options]\n" +
                       options_of(app);
    const auto commands = shown_commands(app);
    if (!commands.empty()) page += ".SH COMMANDS\n";
    for (const CLI::App* child : commands)
        page += ".TP\n\\fB" + roff(child->get_name()) + "\\fR\n" + roff(child->get_description()) +
                "\n";
    if (!app.get_footer().empty()) page += ".SH NOTES\n.nf\n" + roff(app.get_footer()) + "\n.fi\n";
    return page;
}

const CLI::App& command_of(const CLI::App& app, const std::vector<std::string>& words) {
    const CLI::App* at = &app;
    for (const std::string& word : words) {
        const auto commands = shown_commands(*at);
        const auto found = std::find_if(commands.begin(), commands.end(), [&](const CLI::App* one) {
            return one->get_name() == word;
        });
        if (found == commands.end())
            throw Error(ErrorCode::usage, "there is no command '" + word + "'",
                        "see: patchlab --help");
        at = *found;
    }
    return *at;
}

void write_pages(const CLI::App& app, const std::string& words,
                 const std::filesystem::path& folder) {
    std::string name = words.empty() ? "patchlab" : "patchlab-" + words;
    for (char& c : name) c = c == ' ' ? '-' : c;
    write_file_atomic(folder / (name + ".1"), page_of(app, words));
    for (const CLI::App* child : shown_commands(app))
        write_pages(*child, words.empty() ? child->get_name() : words + " " + child->get_name(),
                    folder);
}

struct ManWords {
    std::vector<std::string> command;
    std::string folder;
};

void print_man(const CLI::App& app, const ManWords& words) {
    if (!words.folder.empty()) {
        make_folder(words.folder);
        return write_pages(app, "", words.folder);
    }
    std::string path;
    for (const std::string& word : words.command) path += (path.empty() ? "" : " ") + word;
    write_output(page_of(command_of(app, words.command), path), "");
}

}  // namespace

void add_man(CLI::App& app, Context&) {
    CLI::App* verb = app.add_subcommand("man", "print a manual page, or write all of them");
    auto words = std::make_shared<ManWords>();
    verb->add_option("COMMAND", words->command, "the command, such as run start");
    verb->add_option("-o,--output", words->folder, "write the pages of all commands to this folder")
        ->type_name("DIR");
    verb->callback([&app, words] { print_man(app, *words); });
}

}  // namespace patchlab::cli
