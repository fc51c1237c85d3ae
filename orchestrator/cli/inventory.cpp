// SPDX-License-Identifier: Apache-2.0
//
// The inventory: hosts of production, what was seen of them, and what each needs.
#include <iostream>
#include <set>

#include "orchestrator/catalog/entry_store.hpp"
#include "orchestrator/cli/inventory_view.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/operations/inventory_hosts.hpp"
#include "platform/core/error.hpp"

namespace patchlab::cli {

void add_host_words(CLI::App& verb, HostWords& words, bool positional) {
    verb.add_option(
        positional ? "HOST" : "--host", words.names,
        positional ? "a host (may be repeated; default: all)" : "only this host (may be repeated)");
    verb.add_option("--group", words.groups, "only hosts of this group (may be repeated)");
    verb.add_option(
        "--criticality", words.criticality,
        "only hosts that count as mission-critical, business-critical or business-operational");
}

inventory::HostFilter filter_of(const HostWords& words) {
    inventory::HostFilter filter{words.names, words.groups, std::nullopt, true};
    if (words.criticality.empty()) return filter;
    filter.criticality = assessment::criticality_from(words.criticality);
    if (!filter.criticality)
        throw Error(ErrorCode::invalid, "there is no criticality '" + words.criticality + "'",
                    "mission-critical, business-critical or business-operational");
    return filter;
}

std::vector<inventory::Offer> current_offers(Context& context) {
    std::vector<inventory::Offer> offers;
    std::set<std::string> in_entries;
    catalog::EntryStore entries(context.state(), context.database());
    for (const catalog::Entry& entry : entries.list()) {
        if (entries.status(entry.id).state != catalog::EntryState::offered) continue;
        offers.push_back(operations::offer_of(entry));
        for (const catalog::EntryPatch& patch : entry.patches) in_entries.insert(patch.id);
    }
    for (const intake::Patch& patch :
         intake::PatchStore(context.state(), context.database()).list())
        if (!in_entries.contains(patch.id)) offers.push_back(operations::offer_of(patch));
    return offers;
}

void change_inventory(Context& context, const std::string& action, const std::string& to_do,
                      const std::function<governance::AuditEvent()>& change) {
    using governance::Role;
    governance::Governance& house = context.governance();
    const governance::Actor actor = context.actor();
    governance::require_role(house, actor, {Role::release_manager, Role::system_owner, Role::admin},
                             to_do);
    house.database.transaction([&] {
        governance::AuditEvent event = change();
        event.actor = actor;
        event.action = action;
        house.audit.append_inside(event);
    });
}

namespace {

void add_host_remove(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("remove", "forget a host and its scans");
    auto name = std::make_shared<std::string>();
    verb->add_option("HOST", *name, "the host")->required();
    add_json_flag(*verb, context);
    verb->callback([&context, name] {
        change_inventory(context, "host-removed", "remove a host", [&] {
            inventory::HostStore store(context.database());
            const inventory::Host host = store.get(*name);
            store.remove_inside(*name);
            return governance::AuditEvent{{}, {}, *name, {{"source", host.source}}};
        });
        context.print({{"schema", "patchlab/host-removed/v1"}, {"host", *name}},
                      [&] { std::cout << "host " << *name << " removed\n"; });
    });
}

void add_groups(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("groups", "list the groups and how many hosts each has");
    add_json_flag(*verb, context);
    verb->callback([&context] {
        Json items = Json::array();
        std::vector<std::vector<std::string>> rows;
        for (const auto& [group, hosts] : inventory::HostStore(context.database()).groups()) {
            items.push_back({{"name", group}, {"hosts", hosts}});
            rows.push_back({group, std::to_string(hosts)});
        }
        context.print({{"schema", "patchlab/groups/v1"}, {"groups", items}}, [&] {
            if (rows.empty()) std::cout << "No host is in a group.\n";
            else print_table(context, {"GROUP", "HOSTS"}, rows);
        });
    });
}

}  // namespace

void add_inventory(CLI::App& app, Context& context) {
    CLI::App* noun = app.add_subcommand(
        "inventory", "hosts of production: what they are, what was seen of them, what each needs");
    noun->require_subcommand(1);
    add_inventory_import(*noun, context);
    add_inventory_window(*noun, context);
    add_inventory_scan(*noun, context);

    auto words = std::make_shared<HostWords>();
    CLI::App* listing = noun->add_subcommand("list", "list the hosts, by name");
    add_host_words(*listing, *words, true);
    add_json_flag(*listing, context);
    listing->callback([&context, words] { print_hosts(context, *words); });

    auto name = std::make_shared<std::string>();
    CLI::App* show = noun->add_subcommand(
        "show", "tell everything about a host: what runs on it, what it needs");
    show->add_option("HOST", *name, "the host")->required();
    auto packages = std::make_shared<bool>(false);
    show->add_flag("--packages", *packages, "also list the packages");
    add_json_flag(*show, context);
    show->callback([&context, name, packages] { print_host(context, *name, *packages); });

    add_groups(*noun, context);
    add_inventory_needed(*noun, context);
    add_inventory_fidelity(*noun, context);
    add_host_remove(*noun, context);
}

}  // namespace patchlab::cli
