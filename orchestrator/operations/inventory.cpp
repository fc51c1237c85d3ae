// SPDX-License-Identifier: Apache-2.0
//
// The inventory: hosts of production, what was seen of them, their maintenance windows.
#include <array>

#include "orchestrator/inventory/need_finder.hpp"
#include "orchestrator/inventory/scan_store.hpp"
#include "orchestrator/inventory/windows_file.hpp"
#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/inventory_hosts.hpp"
#include "orchestrator/operations/listing.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "orchestrator/operations/taken_back_offers.hpp"

namespace patchlab::operations {

namespace {

using inventory::Host;
using inventory::ScanStatus;

Json scan_json(const ScanStatus& status, TimePoint now) {
    return {{"outcome", std::string(inventory::name(status.outcome))},
            {"tried", or_null(status.tried)},
            {"detail", or_null(status.detail)},
            {"scanned", or_null(status.scanned)},
            {"current", status.why_unknown(now).empty()},
            {"why_unknown", or_null(status.why_unknown(now))}};
}

constexpr std::array host_columns{
    ListColumn{"name", "h.name"},
    ListColumn{"groups", "", false,
               "SELECT g.name AS value FROM inventory_groups g WHERE g.host = h.id"},
    ListColumn{"counts_as", "COALESCE(h.criticality, 'mission-critical')"},
    ListColumn{"source", "h.source"}};

/// Hosts with what their scans say.
struct ListedHosts {
    std::vector<Host> hosts;
    std::unordered_map<std::string, ScanStatus> statuses;
    std::unordered_map<std::string, inventory::ScanSummary> summaries;
};

/// Those that the filter can want, by name. Of a few hosts no more is read than of these.
ListedHosts wanted_hosts(Call& call, const JsonReader& request) {
    inventory::HostStore store(call.session.database());
    inventory::ScanStore scans(call.session.database());
    std::optional<store::Selection> selection;
    if (request.has("filter"))
        selection = selection_for(request.object("filter"), *listing_of("inventory.list"),
                                  host_columns, "h.name", call.session.clock().now());
    if (!selection) return {store.list(host_filter(request)), scans.statuses(), scans.summaries()};
    ListedHosts few{store.list(host_filter(request), *selection), {}, {}};
    std::vector<std::string> names;
    for (const Host& host : few.hosts) names.push_back(host.name);
    few.statuses = scans.statuses(names);
    few.summaries = scans.summaries(names);
    return few;
}

Outcome list_hosts(Call& call, const JsonReader& request) {
    auto [hosts, statuses, summaries] = wanted_hosts(call, request);
    const TimePoint now = call.session.clock().now();
    Json items = Json::array();
    for (const Host& host : hosts) {
        const ScanStatus& status = statuses[host.name];
        const inventory::ScanSummary& seen = summaries[host.name];
        const bool known = !seen.reboot.empty() && status.why_unknown(now).empty();
        Json item = inventory::to_json(host);
        item["scan"] = scan_json(status, now);
        item["os"] = or_null(seen.os_name);
        item["kernel"] = or_null(seen.kernel);
        item["reboot"] = known ? seen.reboot : "unknown";
        items.push_back(std::move(item));
    }
    return {{{"schema", "patchlab/hosts/v1"}, {"hosts", std::move(items)}}};
}

/// What the host needs of all that is offered; unknown answers included. What was taken back
/// stands apart: nobody is to take it for a recommendation.
struct HostNeeds {
    Json needs = Json::array(), taken_back = Json::array();
};

HostNeeds needs_of(Call& call, const std::string& host) {
    inventory::NeedFinder finder(call.session.database(), call.session.clock().now());
    TakenBackOffers taken_back(call);
    HostNeeds found;
    for (const inventory::Offer& offer :
         current_offers(call.session.state(), call.session.database())) {
        const Json why = taken_back.of(offer);
        finder.find(
            offer,
            [&](const auto&, const inventory::NeedAnswer& answer) {
                if (answer.need == assessment::Need::not_needed) return;
                Json item{{"kind", offer.kind},
                          {"id", offer.id},
                          {"need", std::string(assessment::name(answer.need))},
                          {"reason", answer.reason},
                          {"advisories", offer.advisories}};
                if (!why.is_null()) item["taken_back"] = why;
                (why.is_null() ? found.needs : found.taken_back).push_back(std::move(item));
            },
            host);
    }
    return found;
}

Json installed_json(const std::vector<inventory::InstalledPackage>& packages) {
    Json items = Json::array();
    for (const inventory::InstalledPackage& package : packages)
        items.push_back({{"name", package.name},
                         {"version", package.version},
                         {"architecture", package.architecture},
                         {"format", package.format},
                         {"state", package.state.empty() ? "installed" : package.state}});
    return items;
}

Outcome show_host(Call& call, const JsonReader& request) {
    const Host host = inventory::HostStore(call.session.database()).get(request.string("host"));
    inventory::ScanStore scans(call.session.database());
    Json document{{"schema", "patchlab/host/v1"}};
    document.update(inventory::to_json(host));
    document["scan"] = scan_json(scans.status(host.name), call.session.clock().now());
    document["facts"] = scans.facts(host.name);
    document["packages"] = installed_json(scans.packages(host.name));
    HostNeeds needs;
    if (host.gone.empty()) needs = needs_of(call, host.name);
    document["needs"] = std::move(needs.needs);
    document["taken_back"] = std::move(needs.taken_back);
    return {document};
}

Outcome list_groups(Call& call, const JsonReader&) {
    Json items = Json::array();
    for (const auto& [group, hosts] : inventory::HostStore(call.session.database()).groups())
        items.push_back({{"name", group}, {"hosts", hosts}});
    return {{{"schema", "patchlab/groups/v1"}, {"groups", items}}};
}

Outcome remove_host(Call& call, const JsonReader& request) {
    const std::string name = request.string("host");
    change_inventory(call, "host-removed", [&] {
        inventory::HostStore store(call.session.database());
        const Host host = store.get(name);
        store.remove_inside(name);
        return Audit{name, {{"source", host.source}}};
    });
    return {{{"schema", "patchlab/host-removed/v1"}, {"host", name}}};
}

Json windows_json(const assessment::Windows& windows) {
    Json items = Json::object();
    for (const auto& [name, window] : windows) items[name] = assessment::to_json(window);
    return items;
}

Outcome windows_document(const assessment::Windows& windows) {
    Json list = Json::array();
    for (const auto& [name, window] : windows) {
        Json item = assessment::to_json(window);
        item["name"] = name;
        list.push_back(std::move(item));
    }
    return {{{"schema", "patchlab/windows/v1"},
             {"windows", windows_json(windows)},
             {"window_list", list}}};
}

Outcome list_windows(Call& call, const JsonReader&) {
    return windows_document(inventory::HostStore(call.session.database()).windows());
}

/// Adds the windows of a text, or replaces those of the same name.
Outcome add_windows(Call& call, const JsonReader& request) {
    const TextFile definition = text_file(request, "definition");
    Diagnostics mistakes;
    const assessment::Windows windows =
        inventory::parse_windows(definition.text, definition.file, mistakes);
    mistakes.throw_if_any("reading " + definition.file);
    change_inventory(call, "windows-added", [&] {
        inventory::HostStore(call.session.database())
            .put_windows_inside(windows, call.session.governance().now());
        return Audit{definition.file, windows_json(windows)};
    });
    return windows_document(windows);
}

Outcome remove_window(Call& call, const JsonReader& request) {
    const std::string name = request.string("window");
    change_inventory(call, "window-removed", [&] {
        inventory::HostStore(call.session.database()).remove_window_inside(name);
        return Audit{name};
    });
    return {{{"schema", "patchlab/window-removed/v1"}, {"window", name}}};
}

}  // namespace

Access inventory_staff(std::string_view to_do) {
    using governance::Role;
    return {{Role::release_manager, Role::system_owner, Role::admin}, to_do};
}

inventory::HostFilter host_filter(const JsonReader& request) {
    inventory::HostFilter filter{request.strings_or_empty("hosts"),
                                 request.strings_or_empty("groups"), std::nullopt, true};
    const std::string criticality = request.string_or("criticality", "");
    if (criticality.empty()) return filter;
    filter.criticality = assessment::criticality_from(criticality);
    if (!filter.criticality)
        throw Error(ErrorCode::invalid, "there is no criticality '" + criticality + "'",
                    "mission-critical, business-critical or business-operational");
    return filter;
}

void change_inventory(Call& call, const std::string& action, const std::function<Audit()>& change) {
    governance::Governance& house = call.session.governance();
    house.database.transaction([&] {
        Audit audit = change();
        house.audit.append_inside(
            {call.actor, action, std::move(audit.subject), std::move(audit.detail)});
    });
}

std::vector<Operation> inventory_operations() {
    return {
        {"inventory.list", "List the hosts, by name", Kind::read, anyone(), list_hosts},
        {"inventory.show", "Show everything about a host: what runs on it, what it needs",
         Kind::read, anyone(), show_host, "host"},
        {"inventory.groups", "List the groups and how many hosts each has", Kind::read, anyone(),
         list_groups},
        {"inventory.remove", "Forget a host and its scans", Kind::write,
         inventory_staff("remove a host"), remove_host, "host"},
        {"inventory.window_list", "List the maintenance windows", Kind::read, anyone(),
         list_windows},
        {"inventory.window_add", "Add maintenance windows, or replace those of the same name",
         Kind::write, inventory_staff("change maintenance windows"), add_windows},
        {"inventory.window_remove", "Remove a maintenance window that no host names", Kind::write,
         inventory_staff("change maintenance windows"), remove_window, "window"},
    };
}

}  // namespace patchlab::operations
