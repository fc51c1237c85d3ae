// SPDX-License-Identifier: Apache-2.0
//
// `man`: manual pages, made from the verbs themselves.
#include <algorithm>
#include <filesystem>
#include <sstream>

#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/output.hpp"
#include "orchestrator/cli/words.hpp"
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

/// "patchlab run start"
std::string command_text(const CLI::App& app) {
    const std::string words = words_of(app);
    return "patchlab" + (words.empty() ? "" : " " + words);
}

/// "patchlab-run-start"
std::string title_of(const CLI::App& app) {
    std::string title = command_text(app);
    std::replace(title.begin(), title.end(), ' ', '-');
    return title;
}

std::string page_of(const CLI::App& app) {
    const std::string title = title_of(app);
    std::string page = ".TH \"" + title + "\" 1 \"\" \"patchlab " + std::string(version) +
                       "\"\n.SH NAME\n" + roff(title) + " \\- " + roff(app.get_description()) +
                       "\n.SH SYNOPSIS\n\\fB" + roff(command_text(app)) + "\\fR [options]\n" +
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

void write_pages(const CLI::App& app, const std::filesystem::path& folder) {
    write_file_atomic(folder / (title_of(app) + ".1"), page_of(app));
    for (const CLI::App* child : shown_commands(app)) write_pages(*child, folder);
}

struct ManWords {
    std::vector<std::string> command;
    std::string folder;
};

void print_man(const CLI::App& app, const ManWords& words) {
    if (!words.folder.empty()) {
        make_folder_if_missing(words.folder);
        return write_pages(app, words.folder);
    }
    write_output(page_of(command_of(app, words.command)), "");
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
