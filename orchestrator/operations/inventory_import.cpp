// SPDX-License-Identifier: Apache-2.0
//
// Hosts from an Ansible inventory or a table, and what a look at them finds.
#include "orchestrator/inventory/import.hpp"

#include <algorithm>
#include <set>

#include "orchestrator/inventory/same_host.hpp"
#include "orchestrator/inventory/scanner.hpp"
#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/guests.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/files.hpp"

namespace patchlab::operations {

namespace {

constexpr std::size_t max_table = 256U << 20, max_mistakes = 100;

bool is_table(const JsonReader& request) {
    const std::string format = request.string_or("format", "");
    if (!format.empty()) return format == "csv";
    return fs::path(request.string("file")).extension() == ".csv";
}

/// Thousands of lines may be wrong in the same way: the first ones say which.
void throw_first_mistakes(Diagnostics& mistakes, const std::string& what) {
    const std::size_t all = mistakes.items.size();
    if (all > max_mistakes) {
        mistakes.items.resize(max_mistakes);
        mistakes.add(mistakes.items.front().file, 0, "",
                     "and " + std::to_string(all - max_mistakes) + " more mistakes");
    }
    mistakes.throw_if_any(what);
}

/// An Ansible inventory may be a folder with programs in it: it is a path on the host where the
/// operation runs.
std::vector<inventory::Host> read_hosts(Call& call, const JsonReader& request,
                                        std::string& digest) {
    const std::string file = request.string("file");
    inventory::KnownNames known;
    for (const auto& [name, ignored] : inventory::HostStore(call.session.database()).windows())
        known.windows.insert(name);
    Diagnostics mistakes;
    std::vector<inventory::Host> hosts;
    if (is_table(request)) {
        const std::string text = read_file(file, max_table);
        digest = sha256_hex(text);
        hosts = inventory::hosts_of_csv(text, file, known, mistakes);
    } else {
        const std::string listing = inventory::list_ansible(
            call.session.commands(), {file, request.boolean_or("allow_scripts", false)});
        digest = sha256_hex(listing);
        hosts = inventory::hosts_of_ansible(listing, file, known, mistakes);
    }
    throw_first_mistakes(mistakes, "reading " + file);
    expect_fit_for_guests(call.session, hosts);
    return hosts;
}

/// Of hosts that were just taken in; the others were told when they were.
void warn_of_shared_addresses(Call& call, const std::vector<inventory::Host>& imported) {
    constexpr std::size_t most_warnings = 20;
    std::set<std::string> names;
    for (const inventory::Host& host : imported) names.insert(host.name);
    std::size_t told = 0;
    for (const inventory::SharedAddress& shared :
         inventory::shared_addresses(inventory::HostStore(call.session.database()).list())) {
        const bool concerned = std::any_of(shared.hosts.begin(), shared.hosts.end(),
                                           [&](const auto& host) { return names.contains(host); });
        if (!concerned) continue;
        if (++told > most_warnings)
            return call.events.warning("more hosts share their addresses than are told here");
        call.events.warning(shared.warning());
    }
}

Outcome import_hosts(Call& call, const JsonReader& request) {
    const std::string file = request.string("file");
    return during("importing " + file, [&]() -> Outcome {
        std::string digest;
        inventory::ImportRequest wanted;
        wanted.source = request.string_or("source", fs::absolute(file).lexically_normal().string());
        wanted.hosts = read_hosts(call, request, digest);
        wanted.prune = request.boolean_or("prune", false);
        wanted.take_over = request.boolean_or("take_over", false);
        inventory::ImportOutcome outcome;
        change_inventory(call, "inventory-imported", [&] {
            outcome = inventory::HostStore(call.session.database())
                          .import_inside(wanted, call.session.governance().now());
            return Audit{wanted.source,
                         {{"digest", digest},
                          {"added", outcome.added},
                          {"changed", outcome.changed},
                          {"unchanged", outcome.unchanged},
                          {"returned", outcome.returned.size()},
                          {"gone", outcome.gone.size()},
                          {"removed", outcome.removed.size()}}};
        });
        warn_of_shared_addresses(call, wanted.hosts);
        return {{{"schema", "patchlab/inventory-import/v1"},
                 {"source", wanted.source},
                 {"added", outcome.added},
                 {"changed", outcome.changed},
                 {"unchanged", outcome.unchanged},
                 {"returned", outcome.returned},
                 {"gone", outcome.gone},
                 {"removed", outcome.removed}}};
    });
}

/// A scan logs in on production hosts, often as root: recorded before it begins.
void record_scan(Call& call, const std::vector<inventory::Host>& hosts) {
    const std::string subject =
        hosts.size() == 1 ? hosts.front().name : std::to_string(hosts.size()) + " hosts";
    call.session.governance().audit.append(
        {call.actor, "inventory-scan", subject, {{"hosts", hosts.size()}}});
}

inventory::ScanRequest scan_request(Call& call, const JsonReader& request) {
    inventory::HostFilter filter = host_filter(request);
    filter.with_gone = !filter.names.empty();  // one that is gone is asked only when it is named
    inventory::ScanRequest wanted;
    wanted.hosts = inventory::HostStore(call.session.database()).list(filter);
    if (wanted.hosts.empty())
        throw Error(ErrorCode::not_found, "there is no host to scan",
                    "take hosts in with: patchlab inventory import FILE");
    wanted.forks = static_cast<std::size_t>(request.integer_or("forks", 10));
    wanted.host_deadline = Seconds(request.number_or("host_deadline", 120));
    return wanted;
}

Outcome scan_inventory(Call& call, const JsonReader& request) {
    inventory::ScanRequest wanted = scan_request(call, request);
    record_scan(call, wanted.hosts);
    Json items = Json::array();
    std::size_t scanned = 0;
    wanted.scanned = [&](const inventory::HostScanned& host) {
        items.push_back({{"host", host.host},
                         {"outcome", std::string(inventory::name(host.outcome))},
                         {"detail", or_null(host.detail)},
                         {"packages", host.packages}});
        if (host.outcome == inventory::ScanOutcome::scanned) ++scanned;
        call.events.progress("scanning hosts: " + std::to_string(items.size()) + " of " +
                             std::to_string(wanted.hosts.size()));
    };
    inventory::ScanStore scans(call.session.database());
    inventory::scan_hosts(
        [&](const inventory::AnsiblePlay& play, const inventory::AnsibleAnswered& answered) {
            inventory::AnsiblePlay mine = play;
            mine.work = call.session.state() / "tmp";
            inventory::run_play(call.session.commands(), mine, answered);
        },
        scans, call.session.clock(), wanted);
    const std::size_t all = items.size();
    return {{{"schema", "patchlab/inventory-scan/v1"},
             {"scanned", scanned},
             {"not_scanned", all - scanned},
             {"hosts", std::move(items)}},
            scanned < all ? exit_code(ErrorCode::lab) : 0};
}

}  // namespace

std::vector<Operation> inventory_source_operations() {
    using governance::Role;
    const Access scanners{{Role::tester, Role::release_manager, Role::system_owner, Role::admin},
                          "scan hosts"};
    return {
        {"inventory.import", "Take hosts in from an Ansible inventory or a table", Kind::write,
         inventory_staff("change the inventory"), import_hosts, "file"},
        {"inventory.scan", "Look at hosts over SSH, without an agent", Kind::long_write, scanners,
         scan_inventory, "", true},
    };
}

}  // namespace patchlab::operations
