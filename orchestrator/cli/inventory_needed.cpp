// SPDX-License-Identifier: Apache-2.0
//
// `inventory needed` and `inventory fidelity`: which host needs what, and how far a lab has drifted
// from the hosts it stands for.
#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>

#include "orchestrator/cli/request.hpp"
#include "orchestrator/cli/run_view.hpp"
#include "orchestrator/cli/terminal.hpp"

namespace patchlab::cli {

namespace {

constexpr std::size_t max_unknown_lines = 20;

struct NeededWords {
    HostWords hosts;
    std::vector<std::string> entries, patches, advisories;
    double max_age_days = 7;
    bool all = false;
};

/// Offers that were taken back, with why: nobody is to install them.
void add_taken_back(const JsonReader& document, Rows& rows) {
    if (!document.has("taken_back")) return;
    for (const JsonReader& item : document.objects("taken_back"))
        rows.push_back({item.string("host"), "taken back",
                        item.string("kind") + " " + item.string("id"), taken_back_text(item),
                        a_few(item.strings("advisories"))});
}

void print_needed(Context& context, const JsonReader& document) {
    Rows rows;
    for (const JsonReader& item : document.objects("items"))
        rows.push_back({item.string("host"), item.string("need"),
                        item.string("kind") + " " + item.string("id"), item.string("reason"),
                        a_few(item.strings("advisories"))});
    add_taken_back(document, rows);
    std::sort(rows.begin(), rows.end());
    const std::vector<JsonReader> unknown = document.objects("unknown_hosts");
    const std::size_t shown = std::min(unknown.size(), max_unknown_lines);
    for (std::size_t i = 0; i < shown; ++i)
        rows.push_back({unknown[i].string("host"), "unknown", "-", unknown[i].string("why"), ""});
    if (!rows.empty()) print_table(context, {"HOST", "NEED", "OFFER", "WHY", "ADVISORIES"}, rows);
    if (unknown.size() > shown)
        std::cout << "and " << unknown.size() - shown
                  << " more hosts are unknown (see: patchlab inventory list)\n";
    const std::int64_t hosts = document.integer("hosts");
    if (hosts == 0)
        print_hint(context, "No hosts. Take some in with: patchlab inventory import FILE");
    else if (document.raw("offers").empty())
        print_hint(context, "Nothing is offered: there is no catalog entry and no patch.");
    else if (rows.empty())
        std::cout << "none of " << count_text(hosts, "host") << " needs any of it\n";
}

struct FidelityWords {
    HostWords hosts;
    std::string lab, machine;
    bool packages = false;
};

std::string percent(double value) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%.1f %%", value);
    return text.data();
}

void add_compared(Rows& rows, const JsonReader& host) {
    if (!host.boolean("known")) {
        rows.push_back({host.string("host"), host.string_or("machine", "-"), "unknown", "", "", "",
                        "", "", host.string("why_unknown")});
        return;
    }
    Cells row{host.string("host"), host.string("machine"), percent(host.number("score"))};
    for (const char* count : {"same", "older", "newer", "missing", "surplus"})
        row.push_back(std::to_string(host.integer(count)));
    row.emplace_back();
    rows.push_back(std::move(row));
    if (!host.has("drift")) return;
    for (const JsonReader& one : host.objects("drift"))
        rows.push_back({"  " + one.string("name"), one.string("architecture"),
                        "host " + one.string_or("host", "-"), "lab " + one.string_or("lab", "-")});
}

void print_fidelity(Context& context, const JsonReader& document) {
    const std::string lab = document.string("lab");
    Rows rows;
    for (const JsonReader& host : document.objects("hosts")) add_compared(rows, host);
    if (rows.empty())
        std::cout << "No host says that it was built from an image of lab " << lab
                  << ". Name hosts with --host or --group, or set patchlab_image.\n";
    else
        print_table(
            context,
            {"HOST", "MACHINE", "SCORE", "SAME", "OLDER", "NEWER", "MISSING", "SURPLUS", ""}, rows);
    if (const std::int64_t compared = document.integer("compared"); compared > 0)
        std::cout << "lab " << lab << ": similarity to " << count_text(compared, "host") << " "
                  << percent(document.number("score")) << "\n";
}

}  // namespace

void add_inventory_needed(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "needed",
        "which host needs which catalog entry or candidate patch, and which CVEs that means");
    auto words = std::make_shared<NeededWords>();
    add_host_words(*verb, words->hosts, false);
    verb->add_option("--entry", words->entries, "only this catalog entry (may be repeated)")
        ->type_name("ENTRY");
    verb->add_option("--patch", words->patches, "only this patch (may be repeated)")
        ->type_name("ID");
    verb->add_option("--cve", words->advisories, "only what mends this (may be repeated)")
        ->type_name("CVE");
    verb->add_option("--max-age", words->max_age_days,
                     "a scan that is older says nothing (default: 7)")
        ->check(CLI::Range(0.0, 36500.0))
        ->type_name("DAYS");
    verb->add_flag("--all", words->all, "also tell of hosts that do not need it, and why");
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        Json request = request_of(words->hosts);
        put(request, "entries", words->entries);
        put(request, "patches", words->patches);
        put(request, "advisories", words->advisories);
        request["max_age_days"] = words->max_age_days;
        request["all"] = words->all;
        const Json document = context.invoke("inventory.needed", request);
        context.print(document, [&] { print_needed(context, JsonReader(document, "needed")); });
    });
}

void add_inventory_fidelity(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("fidelity", "how far a lab has drifted from the hosts it stands for");
    auto words = std::make_shared<FidelityWords>();
    verb->add_option("--lab", words->lab, "the lab")->required()->type_name("NAME");
    verb->add_option("--machine", words->machine, "only this machine of the lab");
    add_host_words(*verb, words->hosts, false);
    verb->add_flag("--packages", words->packages, "also tell which packages differ");
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        Json request = request_of(words->hosts);
        request["lab"] = words->lab;
        put(request, "machine", words->machine);
        request["packages"] = words->packages;
        const Json document = context.invoke("inventory.fidelity", request);
        context.print(document, [&] { print_fidelity(context, JsonReader(document, "fidelity")); });
    });
}

}  // namespace patchlab::cli
