// SPDX-License-Identifier: Apache-2.0
//
// Search over names, and the page of keys and words.
#include <algorithm>
#include <array>

#include "orchestrator/service/console/rows.hpp"
#include "orchestrator/service/console/view.hpp"
#include "platform/core/text.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::service::console {

namespace {

constexpr std::size_t hits_of_each = 20;

struct Source {
    const char* key;
    const char* operation;
    const char* list;
    const char* member;
    const char* prefix;
    const char* title;
};
constexpr std::array<Source, 6> sources{
    {{"patches", "patch.list", "patches", "id", "/patches/", "Patches"},
     {"runs", "run.list", "runs", "id", "/runs/", "Runs"},
     {"entries", "catalog.list", "entries", "id", "/catalog/", "Catalog"},
     {"rollouts", "rollout.list", "rollouts", "id", "/rollouts/", "Rollouts"},
     {"hosts", "inventory.list", "hosts", "name", "/hosts/", "Hosts"},
     {"labs", "lab.list", "labs", "name", "/labs/", "Labs"}}};

std::vector<Call> search_calls(const Visit& visit) {
    std::vector<Call> calls;
    if (visit.query.one("q").empty()) return calls;
    for (const Source& source : sources)
        calls.push_back({source.key, source.operation, Json::object()});
    return calls;
}

std::string lowered(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), small);
    return text;
}

/// The item's name, or a text or list of texts of it, holds what is looked for.
bool holds_wanted(const Json& item, const std::string& wanted) {
    for (const char* member : {"id", "name", "source", "lab", "entry", "requester", "description"})
        if (lowered(text_at(item, member)).find(wanted) != std::string::npos) return true;
    for (const char* member : {"patches", "advisories", "groups", "owners"})
        for (const std::string& text : texts_at(item, member))
            if (lowered(text).find(wanted) != std::string::npos) return true;
    return false;
}

std::size_t write_hits(const View& view, const Source& source, const std::string& wanted) {
    const Json* document = view.document(source.key);
    if (!document) {
        const Region section(view.out, source.key, source.title);
        write_failure(view, source.key, "the " + lowered(source.title));
        return 1;
    }
    std::vector<const Json*> hits;
    for (const Json& item : list_at(*document, source.list))
        if (holds_wanted(item, wanted)) hits.push_back(&item);
    if (hits.empty()) return 0;
    const Region section(view.out, source.key, source.title);
    const auto list = view.out.open("ul", {{"class", "names"}});
    for (std::size_t i = 0; i < hits.size() && i < hits_of_each; ++i) {
        const std::string name = text_at(*hits[i], source.member);
        const auto item = view.out.open("li");
        guest_link(view.out, address(source.prefix, name), name);
    }
    if (hits.size() > hits_of_each)
        view.out.element("p", {{"class", "note"}},
                         "and " + number_text(hits.size() - hits_of_each) +
                             " more: say more of what you look for");
    return hits.size();
}

void render_search(const View& view) {
    const std::string wanted = view.query("q");
    heading(view.out, "Search", wanted.empty() ? "" : "Names that hold \u201c" + wanted + "\u201d");
    std::size_t hits = 0;
    if (!wanted.empty())
        for (const Source& source : sources) hits += write_hits(view, source, lowered(wanted));
    if (hits > 0) return;
    const Region section(view.out, "nothing", "Nothing found");
    nothing_here(view.out, wanted.empty() ? "Say what you look for." : "No name holds it.",
                 "Ids, names of patches, packages, hosts, groups, owners and CVEs are searched.");
    if (lowered(wanted).starts_with("cve-"))
        link(view.out, "/cve" + query_text({{"id", wanted}}), "Look this CVE up");
}

struct Key {
    const char* keys;
    const char* does;
};
constexpr std::array<Key, 6> keys{
    {{"/", "to the search"},
     {"j and k", "to the next and the former row of a list"},
     {"Enter", "opens the row"},
     {"g then t, p, r, c, o, h", "to Today, Patches, Runs, Catalog, Rollouts, Hosts"},
     {"?", "to this page"},
     {"Esc", "out of the search"}}};

void render_help(const View& view) {
    heading(view.out, "Help", "Keys, words, and where more is written.");
    {
        const Region section(view.out, "keys", "Keys");
        view.out.element("p", {{"class", "note"}},
                         "They work where a browser runs the console's script. Without it every "
                         "page and every form works all the same.");
        const auto list = view.out.open("dl", {{"class", "keys"}});
        for (const Key& key : keys) {
            view.out.element("dt", key.keys);
            view.out.element("dd", key.does);
        }
    }
    const Region section(view.out, "words", "Words");
    const auto list = view.out.open("dl", {{"class", "keys"}});
    const auto word = [&](const char* name, const char* means) {
        view.out.element("dt", name);
        view.out.element("dd", means);
    };
    word("Run", "the rehearsal of patches in a lab; it ends with a verdict and leaves evidence");
    word("Control",
         "an unpatched clone that goes through the same steps; what it changes is noise");
    word("Unexplained", "a change that no package of the patch accounts for");
    word("Entry", "an approved run with its packages and evidence; nothing else is deployed");
    word("Ring", "hosts that a rollout patches together; later rings wait for earlier ones");
    word("Back out", "every host returns to its exact versions from before");
    word("Unknown", "nobody looked, or the look is too old; never the same as fine");
}

}  // namespace

std::vector<Screen> search_screens() {
    return {{"/search", "Search", search_calls, render_search},
            {"/help", "Help", no_calls, render_help}};
}

}  // namespace patchlab::service::console
