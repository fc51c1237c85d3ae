// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/inventory_view.hpp"

#include <algorithm>
#include <iostream>

#include "orchestrator/cli/catalog_view.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/inventory/need_finder.hpp"

namespace patchlab::cli {

namespace {

using inventory::Host;
using inventory::ScanStatus;

Json or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json scan_json(const ScanStatus& status, TimePoint now) {
    return {{"outcome", std::string(inventory::name(status.outcome))},
            {"tried", or_null(status.tried)},
            {"detail", or_null(status.detail)},
            {"scanned", or_null(status.scanned)},
            {"current", status.why_unknown(now).empty()},
            {"why_unknown", or_null(status.why_unknown(now))}};
}

/// "3 hours ago", or why nothing is known.
std::string scan_text(const ScanStatus& status, TimePoint now) {
    const std::string unknown = status.why_unknown(now);
    return unknown.empty() ? inventory::age_text(status.scanned, now) + " ago"
                           : "unknown: " + unknown;
}

std::string criticality_text(const Host& host) {
    return std::string(assessment::name(host.counts_as())) +
           (host.criticality ? "" : " (nobody said)");
}

void host_line(const std::string& label, const std::string& text) {
    std::cout << labelled(label, text, 14);
}

std::string text_of(const Json& facts, const char* key) {
    return facts.is_object() && facts.contains(key) && facts.at(key).is_string()
               ? facts.at(key).get<std::string>()
               : "";
}

std::string duration_text(std::int64_t seconds) {
    if (seconds < 7200) return std::to_string(seconds / 60) + " minutes";
    return seconds < 2 * 86400 ? std::to_string(seconds / 3600) + " hours"
                               : std::to_string(seconds / 86400) + " days";
}

void print_facts(const Json& facts) {
    host_line("system", text_of(facts, "os_name") + ", " + text_of(facts, "architecture"));
    host_line("kernel", text_of(facts, "kernel"));
    host_line("memory", std::to_string(facts.at("memory_kib").get<std::int64_t>() / 1024) + " MiB");
    host_line("running for", duration_text(facts.at("uptime_seconds").get<std::int64_t>()));
    host_line("reboot", text_of(facts, "reboot") + (text_of(facts, "reboot_why").empty()
                                                        ? ""
                                                        : ": " + text_of(facts, "reboot_why")));
    host_line("addresses", joined(facts.at("addresses").get<std::vector<std::string>>()));
    host_line("machine id", text_of(facts, "machine_id"));
    host_line("boot id", text_of(facts, "boot_id"));
    host_line("says image", text_of(facts, "image"));
    host_line("services", joined(facts.at("services").get<std::vector<std::string>>()));
    for (const Json& item : facts.at("unseen"))
        host_line("not seen", text_of(item, "what") + ": " + text_of(item, "why"));
}

void print_ports(Context& context, const Json& facts) {
    std::vector<std::vector<std::string>> rows;
    for (const Json& port : facts.at("ports"))
        rows.push_back(
            {text_of(port, "protocol") + "/" + std::to_string(port.at("port").get<int>()),
             text_of(port, "address"),
             text_of(port, "process").empty() ? "?" : text_of(port, "process")});
    if (rows.empty()) return;
    std::cout << "\n";
    print_table(context, {"PORT", "ADDRESS", "PROCESS"}, rows);
}

void print_packages(Context& context, const Json& packages) {
    std::vector<std::vector<std::string>> rows;
    for (const Json& package : packages)
        rows.push_back({text_of(package, "name"), text_of(package, "version"),
                        text_of(package, "architecture"),
                        text_of(package, "state") == "installed" ? "" : text_of(package, "state")});
    std::cout << "\n";
    print_table(context, {"PACKAGE", "VERSION", "ARCH", ""}, rows);
}

/// What the host needs of all that is offered; unknown answers included.
Json needs_of(Context& context, const std::string& host) {
    inventory::NeedFinder finder(context.database(), context.clock().now());
    Json needs = Json::array();
    for (const inventory::Offer& offer : current_offers(context))
        finder.find(
            offer,
            [&](const auto&, const inventory::NeedAnswer& answer) {
                if (answer.need == assessment::Need::not_needed) return;
                needs.push_back({{"kind", offer.kind},
                                 {"id", offer.id},
                                 {"need", std::string(assessment::name(answer.need))},
                                 {"reason", answer.reason},
                                 {"advisories", offer.advisories}});
            },
            host);
    return needs;
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

void print_host(Context& context, const Host& host, const ScanStatus& status,
                const Json& document) {
    host_line("host", host.name);
    host_line("criticality", criticality_text(host));
    host_line("groups", joined(host.groups));
    host_line("owners", host.owners.empty() ? "nobody is named" : joined(host.owners));
    host_line("function", host.function);
    host_line("location", host.location);
    host_line("window", host.window.empty() ? "any time" : host.window);
    host_line("image", host.image);
    host_line("tags", joined(host.tags));
    host_line("connection", host.variables.empty() ? "" : to_line(host.variables));
    host_line(
        "source",
        host.source + (host.gone.empty() ? "" : ", which no longer names it since " + host.gone));
    host_line("scan", scan_text(status, context.clock().now()));
    host_line("", status.detail);
    const Json& facts = document.at("facts");
    if (facts.is_object()) {
        if (!status.why_unknown(context.clock().now()).empty())
            std::cout << "\nwhat follows is of " << status.scanned << " and may be true no more\n";
        print_facts(facts);
        host_line("packages",
                  std::to_string(document.at("packages").size()) + " (--packages tells them)");
        print_ports(context, facts);
    }
    std::vector<std::vector<std::string>> rows;
    for (const Json& need : document.at("needs"))
        rows.push_back({text_of(need, "need"), text_of(need, "kind") + " " + text_of(need, "id"),
                        text_of(need, "reason"),
                        a_few(need.at("advisories").get<std::vector<std::string>>())});
    std::cout << "\n";
    if (rows.empty()) std::cout << "needs nothing of what is offered\n";
    else print_table(context, {"NEED", "OFFER", "WHY", "ADVISORIES"}, rows);
}

}  // namespace

void print_hosts(Context& context, const HostWords& words) {
    const std::vector<Host> hosts = inventory::HostStore(context.database()).list(filter_of(words));
    inventory::ScanStore scans(context.database());
    auto statuses = scans.statuses();
    auto summaries = scans.summaries();
    const TimePoint now = context.clock().now();
    Json items = Json::array();
    std::vector<std::vector<std::string>> rows;
    for (const Host& host : hosts) {
        const ScanStatus& status = statuses[host.name];
        const inventory::ScanSummary& seen = summaries[host.name];
        if (context.json) {
            Json item = inventory::to_json(host);
            item["scan"] = scan_json(status, now);
            item["os"] = or_null(seen.os_name);
            item["kernel"] = or_null(seen.kernel);
            item["reboot"] =
                seen.reboot.empty() || !status.why_unknown(now).empty() ? "unknown" : seen.reboot;
            items.push_back(std::move(item));
        } else {
            rows.push_back(
                {host.name, criticality_text(host), joined(host.groups),
                 seen.os_name.empty() ? "?" : seen.os_name, scan_text(status, now),
                 seen.reboot.empty() || !status.why_unknown(now).empty() ? "unknown" : seen.reboot,
                 host.gone.empty() ? "" : "gone since " + host.gone.substr(0, 10)});
        }
    }
    context.print({{"schema", "patchlab/hosts/v1"}, {"hosts", std::move(items)}}, [&] {
        if (rows.empty())
            std::cout << "No hosts. Take some in with: patchlab inventory import FILE\n";
        else
            print_table(context,
                        {"HOST", "CRITICALITY", "GROUPS", "SYSTEM", "SCANNED", "REBOOT", ""}, rows);
    });
}

void print_host(Context& context, const std::string& name, bool packages) {
    const Host host = inventory::HostStore(context.database()).get(name);
    inventory::ScanStore scans(context.database());
    const ScanStatus status = scans.status(name);
    Json document{{"schema", "patchlab/host/v1"}};
    document.update(inventory::to_json(host));
    document["scan"] = scan_json(status, context.clock().now());
    document["facts"] = scans.facts(name);
    document["packages"] = installed_json(scans.packages(name));
    document["needs"] = host.gone.empty() ? needs_of(context, name) : Json::array();
    context.print(document, [&] {
        print_host(context, host, status, document);
        if (packages) print_packages(context, document.at("packages"));
    });
}

}  // namespace patchlab::cli
