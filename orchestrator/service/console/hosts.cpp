// SPDX-License-Identifier: Apache-2.0
//
// Hosts of production: what each needs, has, or what nobody knows, with the age of the scan.
#include "orchestrator/service/console/rows.hpp"
#include "orchestrator/service/console/view.hpp"
#include "platform/core/text.hpp"

namespace patchlab::service::console {

namespace {

constexpr std::size_t needs_a_page = 100;
constexpr std::size_t hosts_a_page = 100;
constexpr std::size_t packages_shown = 500;

std::vector<Call> hosts_calls(const Visit& visit) {
    Json request = newest(visit, hosts_a_page);
    if (const std::string group = visit.query.one("group"); !group.empty())
        request["groups"] = {group};
    if (const std::string level = visit.query.one("criticality"); !level.empty())
        request["criticality"] = level;
    if (const std::string name = visit.query.one("name"); !name.empty())
        request["filter"]["where"]["name"] = {name};
    request["filter"]["sort"] = "name";
    return {{"hosts", "inventory.list", request}, {"groups", "inventory.groups", Json::object()}};
}

void write_host_filter(const View& view) {
    const auto form = view.out.open("form", {{"method", "get"}, {"class", "filter"}});
    {
        const auto box = view.out.open("div", {{"class", "field"}});
        view.out.element("label", {{"for", "filter-name"}}, "Name");
        view.out.lone("input", {{"id", "filter-name"},
                                {"name", "name"},
                                {"type", "search"},
                                {"value", view.query("name")}});
    }
    filter_choice(view, "group", "Group", names_in(view.document("groups"), "groups", "name"));
    filter_choice(view, "criticality", "Criticality",
                  {"mission-critical", "business-critical", "business-operational"});
    view.out.element("button", {{"type", "submit"}}, "Filter");
    if (!view.visit.query.all().empty()) link(view.out, "/hosts", "Show all");
}

void write_scan(const View& view, const Json& host) {
    const Json& scan = object_at(host, "scan");
    const auto one = cell(view.out, "Scan");
    if (flag_at(scan, "current")) outcome(view.out, "good", "current");
    else outcome(view.out, "unsure", "unknown");
    view.out.text(" ");
    if (!text_at(scan, "scanned").empty())
        moment(view.out, text_at(scan, "scanned"), view.visit.now);
    detail_line(view.out, text_at(scan, "why_unknown"), 300);
}

void write_hosts_table(const View& view, const Json& all, const Cut& cut) {
    const auto table = view.out.open("table", {{"class", "stack"}, {"data-rows", "on"}});
    table_head(view.out, "Hosts", {"Host", "Groups", "Counts as", "System", "Scan", "Reboot"});
    const auto body = view.out.open("tbody");
    for (std::size_t i = cut.from; i < cut.to; ++i) {
        const Json& host = all[i];
        const std::string name = text_at(host, "name");
        const auto row = view.out.open("tr", {{"data-filter", name}});
        name_cell(view.out, address("/hosts/", name), name);
        {
            const auto one = cell(view.out, "Groups");
            view.out.guest(a_few(texts_at(host, "groups")), 200);
            if (!text_at(host, "gone").empty()) tag(view.out, "warn", "gone");
        }
        guest_cell(view.out, "Counts as", in_words(text_at(host, "counts_as")));
        const std::string os = text_at(host, "os");
        guest_cell(view.out, "System", os.empty() ? "not known" : os);
        write_scan(view, host);
        guest_cell(view.out, "Reboot", text_at(host, "reboot"));
    }
}

void render_hosts(const View& view) {
    heading(view.out, "Hosts", "The hosts of production, as imported and scanned.");
    write_host_filter(view);
    const Region section(view.out, "hosts", "Hosts");
    if (write_failure(view, "hosts", "the hosts")) return;
    const Json& all = list_at(*view.document("hosts"), "hosts");
    const Cut cut = cut_newest(view.visit, all.size(), hosts_a_page);
    if (all.empty()) {
        nothing_here(view.out, "No host fits.", "Hosts come from an Ansible inventory or a table:",
                     "patchlab inventory import hosts.csv");
        return;
    }
    write_hosts_table(view, all, cut);
    pager(view, cut, "hosts");
    from_a_shell(view, {{"inventory list", "inventory.list", Json::object()},
                        {"inventory scan", "inventory.scan", Json::object()}});
}

std::vector<Call> host_calls(const Visit& visit) {
    return {{"host", "inventory.show", {{"host", visit.params.one("host")}}}};
}

void write_one_need(const View& view, const Json& need) {
    const bool entry = text_at(need, "kind") == "entry";
    const auto row = view.out.open("tr");
    name_cell(view.out, address(entry ? "/catalog/" : "/patches/", text_at(need, "id")),
              text_at(need, "id"));
    {
        const auto one = cell(view.out, "Need");
        const std::string words = text_at(need, "need");
        outcome(view.out, words == "needed" ? "warn" : "unsure", words);
    }
    guest_cell(view.out, "Why", text_at(need, "reason"));
    guest_cell(view.out, "Advisories", a_few(texts_at(need, "advisories")));
}

void write_needs(const View& view, const Json& host) {
    const Region section(view.out, "needs", "What it needs");
    const Json& needs = list_at(host, "needs");
    if (needs.empty()) {
        nothing_here(view.out, "It needs nothing that is known.",
                     "Entries and patches that it has stand in the list of packages.");
        return;
    }
    const Cut cut = cut_page(view.visit, needs.size(), needs_a_page);
    {
        const auto table = view.out.open("table", {{"class", "stack"}});
        table_head(view.out, "What the host needs", {"Offer", "Need", "Why", "Advisories"});
        const auto body = view.out.open("tbody");
        for (std::size_t i = cut.from; i < cut.to; ++i) write_one_need(view, needs[i]);
    }
    pager(view, cut, "offers");
}

void write_installed(const View& view, const Json& host) {
    const Region section(view.out, "packages", "What it has");
    const Json& packages = list_at(host, "packages");
    if (packages.empty()) {
        nothing_here(view.out, "Nobody knows.", "No whole scan of this host is there.",
                     "patchlab inventory scan --host " + shell_word(text_at(host, "name")));
        return;
    }
    const auto table = view.out.open("table", {{"class", "stack"}});
    table_head(view.out, "Packages of the host", {"Package", "Version", "Architecture"});
    const auto body = view.out.open("tbody");
    for (std::size_t i = 0; i < packages.size() && i < packages_shown; ++i) {
        const auto row = view.out.open("tr", {{"data-filter", text_at(packages[i], "name")}});
        head_cell(view.out, text_at(packages[i], "name"), 200);
        guest_cell(view.out, "Version", text_at(packages[i], "version"));
        guest_cell(view.out, "Architecture", text_at(packages[i], "architecture"));
    }
}

void render_host(const View& view) {
    const std::string name = view.param("host");
    heading(view.out, name, "A host of production");
    if (write_failure(view, "host", "this host")) return;
    const Json& host = *view.document("host");
    const Json& scan = object_at(host, "scan");
    {
        const Region section(view.out, "state", "What it is");
        const auto facts = view.out.open("dl", {{"class", "facts"}});
        fact(view.out, "plain", "Counts as", in_words(text_at(host, "counts_as")));
        fact(view.out, "plain", "Owners", a_few(texts_at(host, "owners")));
        const std::string scanned = text_at(scan, "scanned");
        fact(view.out, flag_at(scan, "current") ? "good" : "unsure", "Last whole scan",
             scanned.empty() ? "Never" : distance_of(scanned, view.visit.now),
             text_at(scan, "why_unknown"));
        fact(view.out, "plain", "Reboot", text_at(host, "reboot"));
    }
    write_needs(view, host);
    write_installed(view, host);
    from_a_shell(view,
                 {{"inventory show " + shell_word(name), "inventory.show", {{"host", name}}}});
}

}  // namespace

std::vector<Screen> host_screens() {
    return {{"/hosts", "Hosts", hosts_calls, render_hosts},
            {"/hosts/{host}", "Host", host_calls, render_host}};
}

}  // namespace patchlab::service::console
