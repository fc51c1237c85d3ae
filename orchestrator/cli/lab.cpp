// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "orchestrator/cli/listing.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/operations/lab_file.hpp"
#include "platform/core/diagnostics.hpp"

namespace patchlab::cli {

namespace {

CLI::App* add_verb_on_lab(CLI::App& noun, const std::string& name, const std::string& what,
                          std::shared_ptr<std::string> lab) {
    CLI::App* verb = noun.add_subcommand(name, what);
    verb->add_option("NAME", *lab, "the lab")->required();
    return verb;
}

CLI::App* add_verb_on_file(CLI::App& noun, const std::string& name, const std::string& what,
                           std::shared_ptr<std::string> file) {
    CLI::App* verb = noun.add_subcommand(name, what);
    verb->add_option("FILE", *file, "the lab's YAML file")->required();
    return verb;
}

void note_missing_images(const JsonReader& lab) {
    for (const JsonReader& missing : lab.objects("missing_images"))
        std::cerr << "note: machine '" << missing.string("machine") << "' needs image '"
                  << missing.string("image") << "', which is not here yet\n";
}

void print_check(const JsonReader& check) {
    Diagnostics mistakes;
    for (const JsonReader& mistake : check.objects("mistakes"))
        mistakes.add(mistake.string("file"), static_cast<int>(mistake.integer("line")),
                     mistake.string("path"), mistake.string("message"));
    mistakes.throw_if_any("checking lab " + check.string("file"));
    std::cout << "lab '" << check.string("lab")
              << "' is well defined: " << count_text(check.integer("machines"), "machine") << ", "
              << count_text(check.integer("suites"), "suite") << "\n";
    note_missing_images(check);
}

void add_lab_check(CLI::App& noun, Context& context) {
    auto file = std::make_shared<std::string>();
    CLI::App* verb = add_verb_on_file(
        noun, "check", "check a lab definition: every mistake, with file, line and path", file);
    add_json_flag(*verb, context);
    verb->callback([&context, file] {
        const Json document = context.invoke("lab.check", operations::lab_request(*file));
        context.print(document, [&] { print_check(JsonReader(document, "check")); });
    });
}

constexpr std::size_t most_shown = 64U << 10;  // of one definition

/// What is replaced is the yardstick of every later verdict: one sees what changes in it.
void print_added(const JsonReader& lab) {
    std::cout << "lab '" << lab.string("name");
    if (!lab.boolean("changed")) {
        std::cout << "' is unchanged\n";
        return;
    }
    if (lab.raw("replaced").is_null()) {
        std::cout << "' added\n";
        return;
    }
    const JsonReader replaced = lab.object("replaced");
    std::cout << "' added; it replaces the one of " << replaced.string("added") << "\n";
    for (const JsonReader& change : replaced.objects("changes"))
        std::cout << change.string("what") << ":\n"
                  << plain_text(change.string("diff"), most_shown);
}

void add_lab_add(CLI::App& noun, Context& context) {
    auto file = std::make_shared<std::string>();
    CLI::App* verb =
        add_verb_on_file(noun, "add", "add a lab, or replace the one of the same name", file);
    add_json_flag(*verb, context);
    verb->callback([&context, file] {
        const Json document = context.invoke("lab.add", operations::lab_request(*file));
        const JsonReader lab(document, "lab");
        note_missing_images(lab);
        context.print(document, [&] { print_added(lab); });
    });
}

Cells lab_row(const JsonReader& lab) {
    std::vector<std::string> machines;
    for (const JsonReader& machine : lab.objects("machines"))
        machines.push_back(machine.string("name"));
    return {lab.string("name"), joined(machines), lab.string("added")};
}

void add_lab_list(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("list", "list the labs");
    auto words = add_list_options(*verb, context, {{"--name", "name", "only these labs"}});
    verb->callback([&context, words] {
        const Json document = context.invoke("lab.list", list_request(*words));
        print_list(context, document, "labs", {"LAB", "MACHINES", "ADDED"}, lab_row,
                   "No labs yet. Describe one in YAML and add it with: patchlab lab add FILE");
    });
}

void add_lab_show(CLI::App& noun, Context& context) {
    auto lab = std::make_shared<std::string>();
    CLI::App* verb = add_verb_on_lab(noun, "show", "show a lab: machines, networks, suites", lab);
    add_output_options(*verb, context);
    verb->callback([&context, lab] {
        const Json document = context.invoke("lab.show", {{"lab", *lab}});
        context.print(document, [&] { std::cout << document.at("source").get<std::string>(); });
    });
}

void add_prepare(CLI::App& noun, Context& context) {
    auto lab = std::make_shared<std::string>();
    CLI::App* verb = add_verb_on_lab(
        noun, "prepare", "boot, test, capture and checkpoint the lab once, for all its runs", lab);
    add_json_flag(*verb, context);
    verb->callback([&context, lab] {
        const Json document = context.invoke("lab.prepare", {{"lab", *lab}});
        context.print(document, [&] {
            std::cout << "lab '" << *lab << "' is prepared ("
                      << document.at("digest").get<std::string>().substr(0, 12) << ")\n";
        });
    });
}

void add_lab_remove(CLI::App& noun, Context& context) {
    auto lab = std::make_shared<std::string>();
    CLI::App* verb =
        add_verb_on_lab(noun, "remove", "remove a lab; its runs and their evidence stay", lab);
    add_json_flag(*verb, context);
    verb->callback([&context, lab] {
        const Json removed = context.invoke("lab.remove", {{"lab", *lab}});
        context.print(removed, [&] { std::cout << "lab '" << *lab << "' removed\n"; });
    });
}

}  // namespace

void add_lab(CLI::App& app, Context& context) {
    CLI::App* noun =
        app.add_subcommand("lab", "labs: clones of production machines, described in YAML");
    noun->require_subcommand(1);
    add_lab_check(*noun, context);
    add_lab_add(*noun, context);
    add_lab_list(*noun, context);
    add_lab_show(*noun, context);
    add_prepare(*noun, context);
    add_lab_remove(*noun, context);
}

}  // namespace patchlab::cli
