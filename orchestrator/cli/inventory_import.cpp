// SPDX-License-Identifier: Apache-2.0
//
// Where the inventory comes from: `inventory import` and `inventory scan`.
#include <algorithm>
#include <filesystem>
#include <iostream>

#include "orchestrator/cli/options.hpp"
#include "orchestrator/cli/request.hpp"
#include "orchestrator/cli/run_view.hpp"
#include "orchestrator/cli/terminal.hpp"

namespace patchlab::cli {

namespace {

constexpr std::size_t max_named = 20;

struct ImportWords {
    std::string file, format, source;
    bool prune = false, take_over = false, allow_scripts = false;
};

void print_names(const std::string& what, const std::vector<std::string>& names) {
    if (names.empty()) return;
    std::cout << names.size() << " " << what << ":";
    for (std::size_t i = 0; i < std::min(names.size(), max_named); ++i)
        std::cout << (i == 0 ? " " : ", ") << one_line(names[i]);
    std::cout << (names.size() > max_named ? ", …\n" : "\n");
}

void print_imported(const JsonReader& outcome) {
    const std::int64_t added = outcome.integer("added");
    std::cout << added << " added, " << outcome.integer("changed") << " changed, "
              << outcome.integer("unchanged") << " unchanged\n";
    print_names("named again", outcome.strings("returned"));
    print_names("no longer named, marked as gone", outcome.strings("gone"));
    print_names("no longer named, removed", outcome.strings("removed"));
    if (added > 0) std::cout << "look at them with: patchlab inventory scan\n";
}

void add_host_import(CLI::App& noun, Context& context) {
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
    auto caution = add_caution(*verb);
    add_json_flag(*verb, context);
    verb->callback([&context, words, caution] {
        const bool removes = words->prune || caution->dry_run;
        if (removes &&
            !go_ahead(context, *caution,
                      "take in the hosts of " + words->file +
                          (words->prune ? ", and remove those that it no longer names" : "")))
            return;
        Json request{{"file", words->file},
                     {"prune", words->prune},
                     {"take_over", words->take_over},
                     {"allow_scripts", words->allow_scripts}};
        put(request, "format", words->format);
        put(request, "source",
            words->source.empty()
                ? std::filesystem::absolute(words->file).lexically_normal().string()
                : words->source);
        const Json outcome = context.invoke("inventory.import", request);
        context.print(outcome, [&] { print_imported(JsonReader(outcome, "import")); });
    });
}

void print_scanned(Context& context, const JsonReader& document) {
    Rows rows;
    for (const JsonReader& host : document.objects("hosts"))
        if (const std::string outcome = host.string("outcome"); outcome != "scanned")
            rows.push_back({host.string("host"), outcome, host.string_or("detail", "")});
    if (!rows.empty()) print_table(context, {"HOST", "OUTCOME", "WHY"}, rows);
    const std::int64_t scanned = document.integer("scanned");
    std::cout << count_text(scanned, "host") << " scanned";
    if (!rows.empty()) std::cout << ", " << rows.size() << " not: what they need is unknown";
    std::cout << "\n";
}

struct ScanWords {
    HostWords hosts;
    std::size_t forks = 10;
    double seconds = 120;
};

void add_host_scan(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("scan",
                                         "look at hosts over SSH, without an agent: system, "
                                         "packages, services, ports, whether a reboot is needed");
    auto words = std::make_shared<ScanWords>();
    add_host_words(*verb, words->hosts, true);
    verb->add_option("--forks", words->forks, "hosts at once (default: 10)")
        ->check(CLI::Range(1, 1000));
    add_duration(*verb, "--host-deadline", words->seconds,
                 "how long one host may take (default: 2m)");
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        Json request = request_of(words->hosts);
        request["forks"] = words->forks;
        request["host_deadline"] = words->seconds;
        const Json document = context.invoke("inventory.scan", request);
        context.print(document, [&] { print_scanned(context, JsonReader(document, "scan")); });
    });
}

}  // namespace

void add_inventory_sources(CLI::App& noun, Context& context) {
    add_host_import(noun, context);
    add_host_scan(noun, context);
}

}  // namespace patchlab::cli
