// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "orchestrator/cli/inventory_view.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/inventory/scanner.hpp"
#include "platform/core/error.hpp"

namespace patchlab::cli {

namespace {

struct ScanWords {
    HostWords hosts;
    std::size_t forks = 10;
    double seconds = 120;
};

/// A scan logs in on production hosts, often as root: recorded before it begins.
void record_scan(Context& context, const std::vector<inventory::Host>& hosts) {
    using governance::Role;
    const governance::Actor actor = context.actor();
    governance::require_role(context.governance(), actor,
                             {Role::tester, Role::release_manager, Role::system_owner, Role::admin},
                             "scan hosts");
    const std::string subject =
        hosts.size() == 1 ? hosts.front().name : std::to_string(hosts.size()) + " hosts";
    context.governance().audit.append(
        {actor, "inventory-scan", subject, {{"hosts", hosts.size()}}});
}

void print_scanned(Context& context, const std::vector<inventory::HostScanned>& all,
                   std::size_t scanned) {
    Json items = Json::array();
    std::vector<std::vector<std::string>> rows;
    for (const inventory::HostScanned& one : all) {
        items.push_back({{"host", one.host},
                         {"outcome", std::string(inventory::name(one.outcome))},
                         {"detail", one.detail.empty() ? Json(nullptr) : Json(one.detail)},
                         {"packages", one.packages}});
        if (one.outcome != inventory::ScanOutcome::scanned)
            rows.push_back({one.host, std::string(inventory::name(one.outcome)), one.detail});
    }
    context.print({{"schema", "patchlab/inventory-scan/v1"},
                   {"scanned", scanned},
                   {"not_scanned", all.size() - scanned},
                   {"hosts", items}},
                  [&] {
                      if (!rows.empty()) print_table(context, {"HOST", "OUTCOME", "WHY"}, rows);
                      std::cout << scanned << (scanned == 1 ? " host scanned" : " hosts scanned");
                      if (!rows.empty())
                          std::cout << ", " << rows.size() << " not: what they need is unknown";
                      std::cout << "\n";
                  });
}

void scan(Context& context, const ScanWords& words) {
    inventory::HostFilter filter = filter_of(words.hosts);
    filter.with_gone =
        !words.hosts.names.empty();  // a host that is gone is asked only when it is named
    inventory::ScanRequest request;
    request.hosts = inventory::HostStore(context.database()).list(filter);
    if (request.hosts.empty())
        throw Error(ErrorCode::not_found, "there is no host to scan",
                    "take hosts in with: patchlab inventory import FILE");
    request.forks = words.forks;
    request.host_deadline = Seconds(words.seconds);
    record_scan(context, request.hosts);
    std::vector<inventory::HostScanned> all;
    std::size_t scanned = 0;
    request.scanned = [&](const inventory::HostScanned& host) {
        all.push_back(host);
        if (host.outcome == inventory::ScanOutcome::scanned) ++scanned;
        context.progress("scanning hosts: " + std::to_string(all.size()) + " of " +
                         std::to_string(request.hosts.size()));
    };
    inventory::ScanStore scans(context.database());
    inventory::scan_hosts(
        [&](const inventory::AnsiblePlay& play, const inventory::AnsibleAnswered& answered) {
            inventory::run_play(context.commands(), play, answered);
        },
        scans, context.clock(), request);
    print_scanned(context, all, scanned);
    if (scanned < all.size()) context.exit = exit_code(ErrorCode::lab);
}

}  // namespace

void add_inventory_scan(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("scan",
                                         "look at hosts over SSH, without an agent: system, "
                                         "packages, services, ports, whether a reboot is needed");
    auto words = std::make_shared<ScanWords>();
    add_host_words(*verb, words->hosts, true);
    verb->add_option("--forks", words->forks, "hosts at once (default: 10)")
        ->check(CLI::Range(1, 1000));
    verb->add_option("--host-deadline", words->seconds, "how long one host may take (default: 120)")
        ->check(CLI::Range(1, 86400))
        ->type_name("SECONDS");
    add_json_flag(*verb, context);
    verb->callback([&context, words] { scan(context, *words); });
}

}  // namespace patchlab::cli
