// SPDX-License-Identifier: Apache-2.0
//
// A CVE: who has it, what mends it, and where that stands. "Nobody knows" is not "nobody".
#include <algorithm>
#include <set>

#include "orchestrator/service/console/rows.hpp"
#include "orchestrator/service/console/view.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::service::console {

namespace {

constexpr std::size_t listed_hosts = 200;

std::vector<Call> cve_calls(const Visit& visit) {
    const std::string id = visit.query.one("id");
    if (id.empty()) return {{"patches", "patch.list", {{"filter", {{"limit", 500}}}}}};
    return {{"needed", "inventory.needed", {{"advisories", {id}}}}};
}

void write_cve_search(const View& view) {
    const auto form = view.out.open("form", {{"method", "get"}, {"class", "filter"}});
    {
        const auto box = view.out.open("div", {{"class", "field"}});
        view.out.element("label", {{"for", "cve"}}, "CVE or advisory");
        view.out.lone("input", {{"id", "cve"},
                                {"name", "id"},
                                {"type", "search"},
                                {"placeholder", "CVE-2026-1234"},
                                {"value", view.query("id")}});
    }
    view.out.element("button", {{"type", "submit"}}, "Look up");
}

void write_known(const View& view) {
    const Region section(view.out, "known", "Named by patches");
    if (write_failure(view, "patches", "the patches")) return;
    std::set<std::string> names;
    for (const Json& patch : list_at(*view.document("patches"), "patches"))
        for (const std::string& advisory : texts_at(patch, "advisories")) names.insert(advisory);
    if (names.empty()) {
        nothing_here(view.out, "No patch names an advisory.",
                     "Patches that come from the vendor's archive name theirs:",
                     "patchlab patch fetch --lab LAB");
        return;
    }
    const auto list = view.out.open("ul", {{"class", "names"}});
    for (const std::string& name : names) {
        const auto item = view.out.open("li");
        guest_link(view.out, "/cve" + query_text({{"id", name}}), name);
    }
}

void write_offers(const View& view, const Json& needed) {
    const Region section(view.out, "offers", "What mends it");
    const Json& offers = list_at(needed, "offers");
    if (offers.empty()) {
        nothing_here(view.out, "Nothing that is known here.",
                     "No patch and no entry of the catalog names it.");
        return;
    }
    const auto table = view.out.open("table", {{"class", "stack"}});
    table_head(view.out, "What mends it",
               {"Offer", "Where it stands", "Need it", "Have it", "Unknown"});
    const auto body = view.out.open("tbody");
    for (const Json& offer : offers) {
        const bool entry = text_at(offer, "kind") == "entry";
        const auto row = view.out.open("tr");
        name_cell(view.out, address(entry ? "/catalog/" : "/patches/", text_at(offer, "id")),
                  text_at(offer, "id"));
        text_cell(view.out, "Where it stands",
                  entry ? "approved, in the catalog" : "a candidate, not in the catalog");
        text_cell(view.out, "Need it", number_text(magnitude(number_at(offer, "needed"))));
        text_cell(view.out, "Have it", number_text(magnitude(number_at(offer, "not_needed"))));
        text_cell(view.out, "Unknown", number_text(magnitude(number_at(offer, "unknown"))));
    }
}

void write_who(const View& view, const Json& needed) {
    const Region section(view.out, "hosts", "Who has it");
    const Json& unknown = list_at(needed, "unknown_hosts");
    std::set<std::string> hosts;
    for (const Json& item : list_at(needed, "items"))
        if (text_at(item, "need") == "needed") hosts.insert(text_at(item, "host"));
    {
        const auto facts = view.out.open("dl", {{"class", "facts"}});
        fact(view.out, hosts.empty() ? "plain" : "bad", "Have it", number_text(hosts.size()));
        fact(view.out, unknown.empty() ? "plain" : "unsure", "Nobody knows",
             number_text(unknown.size()), "hosts without a scan that is new enough");
    }
    const std::size_t listed = std::min(hosts.size(), listed_hosts);
    {
        const auto list = view.out.open("ul", {{"class", "names"}});
        std::for_each_n(hosts.begin(), listed, [&](const std::string& host) {
            const auto item = view.out.open("li");
            guest_link(view.out, address("/hosts/", host), host);
        });
    }
    if (listed < hosts.size())
        view.out.element("p", {{"class", "note"}},
                         "These are the first " + number_text(listed) + " of " +
                             number_text(hosts.size()) + "; the command below names all.");
}

void render_cve(const View& view) {
    const std::string id = view.query("id");
    heading(view.out, id.empty() ? "CVEs" : id, "Who has it, what mends it, where that stands.");
    write_cve_search(view);
    if (id.empty()) {
        write_known(view);
        return;
    }
    if (write_failure(view, "needed", "who has it")) return;
    write_who(view, *view.document("needed"));
    write_offers(view, *view.document("needed"));
    from_a_shell(
        view,
        {{"inventory needed --cve " + shell_word(id), "inventory.needed", {{"advisories", {id}}}}});
}

}  // namespace

std::vector<Screen> cve_screens() { return {{"/cve", "CVEs", cve_calls, render_cve}}; }

}  // namespace patchlab::service::console
