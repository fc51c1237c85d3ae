// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "orchestrator/cli/inventory_view.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/inventory/import.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::cli {

namespace {

constexpr std::size_t max_table = 256U << 20, max_mistakes = 100, max_named = 20;

struct ImportWords {
    std::string file, format, source;
    bool prune = false, take_over = false, allow_scripts = false;
};

bool is_table(const ImportWords& words) {
    if (!words.format.empty()) return words.format == "csv";
    return fs::path(words.file).extension() == ".csv";
}

/// Thousands of lines may be wrong in the same way: the first ones say which.
void throw_if_any(Diagnostics& mistakes, const std::string& what) {
    const std::size_t all = mistakes.items.size();
    if (all > max_mistakes) {
        mistakes.items.resize(max_mistakes);
        mistakes.add(mistakes.items.front().file, 0, "",
                     "and " + std::to_string(all - max_mistakes) + " more mistakes");
    }
    mistakes.throw_if_any(what);
}

std::vector<inventory::Host> read_hosts(Context& context, const ImportWords& words,
                                        std::string& digest) {
    inventory::KnownNames known;
    for (const auto& [name, ignored] : inventory::HostStore(context.database()).windows())
        known.windows.insert(name);
    Diagnostics mistakes;
    std::vector<inventory::Host> hosts;
    if (is_table(words)) {
        const std::string text = read_file(words.file, max_table);
        digest = sha256_hex(text);
        hosts = inventory::hosts_of_csv(text, words.file, known, mistakes);
    } else {
        const std::string listing =
            inventory::list_ansible(context.commands(), {words.file, words.allow_scripts});
        digest = sha256_hex(listing);
        hosts = inventory::hosts_of_ansible(listing, words.file, known, mistakes);
    }
    throw_if_any(mistakes, "reading " + words.file);
    return hosts;
}

void print_names(const std::string& what, const std::vector<std::string>& names) {
    if (names.empty()) return;
    std::cout << names.size() << " " << what << ":";
    for (std::size_t i = 0; i < std::min(names.size(), max_named); ++i)
        std::cout << (i == 0 ? " " : ", ") << one_line(names[i]);
    std::cout << (names.size() > max_named ? ", …\n" : "\n");
}

void print_outcome(Context& context, const std::string& source,
                   const inventory::ImportOutcome& outcome) {
    context.print({{"schema", "patchlab/inventory-import/v1"},
                   {"source", source},
                   {"added", outcome.added},
                   {"changed", outcome.changed},
                   {"unchanged", outcome.unchanged},
                   {"returned", outcome.returned},
                   {"gone", outcome.gone},
                   {"removed", outcome.removed}},
                  [&] {
                      std::cout << outcome.added << " added, " << outcome.changed << " changed, "
                                << outcome.unchanged << " unchanged\n";
                      print_names("named again", outcome.returned);
                      print_names("no longer named, marked as gone", outcome.gone);
                      print_names("no longer named, removed", outcome.removed);
                      if (outcome.added > 0)
                          std::cout << "look at them with: patchlab inventory scan\n";
                  });
}

void import_hosts(Context& context, const ImportWords& words) {
    governance::require_role(context.governance(), context.actor(),
                             {governance::Role::release_manager, governance::Role::system_owner,
                              governance::Role::admin},
                             "change the inventory");  // before anything of the file is run
    std::string digest;
    inventory::ImportRequest request;
    request.source =
        words.source.empty() ? fs::absolute(words.file).lexically_normal().string() : words.source;
    request.hosts = read_hosts(context, words, digest);
    request.prune = words.prune;
    request.take_over = words.take_over;
    inventory::ImportOutcome outcome;
    change_inventory(context, "inventory-imported", "change the inventory", [&] {
        outcome = inventory::HostStore(context.database())
                      .import_inside(request, context.governance().now());
        return governance::AuditEvent{{},
                                      {},
                                      request.source,
                                      {{"digest", digest},
                                       {"added", outcome.added},
                                       {"changed", outcome.changed},
                                       {"unchanged", outcome.unchanged},
                                       {"returned", outcome.returned.size()},
                                       {"gone", outcome.gone.size()},
                                       {"removed", outcome.removed.size()}}};
    });
    print_outcome(context, request.source, outcome);
}

}  // namespace

void add_inventory_import(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("import",
                                         "take hosts in from an Ansible inventory or a table "
                                         "(CSV); hosts it no longer names are marked as gone");
    auto words = std::make_shared<ImportWords>();
    verb->add_option("FILE", words->file, "an inventory file or folder, or a .csv file")
        ->required();
    verb->add_option("--format", words->format, "ansible or csv (default: by the file's name)")
        ->check(CLI::IsMember({"ansible", "csv"}));
    verb->add_option("--source", words->source,
                     "what names these hosts (default: the path); an import replaces the one "
                     "before of the same source");
    verb->add_flag("--prune", words->prune,
                   "remove hosts that the source no longer names, instead of marking them");
    verb->add_flag("--take-over", words->take_over, "take hosts over that another source names");
    verb->add_flag("--allow-scripts", words->allow_scripts,
                   "run executable inventories and inventory plugins, which are programs");
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        during("importing " + words->file, [&] { import_hosts(context, *words); });
    });
}

}  // namespace patchlab::cli
