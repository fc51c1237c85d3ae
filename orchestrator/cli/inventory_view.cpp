// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/run_view.hpp"

#include <iostream>

#include "orchestrator/cli/request.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/inventory/scan_store.hpp"

namespace patchlab::cli {

namespace {

void host_line(const std::string& label, const std::string& text) {
    std::cout << labelled(label, text, 14);
}

std::string criticality_text(const JsonReader& host) {
    return host.string("counts_as") + (host.has("criticality") ? "" : " (nobody said)");
}

/// "3 hours ago", or why nothing is known.
std::string scan_text(const JsonReader& scan, TimePoint now) {
    return scan.boolean("current") ? inventory::age_text(scan.string("scanned"), now) + " ago"
                                   : "unknown: " + scan.string("why_unknown");
}

void print_facts(const JsonReader& facts) {
    const std::string why = facts.string_or("reboot_why", "");
    host_line("system",
              facts.string_or("os_name", "") + ", " + facts.string_or("architecture", ""));
    host_line("kernel", facts.string_or("kernel", ""));
    host_line("memory", size_text(facts.integer("memory_kib") * 1024));
    host_line("running for",
              rough_duration_text(static_cast<double>(facts.integer("uptime_seconds"))));
    host_line("reboot", facts.string_or("reboot", "") + (why.empty() ? "" : ": " + why));
    host_line("addresses", joined(facts.strings("addresses")));
    host_line("machine id", facts.string_or("machine_id", ""));
    host_line("boot id", facts.string_or("boot_id", ""));
    host_line("says image", facts.string_or("image", ""));
    host_line("services", joined(facts.strings("services")));
    for (const JsonReader& item : facts.objects("unseen"))
        host_line("not seen", item.string("what") + ": " + item.string("why"));
}

void print_ports(Context& context, const JsonReader& facts) {
    Rows rows;
    for (const JsonReader& port : facts.objects("ports")) {
        const std::string process = port.string_or("process", "");
        rows.push_back({port.string("protocol") + "/" + std::to_string(port.integer("port")),
                        port.string("address"), process.empty() ? "?" : process});
    }
    if (rows.empty()) return;
    std::cout << "\n";
    print_table(context, {"PORT", "ADDRESS", "PROCESS"}, rows);
}

void print_packages(Context& context, const JsonReader& host) {
    Rows rows;
    for (const JsonReader& package : host.objects("packages")) {
        const std::string state = package.string("state");
        rows.push_back({package.string("name"), package.string("version"),
                        package.string("architecture"), state == "installed" ? "" : state});
    }
    std::cout << "\n";
    print_table(context, {"PACKAGE", "VERSION", "ARCH", ""}, rows);
}

void print_needs(Context& context, const JsonReader& host) {
    Rows rows;
    for (const JsonReader& item : host.objects("taken_back"))
        rows.push_back({"taken back", item.string("kind") + " " + item.string("id"),
                        taken_back_text(item), a_few(item.strings("advisories"))});
    for (const JsonReader& need : host.objects("needs"))
        rows.push_back({need.string("need"), need.string("kind") + " " + need.string("id"),
                        need.string("reason"), a_few(need.strings("advisories"))});
    std::cout << "\n";
    if (rows.empty()) std::cout << "needs nothing of what is offered\n";
    else print_table(context, {"NEED", "OFFER", "WHY", "ADVISORIES"}, rows);
}

/// "ansible_host web-1.example.org, ansible_port 22".
std::string variables_text(const Json& variables) {
    std::vector<std::string> words;
    for (const auto& [name, value] : variables.items())
        words.push_back(name + " " +
                        (value.is_string() ? value.get<std::string>() : to_line(value)));
    return joined(words);
}

void print_description(const JsonReader& host) {
    const std::vector<std::string> owners = host.strings("owners");
    const std::string window = host.string_or("window", "");
    const Json& variables = host.raw("variables");
    host_line("host", host.string("name"));
    host_line("criticality", criticality_text(host));
    host_line("groups", joined(host.strings("groups")));
    host_line("owners", owners.empty() ? "nobody is named" : joined(owners));
    host_line("function", host.string_or("function", ""));
    host_line("location", host.string_or("location", ""));
    host_line("window", window.empty() ? "any time" : window);
    host_line("image", host.string_or("image", ""));
    host_line("tags", joined(host.strings("tags")));
    host_line("connection", variables_text(variables));
    host_line(
        "source",
        host.string("source") +
            (host.has("gone") ? ", which no longer names it since " + host.string("gone") : ""));
}

void print_host_text(Context& context, const JsonReader& host) {
    print_description(host);
    const JsonReader scan = host.object("scan");
    host_line("scan", scan_text(scan, context.clock().now()));
    host_line("", scan.string_or("detail", ""));
    if (host.has("facts")) {
        const JsonReader facts = host.object("facts");
        if (!scan.boolean("current"))
            std::cout << "\nwhat follows is of " << scan.string_or("scanned", "")
                      << " and may be true no more\n";
        print_facts(facts);
        host_line("packages",
                  std::to_string(host.raw("packages").size()) + " (--packages tells them)");
        print_ports(context, facts);
    }
    print_needs(context, host);
}

Cells host_row(const JsonReader& host, TimePoint now) {
    return {host.string("name"),
            criticality_text(host),
            joined(host.strings("groups")),
            host.string_or("os", "?"),
            scan_text(host.object("scan"), now),
            host.string("reboot"),
            host.has("gone") ? "gone since " + host.string("gone").substr(0, 10) : ""};
}

}  // namespace

std::string taken_back_text(const JsonReader& item) {
    const JsonReader why = item.object("taken_back");
    const std::string since = why.string_or("since", ""), reason = why.string_or("reason", "");
    return why.string("state") + " as " + why.string("entry") +
           (since.empty() ? "" : " since " + since) +
           (reason.empty() ? "" : ": " + one_line(reason));
}

void add_host_words(CLI::App& verb, HostWords& words, bool positional) {
    verb.add_option(
        positional ? "HOST" : "--host", words.names,
        positional ? "a host (may be repeated; default: all)" : "only this host (may be repeated)");
    verb.add_option("--group", words.groups, "only hosts of this group (may be repeated)");
    verb.add_option(
        "--criticality", words.criticality,
        "only hosts that count as mission-critical, business-critical or business-operational");
}

Json request_of(const HostWords& words) {
    Json request = Json::object();
    put(request, "hosts", words.names);
    put(request, "groups", words.groups);
    put(request, "criticality", words.criticality);
    return request;
}

void print_hosts(Context& context, const Json& request) {
    const Json document = context.invoke("inventory.list", request);
    print_list(
        context, document, "hosts",
        {"HOST", "CRITICALITY", "GROUPS", "SYSTEM", "SCANNED", "REBOOT", "STATE"},
        [&](const JsonReader& host) { return host_row(host, context.clock().now()); },
        "No hosts. Take some in with: patchlab inventory import FILE");
}

void print_host(Context& context, const std::string& name, bool packages) {
    const Json document = context.invoke("inventory.show", {{"host", name}});
    context.print(document, [&] {
        const JsonReader host(document, "host");
        print_host_text(context, host);
        if (packages) print_packages(context, host);
    });
}

}  // namespace patchlab::cli
